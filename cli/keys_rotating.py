"""``hub keys rekey``: bring all stored tokens under a new version of a key, agreed to by two authorities."""

from enum import StrEnum
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
from keys.purposes import Purpose
from pseudonymise.scheme_keys import token_key
from rotation.deciding import Asked, agreed_by, ask, ask_end, decide, find, rotations
from rotation.errors import WordRefused
from rotation.overlap import Latest, latest_of_each_feed
from rotation.rekeying import run
from rotation.word import Verdict

app = typer.Typer(
    no_args_is_help=True,
    help="Bring all stored tokens under a new version of the hub key or the source key: ask, have officers of two "
    "authorities approve, run. Killed anywhere, run it again.",
)


class TurnedKey(StrEnum):
    """The keys that lie on stored tokens."""

    HUB = Purpose.HUB
    SOURCE = Purpose.SOURCE


Rotation = Annotated[str, typer.Argument(help="The rotation's hash, or its first 8 digits or more.")]
Officer = Annotated[str, typer.Option(help="Your name as registered.")]
Key = Annotated[Path, typer.Option(help="File of your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")]


def add_to(keys: typer.Typer) -> None:
    """Hang these commands below ``hub keys``."""
    keys.add_typer(app, name="rekey")


@app.command("ask")
def ask_command(
    reason: Reason,
    key: Annotated[TurnedKey, typer.Option(help="Which key: the hub's own, or the one that authorities share.")] = (
        TurnedKey.HUB
    ),
) -> None:
    """As the custodian, ask for it. Nothing changes before officers of two authorities approve."""
    with custodian() as (settings, ring):
        now_under = token_key(ring)
        asked = ask(settings, ring, reason, Purpose(key))
    console.print(f"Asked for and logged: all tokens from {now_under} to {asked.rotation.key_id}.")
    console.print(f"Two officers approve it by its hash: {asked.digest}")


@app.command("end")
def end_command(reason: Reason) -> None:
    """As the custodian, ask that the overlap after a turn of the source key ends: it takes two officers too.

    From then on a delivery that was encoded without the new version is refused whole. Whose would be, is told.
    """
    with custodian() as (settings, ring):
        asked = ask_end(settings, ring, reason)
        with transaction(settings) as connection:
            latest = latest_of_each_feed(connection)
    console.print(f"Asked for and logged: what arrives without {asked.rotation.key_id} is refused.")
    rows = [[each.feed, each.delivery, each.source_keys, _told(each, asked)] for each in latest]
    table("How feeds came the last time", ["feed", "delivery", "under", "its next one"], rows)
    console.print(f"Two officers approve it by its hash: {asked.digest}")


def _told(latest: Latest, asked: Asked) -> str:
    return "as it is" if latest.under(asked.rotation.to_version) else "refused, unless it has changed by then"


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
        with transaction(settings) as connection:
            asked = find(connection, rotation)
    if asked.rotation.overlap:
        console.print(f"Done and logged: what arrives without {asked.rotation.key_id} is refused from now on.")
        return
    console.print(f"Re-keyed and logged: {done.rekeyed} deliveries.")
    if done.left:
        console.print(f"{done.left} came meanwhile under the old version. Run it again.")
    else:
        console.print("Every stored token is under the new version. Linking can go on.")
        if asked.rotation.key == "source":
            console.print(
                f"Seal {asked.rotation.key_id} to each authority that encodes at source: hub keys seal-source."
            )


@app.command("list")
def list_rotations(as_json_: AsJson = False) -> None:
    """What was asked for, by whom, who approves, and whether it is done."""
    with existing_home() as settings, transaction(settings) as connection:
        found = [(asked, _standing(settings, connection, asked.digest)) for asked in rotations(connection)]
    if as_json_:
        as_json([_listed(asked) | {"standing": standing} for asked, standing in found])
        return
    rows = [[*map(str, _listed(asked).values()), standing] for asked, standing in found]
    table("Rotations", ["rotation", "key", "from", "to", "asked by", "finished", "approved by"], rows)


def _listed(asked: Asked) -> dict[str, object]:
    said = asked.rotation
    finished = f"{asked.finished_at:%Y-%m-%d %H:%M}" if asked.finished_at else "not yet"
    return {
        "rotation": asked.digest[:12],
        "key": f"{said.key}, overlap ends" if said.overlap else said.key,
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
