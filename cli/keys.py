"""``hub keys``: which keys there are, who may use them; making, turning, retiring and handing them over."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from audit.events import Action
from cli.home import existing_home
from cli.keys_custodian import custodian
from cli.keys_protecting import protected
from cli.keys_rotating import add_to as rekeying
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.database import transaction
from hub.feeds import AUTHORITIES
from keys import sealed
from keys.changing import SETTLED, log_key_act, retire, rotate
from keys.errors import SealedKeyRefused
from keys.grants import load_grants, write_grants
from keys.home import open_ring
from keys.key import named
from keys.pairs import read_public
from keys.provider import HeldKey
from keys.purposes import Purpose
from keys.services import Service, Use

app = typer.Typer(
    no_args_is_help=True, help="The hub's keys: which there are, who may use them, turning and retiring them."
)
KeyName = Annotated[str, typer.Argument(help="A purpose, such as storage, or recipient/NAME.")]
KeyId = Annotated[str, typer.Argument(help="A version of a key, such as storage/1.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    rekeying(app)
    root.add_typer(app, name="keys")


@app.command("list")
def list_keys(as_json_: AsJson = False) -> None:
    """Every key and version: since when there is it, and what it still does. No material is shown, ever."""
    with existing_home() as settings:
        ring = open_ring(settings, Service.CUSTODIAN)
    newest = {f"{found}/{version}" for found, version in ring.versions().items()}
    held = ring.held()
    if as_json_:
        as_json([{"key": key_id, **asdict(key), "newest": key_id in newest} for key_id, key in held.items()])
        return
    rows = [[key_id, f"{key.made_at:%Y-%m-%d %H:%M}", _state(key, key_id in newest)] for key_id, key in held.items()]
    table("Keys", ["key", "made (UTC)", "state"], rows)


def _state(key: HeldKey, newest: bool) -> str:
    if key.retired_at is not None:
        return f"retired {key.retired_at:%Y-%m-%d}"
    return "in use" if newest else "opens what it sealed"


@app.command()
def create(key: KeyName) -> None:
    """Make the first version of a key that the ring does not hold."""
    with custodian() as (settings, ring):
        purpose, name = named(key)
        if ring.has(purpose, name):
            console.print(f"There is one already: {key}.")
            return
        with transaction(settings) as connection:
            made = ring.create(purpose, name)
            log_key_act(settings, connection, ring, Action.CREATE_KEY, {"key": made.id}, recipient=name or None)
    console.print(f"Made and logged: {made.id}.")


@app.command("rotate")
def rotate_command(key: KeyName) -> None:
    """Make a further version, which everything new uses. Old versions still open what they sealed."""
    with custodian() as (settings, ring):
        purpose, name = named(key)
        made = rotate(settings, ring, purpose, protected, name)
    console.print(f"Turned and logged: {made.id} is used from now on.")
    for told in _AFTER.get(purpose, ()):
        console.print(told)


_AFTER = {
    Purpose.SOURCE: ("Seal the new version to each authority that encodes at source: hub keys seal-source.",),
    Purpose.AUDIT: ("Give each witness the log's new key beside the old one: hub audit verify prints it.",),
    Purpose.RECIPIENT: ("From the next release on this recipient knows persons by other ids than before.",),
}


@app.command("retire")
def retire_command(
    key_id: KeyId,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Not only a day after it was turned: nothing of the hub runs now.")
    ] = False,
) -> None:
    """Destroy an old version for ever. Refused while it protects anything; what that is, is told."""
    with custodian() as (settings, ring):
        retire(settings, ring, key_id, protected, timedelta(0) if at_once else SETTLED)
    console.print(f"Retired and logged: {key_id}. Nothing opens under it any more. Destroy backups of the ring too.")


@app.command()
def export_public(
    key: Annotated[str, typer.Argument(help="A key that signs: audit or agreement.")] = "audit",
    version: Annotated[int | None, typer.Option(help="Else the newest.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write it; else it is printed.")] = None,
) -> None:
    """The public half of a key that signs (PEM)."""
    with existing_home() as settings:
        purpose, _ = named(key)
        pem = open_ring(settings, Service.CUSTODIAN).public(purpose, version=version).pem()
    if out is None:
        print(pem.decode(), end="")
        return
    out.write_bytes(pem)
    console.print(f"The public key is in {out}.")


@app.command()
def grants(as_json_: AsJson = False) -> None:
    """Which service may use which key, and for what."""
    with existing_home() as settings:
        held = load_grants(settings)
    if as_json_:
        as_json(held.model_dump(mode="json") | {"sha256": held.digest})
        return
    rows = [[service, key, ", ".join(uses)] for service, own in held.grants.items() for key, uses in own.items()]
    table("Grants", ["service", "key", "may"], rows)


@app.command()
def grant(
    service: Annotated[Service, typer.Argument(help="The part of the hub.")],
    key: Annotated[str, typer.Argument(help="A purpose, recipient/NAME, or recipient/* for any recipient's.")],
    uses: Annotated[list[Use] | None, typer.Argument(help="All that it may do with the key; none: nothing.")] = None,
) -> None:
    """Let a service use a key for exactly this, in the configuration's keys.yaml, and log it."""
    with custodian() as (settings, ring):
        changed = load_grants(settings).granting(service, key, uses or [])
        about = {
            "service": service,
            "key": key.replace("*", "any"),
            "uses": ":".join(sorted(map(str, uses or ()))) or "none",
        }
        with transaction(settings) as connection:
            detail = about | {"grants": changed.digest}
            log_key_act(settings, connection, ring, Action.GRANT_KEY, detail)
            write_grants(settings, changed)
    may = ", ".join(uses) if uses else "do nothing"
    console.print(f"Granted and logged: {service} may {may} with {key}.")


@app.command()
def seal_source(
    to: Annotated[str, typer.Option(help="The authority, such as health.")],
    public_key: Annotated[Path, typer.Option(help="Its public key, from hub source keygen.", exists=True)],
    out: Annotated[Path, typer.Option(help="Where to write the sealed copy.")],
    version: Annotated[int | None, typer.Option(help="Else the newest.")] = None,
) -> None:
    """Seal the source key to an authority's public key, so that only it can open the copy. It is logged first."""
    if to not in AUTHORITIES:
        raise _no_copy(to, "it is no authority", f"Name one of {', '.join(AUTHORITIES)}")
    if out.exists():
        raise _no_copy(str(out), "a file is there", "Choose another name")
    with custodian() as (settings, ring):
        public, key = read_public(public_key), ring.hand_over(Purpose.SOURCE, version)
        content = sealed.seal(key, to, public, now().date())
        detail = {"key": key.id, "sealed_to": sealed.fingerprint(public)}
        with transaction(settings) as connection:
            why = "its share of the source key, sealed to its public key"
            log_key_act(settings, connection, ring, Action.HAND_OVER_KEY, detail, recipient=to, justification=why)
        out.write_bytes(content)
    console.print(f"{key.id} is sealed to {to}: {out}. Compare by telephone once it is opened: {sealed.check(key)}")


def _no_copy(where: str, why: str, fix: str) -> SealedKeyRefused:
    return SealedKeyRefused("The source key is not sealed", where=where, why=why, fix=fix)
