"""``hub keys rekey``: bring all stored tokens under a new version of the hub key, agreed to by two authorities."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from agreement.policy import load_agreement
from cli.home import existing_home
from cli.keys_custodian import custodian
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from hub.settings import Settings
from rotation.deciding import Asked, agreed_by, ask, decide, rotations
from rotation.errors import WordRefused
from rotation.rekeying import run
from rotation.word import Verdict

app = typer.Typer(
    no_args_is_help=True,
    help="Bring all stored tokens under a new version of the hub key: ask, have officers of two authorities approve, "
    "run. Killed anywhere, run it again.",
)
Rotation = Annotated[str, typer.Argument(help="The rotation's hash, or its first 8 digits or more.")]
Officer = Annotated[str, typer.Option(help="Your name as registered.")]
Key = Annotated[Path, typer.Option(help="File of your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")]


def add_to(keys: typer.Typer) -> None:
    """Hang these commands below ``hub keys``."""
    keys.add_typer(app, name="rekey")


@app.command("ask")
def ask_command(reason: Reason) -> None:
    """As the custodian, ask for it. Nothing changes before officers of two authorities approve."""
    with custodian() as (settings, ring):
        asked = ask(settings, ring, reason)
    said = asked.rotation
    console.print(f"Asked for and logged: all tokens from hub/{said.from_version} to hub/{said.to_version}.")
    console.print(f"Two officers approve it by its hash: {asked.digest}")


@app.command()
def approve(rotation: Rotation, officer: Officer, key: Key, reason: Reason) -> None:
    """As an officer, sign an approval of this very rotation. It needs two, appointed by different authorities."""
    _decide(rotation, Verdict.APPROVE, officer, key, reason)


@app.command()
def refuse(rotation: Rotation, officer: Officer, key: Key, reason: Reason) -> None:
    """As an officer, sign a refusal. One is enough to stop it."""
    _decide(rotation, Verdict.REFUSE, officer, key, reason)


def _decide(rotation: str, verdict: Verdict, officer: str, key: Path, reason: str) -> None:
    with existing_home() as settings:
        signed = decide(settings, rotation, verdict=verdict, reason=reason, officer=officer, key=key.read_bytes())
        said = signed.word
        with transaction(settings) as connection:
            standing = _standing(settings, connection, said.rotation)
    done = "approved" if verdict is Verdict.APPROVE else "refused"
    console.print(
        f"Signed and logged: {officer} {done} rotation {said.rotation[:12]} until {said.expires_at:%Y-%m-%d}."
    )
    console.print(standing)


@app.command("run")
def run_command(
    rotation: Annotated[str | None, typer.Argument(help="The rotation's hash; else the newest.")] = None,
) -> None:
    """As the custodian, do it, or go on where a run was stopped. Linking waits until it is done."""
    with custodian() as (settings, ring):
        if rotation is None:
            with transaction(settings) as connection:
                newest = next(iter(rotations(connection)), None)
            rotation = newest.digest if newest else ""
        done = run(settings, ring, rotation)
    console.print(f"Re-keyed and logged: {done.rekeyed} deliveries.")
    if done.left:
        console.print(f"{done.left} came meanwhile under the old version. Run it again.")
    else:
        console.print("Every stored token is under the new version. Linking can go on.")


@app.command("list")
def list_rotations(as_json_: AsJson = False) -> None:
    """What was asked for, by whom, who approves, and whether it is done."""
    with existing_home() as settings, transaction(settings) as connection:
        found = [(asked, _standing(settings, connection, asked.digest)) for asked in rotations(connection)]
    if as_json_:
        as_json([_listed(asked) | {"standing": standing} for asked, standing in found])
        return
    rows = [[*map(str, _listed(asked).values()), standing] for asked, standing in found]
    table("Rotations of the hub key", ["rotation", "from", "to", "asked by", "finished", "approved by"], rows)


def _listed(asked: Asked) -> dict[str, object]:
    said = asked.rotation
    finished = f"{asked.finished_at:%Y-%m-%d %H:%M}" if asked.finished_at else "not yet"
    return {
        "rotation": asked.digest[:12],
        "from": said.from_version,
        "to": said.to_version,
        "asked_by": said.asked_by,
        "finished": finished,
    }


def _standing(settings: Settings, connection: Connection, rotation: str) -> str:
    try:
        return "Approved by officers of " + " and ".join(agreed_by(connection, load_agreement(settings), rotation))
    except WordRefused as refusal:
        return f"Not yet: {refusal.why}."
