"""``hub feed new``: what a new feed begins with, so that it is an afternoon's work."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import read_agreement
from cli.feed.sample import Guess, look
from cli.feed.scaffold import NewFeed, Scaffold, scaffold
from cli.settings import read_settings
from cli.show import console
from hub.clock import now
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import PROJECT, Settings


class Format(StrEnum):
    """The forms that a delivery may have."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    XML = "xml"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Transport(StrEnum):
    """The ways that a delivery may come."""

    SFTP = "sftp"
    FILE = "file"
    REST = "rest"
    MESH = "mesh"
    SQL = "sql"


Name = Annotated[str, typer.Argument(help="A party's short name, a dot, and what it sends, such as prison.releases.")]
In = Annotated[Format, typer.Option("--format", help="The form that it has.")]
By = Annotated[Transport, typer.Option("--transport", help="The way that it comes.")]
Sample = Annotated[
    Path | None,
    typer.Option(
        "--from-sample", exists=True, dir_okay=False, help="A csv, json or ndjson file to guess the columns from."
    ),
]
Delimiter = Annotated[str, typer.Option("--delimiter", help="Of a csv sample.")]


def add_to(app: typer.Typer) -> None:
    """Hang the command into ``hub feed``."""
    app.command()(new)


def new(
    name: Name,
    format_: In = Format.CSV,
    transport: By = Transport.SFTP,
    from_sample: Sample = None,
    delimiter: Delimiter = ",",
) -> None:
    """Write what a new feed begins with: its file, its contract and a test; and print the terms for the agreement.

    Nothing flows under these terms until somebody has decided on each column. Of a sample no value is copied.
    """
    settings, asked = read_settings(), NewFeed(name, str(format_), str(transport), delimiter)
    guesses = look(from_sample, str(format_), delimiter) if from_sample else []
    made = scaffold(asked, guesses, _purposes(settings), Quarter.containing(now().date()))
    _write(_placed(settings, made))
    _say(settings, asked, guesses, made)


def _purposes(settings: Settings) -> list[str]:
    return [purpose.id for purpose in read_agreement(settings.agreement_path).purposes]


def _placed(settings: Settings, made: Scaffold) -> dict[Path, str]:
    """Where each file goes: the feed's into the configuration folder, what is code into the project."""
    return {
        settings.config / path.removeprefix("config/") if path.startswith("config/") else PROJECT / path: text
        for path, text in made.files.items()
    }


def _write(files: dict[Path, str]) -> None:
    for path in files:
        if path.exists():
            raise ConfigurationError(
                "The feed is not written", where=str(path), why="the file is there", fix="Name the feed otherwise"
            )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _say(settings: Settings, feed: NewFeed, guesses: list[Guess], made: Scaffold) -> None:
    for path in _placed(settings, made):
        console.print(f"Written: {path}", soft_wrap=True)
    if guesses:
        told = f"{len(guesses)} columns were guessed from the sample. Check each; if a name is a value, delete it."
        console.print(told, soft_wrap=True)
    console.print(f"\nPut this into {settings.agreement_path}, under feeds:\n", soft_wrap=True)
    print(made.terms)
    if read_agreement(settings.agreement_path).party(feed.authority) is None:
        told = (
            f"{feed.authority} is no party yet: nothing may come from it until all parties have signed that it is one."
        )
        console.print(told, soft_wrap=True)
    console.print("The whole way: docs/howto/add-a-feed.md")
