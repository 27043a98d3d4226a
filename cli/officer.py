"""``hub officer``: information governance officers and their public keys."""

from pathlib import Path
from typing import Annotated

import typer

from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from hub.settings import Settings
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
    """Write a new key pair; refuses to overwrite."""
    private.parent.mkdir(parents=True, exist_ok=True)
    secret, public = new_key()
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(secret)
    Path(f"{private}.pub").write_bytes(public)


@app.command()
def register(
    name: Annotated[str, typer.Argument(help="The officer's name in decisions and in the log.")],
    public_key: Annotated[Path, typer.Option(help="File of the officer's public key (PEM).", exists=True)],
) -> None:
    """Let an officer's signature count."""
    register_officer(Settings(), name, public_key.read_bytes())
    console.print(f"{name} may now sign decisions.")


@app.command("list")
def list_officers(as_json_: AsJson = False) -> None:
    """Who is registered."""
    with transaction(Settings()) as connection:
        known = officers(connection)
    if as_json_:
        as_json([{"name": o.name, "role": o.role, "public_key": o.public_key.hex()} for o in known])
        return
    table("Officers", ["name", "role", "since"], [[o.name, o.role, o.registered_at.date()] for o in known])
