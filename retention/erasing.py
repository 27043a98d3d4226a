"""Erasing one thing whose time is over: its key first, in one transaction with what the log says of it."""

from sqlalchemy import Connection, delete, update

from assessment.public.kept import mark_withdrawn
from audit.events import Action, Entry, Scalar
from audit.log import append, checkpoint
from disclosure.models import AnsweredQuestion, RememberedRelease
from disclosure.remembered import forget
from hub.database import transaction
from hub.settings import Settings
from ingest.models import BarredRecordRow
from keys.home import log_signer
from keys.ring import KeyRing
from linkage.registered.forgetting import forget_records
from linkage.registered.register import lock_register
from publish.withdrawing import withdraw
from retention.due import Kept, Kind
from store.datakeys import destroy_data_key, open_data_key
from store.deliveries import Delivery, State, advance, find_delivery
from store.errors import DataKeyGone
from store.kept import Part, key_id
from store.models import DeliveryRow, PageRow
from store.resealing import record_ids, reseal
from store.shredding import mark

_NOT_DONE = frozenset({State.OPEN, State.CLOSED})
_IN_PLACE = frozenset({State.ADMITTED, State.SUPERSEDED})
_RELEASES = frozenset({Kind.CANDIDATE, Kind.RELEASE, Kind.PUBLIC, Kind.ANSWERS})


def erase(settings: Settings, ring: KeyRing, kept: Kept, why: str) -> None:
    """Destroy the key of a thing that is due, with what the database holds of it, and log that; once is enough.

    1. Pages: the landing key, and with it cursors and watermarks. A delivery that was not done is refused.
    2. Rows at fault: the quarantine key.
    3. Tables: the table key; the delivery counts as erased, and no bar of it holds any more. Its records that no
       delivery in force holds too are forgotten in the register, so that persons without a record end.
    4. A candidate or a release is withdrawn (``publish.withdrawing``), and what was told of it in counts is forgotten.
       A candidate for the public is withdrawn too: its manifest, which tells of nobody, says what was decided on.
    5. A delivery that has one key for all its parts is sealed anew first, if its tables are to stay.
    """
    with transaction(settings) as connection:
        detail: dict[str, Scalar] = {}
        if kept.kind in _RELEASES:
            detail = _release(settings, connection, kept, why)  # (4)
        elif kept.kind is Kind.TABLES:
            detail = _tables(settings, connection, ring, kept)
        else:
            detail = _part(settings, connection, ring, kept)
        append(connection, _entry(settings, kept, why, detail))
        checkpoint(connection, log_signer(settings, ring))


def _release(settings: Settings, connection: Connection, kept: Kept, why: str) -> dict[str, Scalar]:
    if kept.kind is Kind.PUBLIC:
        mark_withdrawn(connection, kept.name)
        return {}
    answers = forget(connection, kept.name)
    if answers:
        mark(connection, RememberedRelease)
        mark(connection, AnsweredQuestion)
    if kept.kind is not Kind.ANSWERS:
        withdraw(settings, connection, kept.name, settings.actor, why)
    return {"answers": answers}


def _part(settings: Settings, connection: Connection, ring: KeyRing, kept: Kept) -> dict[str, Scalar]:
    delivery = find_delivery(connection, kept.name, lock=True)
    part: Part = "landing" if kept.kind is Kind.LANDING else "quarantine"
    if delivery.state in _NOT_DONE:
        advance(connection, delivery.id, State.REFUSED)  # (1)
    held = key_id(connection, delivery, part)
    if held == delivery.data_key_id:
        reseal(settings, connection, ring, delivery.id)  # (5)
    destroyed = destroy_data_key(connection, held)
    if part == "landing":
        _forget_cursors(connection, delivery)
    return {"keys": int(destroyed), "pages": delivery.pages if part == "landing" else 0}


def _forget_cursors(connection: Connection, delivery: Delivery) -> None:
    connection.execute(update(PageRow).where(PageRow.delivery_id == delivery.id).values(cursor=None))
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == delivery.id).values(cursor=None, watermark=None))


def _tables(settings: Settings, connection: Connection, ring: KeyRing, kept: Kept) -> dict[str, Scalar]:
    """Rule 3."""
    lock_register(connection)
    delivery = find_delivery(connection, kept.name, lock=True)
    gone: set[str] = set()
    ended = 0
    if delivery.state in _IN_PLACE:
        gone = _ids(settings, connection, ring, delivery)
        advance(connection, delivery.id, State.ERASED)
        for other in admitted_deliveries_of(connection, delivery.feed):
            gone -= _ids(settings, connection, ring, other)
        ended = forget_records(connection, gone) if gone else 0
    connection.execute(delete(BarredRecordRow).where(BarredRecordRow.delivery_id == delivery.id))
    destroyed = destroy_data_key(connection, delivery.data_key_id)
    return {"keys": int(destroyed), "records_forgotten": len(gone), "persons_ended": ended}


def admitted_deliveries_of(connection: Connection, feed: str) -> list[Delivery]:
    """The deliveries in force of a feed, of every quarter."""
    found = connection.execute(
        DeliveryRow.__table__.select().where(DeliveryRow.feed == feed, DeliveryRow.state == State.ADMITTED)
    )
    return [find_delivery(connection, row.id) for row in found]


def _ids(settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery) -> set[str]:
    try:
        key = open_data_key(connection, ring, delivery.data_key_id)
    except DataKeyGone:
        return set()
    return record_ids(settings, delivery, key)


def _entry(settings: Settings, kept: Kept, why: str, detail: dict[str, Scalar]) -> Entry:
    is_release = kept.kind in _RELEASES
    return Entry(
        action=Action.ERASE_KEPT,
        actor=settings.actor,
        feed=kept.feed,
        delivery=None if is_release else kept.name,
        release=kept.name if is_release else None,
        justification=why,
        code_commit=settings.code_commit,
        detail={"kind": kept.kind.replace(" ", "-"), "kept_since": kept.since.isoformat(), **detail},
    )
