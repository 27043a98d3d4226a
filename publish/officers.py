"""Information governance officers: the hub keeps what parties said of them, signed, and logs it."""

from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from agreement import rules
from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.query import Filter, stream
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.appointment import Appointment, Dismissal, Word, parse, refused, require_counting
from publish.errors import OfficerRefused
from publish.models import OfficerRow
from publish.refusals import logging_refusals
from publish.roll import Roll


def register(settings: Settings, document: bytes) -> Word:
    """Keep an appointment or a dismissal, and log it; the same one again changes nothing.

    1. The agreement is in force, and the party's word counts under it (``appointment.objection``).
    2. An appointment has not ended yet, and its officer was not dismissed.
    3. A name that stands for one key is not given another: that officer is dismissed first.

    Raises OfficerRefused or AgreementRefusal, and logs the refusal.
    """
    with logging_refusals(settings, action=Action.REFUSE_OFFICER):
        word, agreement = parse(document), agreement_in_force(settings)
        with transaction(settings) as connection:
            known = roll(connection, agreement)
            if _is_known(word, known):
                return word
            _require_usable(word, known, now().date())
            _keep(settings, connection, word)
    return word


def roll(connection: Connection, agreement: Agreement) -> Roll:
    """The roll of officers as it stands. A document that cannot be read any more is named, and counts for nothing."""
    words: list[Word] = []
    unreadable: list[str] = []
    kept = select(OfficerRow.digest, OfficerRow.document).order_by(OfficerRow.registered_at, OfficerRow.digest)
    for row in connection.execute(kept):
        try:
            words.append(parse(row.document))
        except OfficerRefused:
            unreadable.append(row.digest)
    return Roll(
        agreement,
        tuple(word for word in words if isinstance(word, Appointment)),
        registered=_logged(connection, Action.REGISTER_OFFICER, "appointment"),
        dismissed=_logged(connection, Action.DISMISS_OFFICER, "public_key"),
        unreadable=tuple(unreadable),
    )


def agreement_in_force(settings: Settings) -> Agreement:
    """The agreement, if it is in force today: under any other nobody is an officer. Raises AgreementRefusal."""
    agreement = load_agreement(settings)
    for violation in rules.in_force(agreement, now().date()):
        raise violation.refusal("Appointing and deciding are refused")
    return agreement


def _is_known(word: Word, known: Roll) -> bool:
    if isinstance(word, Dismissal):
        return word.public_key in known.dismissed
    return word in known.appointments and word.digest in known.registered


def _require_usable(word: Word, known: Roll, on: date) -> None:
    """Rules 1 to 3 of ``register``."""
    require_counting(word, known.agreement)  # (1)
    if isinstance(word, Dismissal):
        return
    if on > word.until_on:  # (2)
        raise refused(word, f"it ended on {word.until_on}", "Have the party appoint the officer anew")
    if word.public_key in known.dismissed:  # (2)
        raise refused(word, "the officer has been dismissed", "Appoint the officer anew, with a new key")
    if any(other.public_key != word.public_key for other in known.counting(word.officer, on)):  # (3)
        raise refused(word, "the name stands for another key", "Dismiss that one first, or take another name")


def _keep(settings: Settings, connection: Connection, word: Word) -> None:
    row = {"digest": word.digest, "document": word.document().decode(), "registered_at": now()}
    connection.execute(insert(OfficerRow).values(row).on_conflict_do_update(index_elements=["digest"], set_=row))
    append(connection, _entry(settings, word))
    checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))


def _entry(settings: Settings, word: Word) -> Entry:
    common = {"party": word.party, "public_key": word.public_key}
    if isinstance(word, Dismissal):
        action, said = Action.DISMISS_OFFICER, f"{word.party} dismissed {word.officer}"
        detail = common | {"dismissal": word.digest}
    else:
        action, said = Action.REGISTER_OFFICER, f"{word.party} appointed {word.officer} until {word.until_on}"
        detail = common | {"appointment": word.digest}
    return Entry(
        action=action, actor=settings.actor, justification=said, code_commit=settings.code_commit, detail=detail
    )


def _logged(connection: Connection, action: Action, name: str) -> frozenset[str]:
    """What the log's entries of an action say under a name of their details."""
    details = (entry.said.get("detail", {}) for entry in stream(connection, Filter(action=action)))
    return frozenset(detail[name] for detail in details if name in detail)
