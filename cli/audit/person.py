"""``hub audit seen``: who has seen data about a person."""

import sys
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy import Connection

from audit.events import Action, Entry
from audit.log import append
from audit.query import Kept
from audit.subjects import disclose, seen
from audit.working_time import LONDON
from cli.audit.acting import acting
from cli.audit.reading import said
from cli.home import existing_home, sign_log
from cli.show import AsJson, as_json, table
from hub.database import transaction
from hub.errors import HubError
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from linkage.registered.former_ids import former_ids, is_known
from publish.disclosed_persons import own_id

PersonId = Annotated[str, typer.Argument(help="The hub's own id of the person; - reads it from standard input.")]
Reason = Annotated[str, typer.Option("--reason", help="Why you ask, as the log shall say it.")]
Purpose = Annotated[str | None, typer.Option("--purpose", help="The purpose that it serves, if it is one.")]
IdOf = Annotated[str | None, typer.Option("--id-of", help="The id is the one that this recipient knows.")]


class PersonUnknown(HubError):
    """The register has no such person. The message never holds the id."""


def add_to(app: typer.Typer) -> None:
    """Hang this into the noun."""
    app.command("seen")(seen_command)


def seen_command(
    person_id: PersonId, reason: Reason, purpose: Purpose = None, id_of: IdOf = None, as_json_: AsJson = False
) -> None:
    """Who has seen data about a person. That you asked is logged, without the person, and told to the next who asks."""
    asked = sys.stdin.readline().strip() if person_id == "-" else person_id
    with existing_home() as settings:
        entry = Entry(
            action=Action.ASK_SUBJECT,
            actor=acting(settings),
            purpose=purpose,
            justification=reason,
            code_commit=settings.code_commit,
            detail={"act": str(uuid4())},
        )
        found = who_has_seen(settings, asked, entry, id_of)
        sign_log(settings)
    if as_json_:
        as_json([said(kept) for kept in found])
        return
    table(
        "Who has seen data about this person", ["entry", "when (London)", "who", "what", "why"], list(map(_row, found))
    )


def who_has_seen(settings: Settings, person_id: str, entry: Entry, id_of: str | None = None) -> list[Kept]:
    """The acts that were about a person, newest first; ``entry`` is logged as the asking, in the same transaction.

    Acts under the ids that the person's records had before count until they came to this one.
    Raises PersonUnknown if the register never had the person.
    """
    with transaction(settings) as connection:
        own = _own_id(settings, connection, person_id, id_of)
        found = {act.index: act for act in seen(connection, own)}
        for former, until in former_ids(connection, own).items():
            found |= {act.index: act for act in seen(connection, former) if act.at < until}
        disclose(connection, replace(entry, detail={**entry.detail, "found": len(found)}), [own])
    return [found[index] for index in sorted(found, reverse=True)]


def _own_id(settings: Settings, connection: Connection, person_id: str, id_of: str | None) -> str:
    own: str | None = person_id if id_of is None and is_known(connection, person_id) else None
    if id_of is not None:
        ring = open_ring(settings, Service.OFFICER)
        own = own_id(connection, ring, id_of, person_id)
        append(connection, *ring.uses.told(connection))
    if own is None:
        raise PersonUnknown(
            "There is no such person",
            where="the register of persons",
            why="it never had one under that id",
            fix="Give the hub's own id, or name the recipient whose id it is with --id-of",
        )
    return own


def _row(act: Kept) -> list[object]:
    told = act.said
    what = " ".join(filter(None, (told["action"], told.get("release"))))
    why = "; ".join(filter(None, (told.get("purpose"), told.get("justification"))))
    when = f"{act.at.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return [str(act.index), when, told.get("recipient") or told["actor"], what, why]
