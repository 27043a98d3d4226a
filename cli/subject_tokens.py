"""``hub source tokens``: a person's details become tokens on an authority's own machine, without a hub."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from cli.show import console
from hub.errors import ConfigurationError
from keys import sealed
from keys.pairs import read_private
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.subject import source_form
from schemas.contract import Identifier

Out = Annotated[Path, typer.Option("--out", help="A file that is not there yet; it is written with mode 0600.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the command into ``hub source``."""
    app.command("tokens")(tokens_command)


def tokens_command(
    source_key: Annotated[Path, typer.Option(help="Your sealed copy of the source key, the first one.", exists=True)],
    private: Annotated[Path, typer.Option(help="Your private key, which opens it.", exists=True)],
    out: Out,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for your private key's passphrase.")] = False,
) -> None:
    """At an authority, without a hub: turn a person's details into tokens, to be sent to the hub's officer.

    The details are asked for, or piped in as JSON ({"forename": ..., "date_of_birth": "YYYY-MM-DD", ...}). They are
    never given on the command line, which other users of the machine can see, and are written nowhere.
    """
    word = SecretStr(typer.prompt("Passphrase", hide_input=True, err=True)) if passphrase else None
    keys = SourceKeys(sealed.open(source_key.read_bytes(), read_private(private, word)))
    write_own(out, source_form(asked_details(), keys))
    console.print(f"Written: {out}. Send it as you send a delivery, and delete it then. It holds no detail.")


def asked_details() -> dict[str, str]:
    """What is typed in, or piped in as one JSON object; errors never repeat it."""
    if sys.stdin.isatty():
        ask: Callable[[str], str] = lambda name: typer.prompt(name, default="", show_default=False, err=True)  # noqa: E731
        return {str(each): ask(each.replace("_", " ").capitalize()) for each in Identifier}
    try:
        read = json.loads(sys.stdin.read())
    except ValueError:
        read = None
    if isinstance(read, dict) and all(isinstance(value, str) for value in read.values()):
        return read
    raise ConfigurationError(
        "The details cannot be read",
        where="standard input",
        why="it is not one JSON object of texts",
        fix='Pipe {"forename": "...", "surname": "...", "date_of_birth": "YYYY-MM-DD"}',
    )


def write_own(out: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner alone."""
    require_free(out)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def require_free(out: Path) -> None:
    """Raise ConfigurationError if a file is there."""
    if out.exists():
        raise ConfigurationError(
            "Nothing is written", where=str(out), why="a file is there already", fix="Name another with --out"
        )
