"""``hub ingest``: fetching one quarter of one feed without Airflow."""

from typing import Annotated

import typer

from cli.home import existing_home
from cli.show import Period, console, table
from hub.feeds import load_feed
from hub.periods import Quarter


def add_to(root: typer.Typer) -> None:
    """Hang the command into the root."""
    root.command("ingest")(ingest)


def ingest(
    feed: Annotated[str, typer.Argument(help="A feed such as police.recorded_crime.")],
    period: Period,
) -> None:
    """Fetch one feed's delivery for a quarter, check it, split it and keep it.

    Stopped half-way, run it again: it goes on where it stopped.
    """
    from ingest.journey import admit, collect  # noqa: PLC0415  # takes longer to import than a list of feeds to show

    with existing_home() as settings:
        known = load_feed(settings.config, feed)
        done = admit(settings, collect(settings, known.name, Quarter.parse(period)))
    console.print(
        f"{done.delivery}: {done.state}; received {done.received:,}, accepted {done.accepted:,}, "
        f"quarantined {done.quarantined:,}."
    )
    if done.reasons:
        table("Quarantined", ["reason", "column", "rows"], [[r.reason, r.column, r.rows] for r in done.reasons])
        console.print(f"Report them to {known.owner}: hub quarantine export {done.delivery} FOLDER", soft_wrap=True)
