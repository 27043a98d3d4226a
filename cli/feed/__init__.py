"""``hub feed`` and ``hub ingest``: the feeds, a new one, and fetching one quarter of one without Airflow."""

import typer

from cli import feed_pages
from cli.feed import ingesting, listing, new

app = typer.Typer(no_args_is_help=True, help="What each authority sends.")
for _part in (listing, new, feed_pages):
    _part.add_to(app)


def add_to(root: typer.Typer) -> None:
    """Hang these into the root command."""
    root.add_typer(app, name="feed")
    ingesting.add_to(root)
