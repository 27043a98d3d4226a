"""``hub source open``: an authority opens what the hub sealed to it, on its own machine, without a hub."""

import base64
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from agreement.policy import read_agreement
from cli.settings import read_settings
from cli.show import console
from hub.errors import ConfigurationError
from keys import sealed
from keys.file import write_private
from keys.pairs import read_private, read_public
from reidentify.reading import Read, read


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into ``hub source``."""
    app.command("open")(open_file)
    app.command("sealing-key")(sealing_key)


def sealing_key(
    public: Annotated[Path, typer.Argument(help="Your public key: PRIVATE.pub of hub source keygen.", exists=True)],
) -> None:
    """Show a public key as the agreement states it, so that what only you may read is sealed to it."""
    console.print(f"sealing_key: {base64.b64encode(read_public(public).public_bytes_raw()).decode()}", soft_wrap=True)


def open_file(
    file: Annotated[Path, typer.Argument(help="A file from your authority's outbox.", exists=True, dir_okay=False)],
    private: Annotated[Path, typer.Option(help="Your private key, to which it is sealed.", exists=True)],
    out: Annotated[Path, typer.Option(help="A folder for your references: a CSV file a feed, for your eyes only.")],
    agreement: Annotated[
        Path | None, typer.Option(help="The signed agreement that you hold; else the configuration's.")
    ] = None,
    source_key: Annotated[
        Path | None,
        typer.Option(help="Your first sealed copy of the source key, if you encode at source.", exists=True),
    ] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for your private key's passphrase.")] = False,
) -> None:
    """Open what was re-identified: which of your own records are meant, proved by the officers' signatures.

    Needs no hub and no network. The references go into files of mode 0600 and are not shown. Exit 1: nothing is proved.
    """
    word = SecretStr(typer.prompt("Passphrase", hide_input=True, err=True)) if passphrase else None
    key = read_private(private, word)
    held = read_agreement(agreement or read_settings().agreement_path)
    source = sealed.open(source_key.read_bytes(), key) if source_key else None
    told = read(file.read_bytes(), key, held, source)
    targets = {feed: out / f"{feed}.csv" for feed in told.tables}
    for path in targets.values():
        _not_there(path)
    for feed, path in targets.items():
        write_private(path, told.tables[feed].write_csv().encode())
    _show(told, targets)


def _show(told: Read, targets: dict[str, Path]) -> None:
    """Who asked what for, who approved, and where the references are; none of them."""
    said = told.asked
    console.print(f"Request {told.head.request[:12]} to {told.head.to}, sealed on {told.head.sealed_at:%Y-%m-%d}.")
    console.print(f"{said.officer} asked for {said.purpose}, under {said.clause}: {said.reason}", soft_wrap=True)
    for word in told.words:
        console.print(f"{word.officer} approved: {word.reason}", soft_wrap=True)
    for feed, path in targets.items():
        console.print(f"{told.tables[feed].height:,} of your records in {feed}: {path}", soft_wrap=True)


def _not_there(path: Path) -> None:
    if path.exists():
        raise ConfigurationError(
            "Nothing is written", where=str(path), why="a file is there already", fix="Name another folder with --out"
        )
