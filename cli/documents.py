"""``hub agreement documents``: what people and other systems read of the agreement."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import read_agreement
from cli.home import read_settings
from cli.show import console
from documents.dictionary import Words
from documents.write import documents as made_from
from documents.write import write
from hub.clock import now
from hub.feeds import load_feeds

Folder = Annotated[Path, typer.Argument(help="Where to; what these documents did not make there is left alone.")]
File = Annotated[Path | None, typer.Option("--agreement", help="Another agreement than the hub's own.")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As it stands on a day; else today.")]


def add_to(app: typer.Typer) -> None:
    """Hang the command into ``hub agreement``."""
    app.command()(documents)


def documents(folder: Folder, agreement: File = None, on: Day = None) -> None:
    """Write the agreement as documents: to sign, the record of processing, the data flow, the data contracts."""
    settings = read_settings()
    text = read_agreement(agreement or settings.agreement_path)
    day = (on or now()).date()
    words = Words.of(settings.config)
    made = made_from(text, load_feeds(settings.config), day, settings.code_commit, words=words)
    write(folder, made)
    console.print(f"{len(made)} documents of {text.id} {text.version}, as it stands on {day}.", soft_wrap=True)
    console.print(f"Begin with {folder / 'index.html'}", soft_wrap=True)
