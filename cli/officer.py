"""``hub officer``: who may sign decisions on releases, because a party to the agreement said so."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from agreement.model import Agreement
from agreement.policy import load_agreement, read_agreement
from agreement.rules import in_force
from cli.home import existing_home, read_settings
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.database import transaction
from publish import appointing
from publish.appointment import Appointment, Word
from publish.errors import OfficerRefused
from publish.officers import register, roll
from publish.roll import Roll

app = typer.Typer(no_args_is_help=True, help="Who may sign decisions on releases.")
Name = Annotated[str, typer.Argument(help="The officer's name in decisions and in the log.")]
PublicKey = Annotated[Path, typer.Option(help="File of the officer's public key (PEM).", exists=True)]
Party = Annotated[str, typer.Option(help="The party that speaks, such as council.")]
PartyKey = Annotated[Path, typer.Option(help="File of the party's private key (PEM).", exists=True)]
Out = Annotated[Path, typer.Option(help="Where to write the document for the hub.")]
AgreementFile = Annotated[Path | None, typer.Option("--agreement", help="The agreement's file. Else the hub's own.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="officer")


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(help="Where to write the private key. It stays with its owner.")],
) -> None:
    """Make a key pair: PRIVATE with mode 0600, and PRIVATE.pub to be appointed with."""
    write_key_pair(private)
    console.print(f"Private key: {private}. Public key to be appointed with: {private}.pub.")


def write_key_pair(private: Path) -> None:
    """Write a new key pair; raises OfficerRefused rather than write over a file."""
    private.parent.mkdir(parents=True, exist_ok=True)
    secret, public = appointing.new_key()
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
def appoint(
    name: Name, public_key: PublicKey, party: Party, party_key: PartyKey, until: Day, out: Out,
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Else today.")] = None,
    agreement: AgreementFile = None,
) -> None:  # fmt: skip
    """As a party, sign that somebody may decide on releases. Needs no hub, only the agreement's file."""
    first = from_.date() if from_ else now().date()
    said = (name, public_key.read_bytes(), party, party_key.read_bytes(), first, until.date())
    _hand_over(appointing.appoint(_agreement(agreement), *said), out)


@app.command()
def dismiss(
    name: Name, public_key: PublicKey, party: Party, party_key: PartyKey, out: Out, agreement: AgreementFile = None
) -> None:
    """As a party, sign that a key speaks for an officer no more. Needs no hub either."""
    said = (name, public_key.read_bytes(), party, party_key.read_bytes(), now().date())
    _hand_over(appointing.dismiss(_agreement(agreement), *said), out)


def _agreement(path: Path | None) -> Agreement:
    return read_agreement(path or read_settings().agreement_path)


def _hand_over(word: Word, out: Path) -> None:
    out.write_bytes(word.document())
    console.print(f"{word.party} signed it: {out}. It counts once the hub has it: hub officer register {out}")


@app.command("register")
def register_command(
    document: Annotated[Path, typer.Argument(help="What a party signed: appointment or dismissal.", exists=True)],
) -> None:
    """Verify an appointment or a dismissal, keep it and log it."""
    with existing_home() as settings:
        word = register(settings, document.read_bytes())
    done = "may sign decisions, by appointment of" if word.type == "hub/appointment/1" else "was dismissed by"
    console.print(f"Registered and logged: {word.officer} {done} {word.party}.")


@app.command("list")
def list_officers(as_json_: AsJson = False) -> None:
    """Who was appointed by whom, for how long, and whether it counts today."""
    with existing_home() as settings, transaction(settings) as connection:
        known = roll(connection, load_agreement(settings))
    found = [_listed(known, appointment, now().date()) for appointment in known.appointments]
    if as_json_:
        as_json({"officers": found, "unreadable": known.unreadable})
        return
    shown = [[o["name"], o["party"], o["from"], o["until"], o["why_not"] or "counts"] for o in found]
    table("Officers", ["name", "appointed by", "from", "until", "today"], shown)
    for digest in known.unreadable:
        console.print(f"A document was altered and says nothing any more: {digest}.")


def _listed(known: Roll, appointment: Appointment, on: date) -> dict[str, object]:
    violation = next(in_force(known.agreement, on), None)
    why_not = f"the agreement is not in force: {violation.why}" if violation else known.objection(appointment, on)
    return {
        "name": appointment.officer,
        "party": appointment.party,
        "from": appointment.from_on,
        "until": appointment.until_on,
        "public_key": appointment.public_key,
        "counts": why_not is None,
        "why_not": why_not,
    }
