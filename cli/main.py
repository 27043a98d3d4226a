"""The ``hub`` command. Exit 0: done. 1: refused or failed, with one sentence. 2: wrong use."""

import sys

import typer

from cli import agreement, audit, database, demo, feed, link, officer, release, running, status
from hub.errors import HubError

app = typer.Typer(
    name="hub",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The data-sharing integration hub of a community safety partnership.\n\n"
    "New here? `hub demo` runs everything once on a synthetic borough and tells what came out; "
    "`hub up` then leaves it running for you to look at.",
)
for noun in (demo, running, status, feed, link, release, officer, audit, agreement, database):
    noun.add_to(app)


def main() -> None:
    """Run the command; a refusal or failure is one sentence on standard error and exit 1."""
    try:
        app()
    except HubError as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(1)
