"""``hub feed`` and ``hub ingest``: the feeds, and fetching one quarter of one without Airflow."""

from typing import Annotated

import typer

from cli import feed_pages
from cli.home import existing_home, read_settings
from cli.show import Period, console, table
from hub.feeds import load_feed, load_feeds
from hub.periods import Quarter
from ingest.journey import admit, collect

app = typer.Typer(no_args_is_help=True, help="What each authority sends.")
feed_pages.add_to(app)


def add_to(root: typer.Typer) -> None:
    """Hang these into the root command."""
    root.add_typer(app, name="feed")
    root.command("ingest")(ingest)


@app.command("list")
def list_feeds() -> None:
    """Every feed under config/feeds."""
    rows = [
        [f.name, f.authority, f.transport.kind, f.format, f.title] for f in load_feeds(read_settings().config).values()
    ]
    table("Feeds", ["feed", "authority", "transport", "format", "what it is"], rows)


def ingest(
    feed: Annotated[str, typer.Argument(help="A feed such as police.recorded_crime.")],
    period: Period,
) -> None:
    """Fetch one feed's delivery for a quarter, check it, split it and keep it.

    Stopped half-way, run it again: it goes on where it stopped.
    """
    with existing_home() as settings:
        known = load_feed(settings.config, feed)
        done = admit(settings, collect(settings, known.name, Quarter.parse(period)))
    console.print(
        f"{done.delivery}: {done.state}; received {done.received:,}, accepted {done.accepted:,}, "
        f"quarantined {done.quarantined:,}."
    )
    if done.reasons:
        table("Quarantined", ["reason", "column", "rows"], [[r.reason, r.column, r.rows] for r in done.reasons])
