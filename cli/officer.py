"""``hub officer``: information governance officers and their public keys."""

from pathlib import Path
from typing import Annotated

import typer

from cli.home import existing_home, sign_log
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from publish.errors import OfficerRefused
from publish.officers import new_key, officers, register_officer

app = typer.Typer(no_args_is_help=True, help="Who may sign decisions on releases.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="officer")


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(help="Where to write the private key. It stays with the officer.")],
) -> None:
    """Make a key pair: PRIVATE with mode 0600, and PRIVATE.pub to register."""
    write_key_pair(private)
    console.print(f"Private key: {private}. Public key to register: {private}.pub.")


def write_key_pair(private: Path) -> None:
    """Write a new key pair; raises OfficerRefused rather than write over a file."""
    private.parent.mkdir(parents=True, exist_ok=True)
    secret, public = new_key()
    for path, content, mode in ((private, secret, 0o600), (Path(f"{private}.pub"), public, 0o644)):
        try:
            path.touch(mode, exist_ok=False)
        except FileExistsError:
            raise OfficerRefused(
                "The key pair is not made",
                where=str(path),
                why="a file is there, and a key written over is lost",
                fix="Choose another name",
            ) from None
        path.write_bytes(content)


@app.command()
def register(
    name: Annotated[str, typer.Argument(help="The officer's name in decisions and in the log.")],
    public_key: Annotated[Path, typer.Option(help="File of the officer's public key (PEM).", exists=True)],
) -> None:
    """Let an officer's signature count."""
    with existing_home() as settings:
        register_officer(settings, name, public_key.read_bytes())
        sign_log(settings)
    console.print(f"{name} may now sign decisions.")


@app.command("list")
def list_officers(as_json_: AsJson = False) -> None:
    """Who is registered."""
    with existing_home() as settings, transaction(settings) as connection:
        known = officers(connection)
    if as_json_:
        as_json([{"name": o.name, "role": o.role, "public_key": o.public_key.hex()} for o in known])
        return
    table("Officers", ["name", "role", "since"], [[o.name, o.role, o.registered_at.date()] for o in known])
