"""``hub source``: what an authority runs on its own machine to get its share of the source key. Needs no hub."""

import secrets
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from cli.show import console
from cli.source_encode import add_commands
from cli.source_open import add_commands as add_opening
from cli.subject_tokens import add_commands as add_tokens
from hub.clock import now
from hub.feeds import AUTHORITIES
from keys import sealed
from keys.errors import SealedKeyRefused
from keys.key import KEY_BYTES, Key
from keys.pairs import read_private, read_public, write_pair
from keys.purposes import Purpose

app = typer.Typer(no_args_is_help=True, help="What an authority runs on its own machine, without a hub.")
Protected = Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase that seals the private key.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    add_commands(app)
    add_tokens(app)
    add_opening(app)
    root.add_typer(app, name="source")


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(help="Where to write the private key. It never leaves this machine.")],
    passphrase: Protected = False,
) -> None:
    """Make a key pair: PRIVATE with mode 0600, and PRIVATE.pub, to which the source key is sealed for you."""
    public = write_pair(private, _asked(passphrase, confirm=True))
    console.print(f"Private key: {private}. Send {private}.pub to the hub, and tell its fingerprint by telephone:")
    console.print(sealed.fingerprint(public))


@app.command()
def open_key(
    copy: Annotated[Path, typer.Argument(help="The sealed copy of the source key.", exists=True, dir_okay=False)],
    private: Annotated[Path, typer.Option(help="Your private key.", exists=True)],
    passphrase: Protected = False,
) -> None:
    """See that a sealed copy opens with your private key. The source key is not written anywhere: keep the copy."""
    content = copy.read_bytes()
    head, key = sealed.head(content), sealed.open(content, read_private(private, _asked(passphrase)))
    console.print(f"It opens: {head.key}, sealed to {head.to} on {head.made_on}.")
    console.print(f"Compare by telephone with whoever sealed it: {sealed.check(key)}")


@app.command()
def new_key(
    shares: Annotated[list[str], typer.Argument(help="AUTHORITY=PUBLIC_KEY for each, such as health=health.pub.")],
    out: Annotated[Path, typer.Option(help="A folder for the sealed copies.")],
    version: Annotated[int, typer.Option(min=1, help="Which version of the source key it is.")] = 1,
) -> None:
    """Make a source key and seal it to each authority. It exists nowhere else: no hub, and no file, has it in clear."""
    key = Key(f"{Purpose.SOURCE}/{version}", secrets.token_bytes(KEY_BYTES))
    copies = {}
    for share in shares:
        to, _, file = share.partition("=")
        if to not in AUTHORITIES or not Path(file).is_file():
            raise _wrong(
                share, f"it is not AUTHORITY=FILE, with one of {', '.join(AUTHORITIES)} and a file that is there"
            )
        copies[out / f"{to}-source-{version}.sealed"] = sealed.seal(key, to, read_public(Path(file)), now().date())
    for path in copies:
        if path.exists():
            raise _wrong(str(path), "a file is there")
    out.mkdir(parents=True, exist_ok=True)
    for path, content in copies.items():
        path.write_bytes(content)
    console.print(f"Sealed to {len(copies)} authorities in {out}. Each compares by telephone: {sealed.check(key)}")


def _asked(wanted: bool, *, confirm: bool = False) -> SecretStr | None:
    if not wanted:
        return None
    return SecretStr(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))


def _wrong(where: str, why: str) -> SealedKeyRefused:
    return SealedKeyRefused("No source key is made", where=where, why=why, fix="Correct it and run again")
