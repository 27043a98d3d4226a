"""``hub reidentify``: the one road back. It leads to the authority that knew the person already, and to nobody else."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.home import existing_home, sign_log
from cli.show import AsJson, as_json, console, table
from cli.source_open import open_file
from hub.clock import now
from hub.database import transaction
from keys.home import open_ring
from keys.services import Service
from reidentify.asking import Officer, ask, decide
from reidentify.fulfilling import fulfil
from reidentify.proving import short
from reidentify.statements import Signed, Verdict, Word
from reidentify.stored import Kept, every_request, find_request, words_on
from reidentify.target import HUB, About, Target

HELP = "The one road back: a record's own authority is told which of its records is meant."
app = typer.Typer(no_args_is_help=True, help=HELP)
Id = Annotated[str, typer.Argument(help="The id that is meant; - reads it from standard input, unseen.")]
Name = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's hash, or its first 8 digits or more.")]
OfficerName = Annotated[str, typer.Option(help="Your name as registered.")]
Key = Annotated[Path, typer.Option(help="File of your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    app.command("open")(open_file)
    root.add_typer(app, name="reidentify")


@app.command()
def request(
    target: Id,
    feed: Annotated[list[str], typer.Option(help="Whose records: such as police.recorded_crime. As often as needed.")],
    purpose: Annotated[str, typer.Option(help="A purpose of the agreement that the feeds' controllers consent to.")],
    clause: Annotated[str, typer.Option(help="The law under which you ask. It is logged.")],
    reason: Reason,
    officer: OfficerName,
    key: Key,
    about: Annotated[About, typer.Option(help="What it is the id of.")] = "person",
    id_of: Annotated[str, typer.Option(help="The recipient who knows this id; hub: it is the hub's own.")] = HUB,
) -> None:
    """As an appointed officer, ask that the feeds' authorities learn which of their own records are meant.

    Nothing is opened by it. Two officers whom two other parties appointed must approve it: hub reidentify approve.
    """
    given = sys.stdin.readline().strip() if target == "-" else target
    with existing_home() as settings:
        meant = Target.new(about, id_of, given)
        asked = ask(settings, Officer(officer, key.read_bytes()), meant, feed, purpose, clause, reason).statement
    console.print(
        f"Asked and logged: request {short(asked.digest)}, which stands until {asked.expires_at:%Y-%m-%d %H:%M} UTC."
    )
    console.print("Now two officers of two different authorities, other than you, approve or refuse it.")


@app.command()
def approve(name: Name, officer: OfficerName, key: Key, reason: Reason) -> None:
    """As an officer of an authority, sign an approval of this very request."""
    _decide(name, Verdict.APPROVE, officer, key, reason)


@app.command()
def refuse(name: Name, officer: OfficerName, key: Key, reason: Reason) -> None:
    """As an officer of an authority, sign a refusal. One is enough to end the request."""
    _decide(name, Verdict.REFUSE, officer, key, reason)


def _decide(name: str, verdict: Verdict, officer: str, key: Path, reason: str) -> None:
    with existing_home() as settings:
        said = decide(settings, name, Officer(officer, key.read_bytes()), verdict, reason).statement
    console.print(f"Recorded and logged: {officer} signed {verdict} for request {short(said.request)}.")


@app.command("fulfil")
def fulfil_command(name: Name) -> None:
    """Seal to each authority its own references, into its outbox. Both signatures are proved here, whoever runs it."""
    with existing_home() as settings:
        done = fulfil(settings, open_ring(settings, Service.REIDENTIFY), name)
        sign_log(settings)
    for authority, path in done.files.items():
        console.print(f"Sealed to {authority}: {path}", soft_wrap=True)
    console.print("Only that authority can open it: hub reidentify open FILE, on its own machine.")


@app.command("list")
def list_requests(as_json_: AsJson = False) -> None:
    """Every request, the newest first, and how far it has come. It shows nobody's id."""
    with existing_home() as settings, transaction(settings) as connection:
        found = [_told(kept, words_on(connection, kept.digest)) for kept in every_request(connection)]
    if as_json_:
        as_json(found)
        return
    rows = [[r["request"][:12], r["officer"], r["purpose"], r["feeds"], r["approved_by"], r["state"]] for r in found]
    rows = [[", ".join(cell) if isinstance(cell, list) else cell for cell in row] for row in rows]
    table("Requests for re-identification", ["request", "asked by", "purpose", "feeds", "approved by", "state"], rows)


@app.command()
def show(name: Name, as_json_: AsJson = False) -> None:
    """One request: who asks what for, under which law, and what was said of it. It shows nobody's id."""
    with existing_home() as settings, transaction(settings) as connection:
        kept = find_request(connection, name)
        told = _told(kept, words_on(connection, kept.digest))
    if as_json_:
        as_json(told)
        return
    table("Request", ["", ""], [[key, ", ".join(v) if isinstance(v, list) else v] for key, v in told.items()])


def _told(kept: Kept, words: list[Signed[Word]]) -> dict[str, Any]:
    said = kept.asked.statement
    spoken = {verdict: [w.statement.officer for w in words if w.statement.verdict is verdict] for verdict in Verdict}
    return {
        "request": kept.digest,
        "state": kept.standing(now()),
        "officer": said.officer,
        "about": f"one {said.about}",
        "feeds": list(said.feeds),
        "purpose": said.purpose,
        "clause": said.clause,
        "reason": said.reason,
        "requested_at": said.requested_at.isoformat(timespec="seconds"),
        "expires_at": said.expires_at.isoformat(timespec="seconds"),
        "approved_by": spoken[Verdict.APPROVE],
        "refused_by": spoken[Verdict.REFUSE],
    }
