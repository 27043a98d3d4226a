"""``hub feed pages``: the pages of the feeds, and the table of DAGs, from contracts, feeds' files and the agreement."""

from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import read_agreement
from cli.home import read_settings
from cli.show import console
from documents.feed_pages.write import differing, pages, write
from hub.feeds import load_feeds

Docs = Annotated[Path, typer.Argument(help="The folder that holds feeds/; what is not a feed's page there goes.")]
File = Annotated[Path | None, typer.Option("--agreement", help="Another agreement than the hub's own.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a page is out of date.")]


def add_to(app: typer.Typer) -> None:
    """Hang the command into ``hub feed``."""
    app.command("pages")(feed_pages)


def feed_pages(docs: Docs = Path("docs"), agreement: File = None, check: Check = False) -> None:
    """Write a page for each feed: what its rows must look like, on which terms it flows, how a bad row is mended."""
    settings = read_settings()
    made = pages(read_agreement(agreement or settings.agreement_path), load_feeds(settings.config))
    changed = differing(docs, made) if check else write(docs, made)
    for path in changed:
        console.print(f"{'out of date' if check else 'written'}: {docs / path}", soft_wrap=True)
    console.print(f"{len(made)} pages, {len(changed)} {'out of date' if check else 'changed'}.")
    raise typer.Exit(1 if check and changed else 0)
