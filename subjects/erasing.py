"""Erasing one person (UK GDPR Art 17), everywhere, in one transaction: killed at any point, all of it is done or none.

1. What is under a legal hold is not erased (Art 17(3)(e)): restrict the person instead, and erase when it ends.
2. Every delivery that holds a record of the person is sealed anew without it, under a new key; the old is destroyed.
3. Pages and rows at fault of these feeds are shredded for all: sealed as they came, nobody can be taken out of them. A
   delivery that was on its way is refused, and fetched anew.
4. The records go out of the register and its history; so does the person, with ids that were the person's alone before.
   Open requests for re-identification are forgotten: any may be about the person.
5. Published releases with the person, and all candidates, are withdrawn. The next ones are built without.
6. Digests of the records' ids are kept, so that they do not come back when they are delivered again
   (``ingest.suppressed``).
7. The log keeps that it happened, by whose order and why. The salts go last: then nobody can tell who it was.
8. After that, files are tried with every key that is left and deleted, and tables are written anew. A run of retention
   does it too, if this one is killed before.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, text

from audit.events import Action
from audit.models import AuditSubject
from audit.subjects import forget_salts
from hub.clock import now
from hub.settings import Settings
from ingest.models import BarredRecordRow
from ingest.suppressed import suppress
from keys.ring import KeyRing
from linkage.registered.changes import Kind
from linkage.registered.forgetting import forget_persons, forget_records, records_of
from linkage.registered.former_ids import former_ids
from publish.finishing import finish
from publish.holds import holds, on_any
from publish.order import Act
from publish.ordering import Officer
from reidentify.stored import forget as forget_targets
from store.datakeys import destroy_data_key
from store.deliveries import Delivery, State, advance, find_delivery
from store.kept import PARTS, key_id
from store.models import DeliveryRow
from store.resealing import reseal
from store.shredding import mark, scrub
from subjects.acting import Acting, acting
from subjects.errors import SubjectHeld
from subjects.releasing import releases_with, withdraw_with
from subjects.tables import Tables, stored_tables

_OWN_FORMER = text("""
    SELECT person_id FROM hub.person
    WHERE person_id = ANY(:former) AND ended_in IS NOT NULL AND NOT EXISTS (
        SELECT FROM hub.register_event AS event WHERE event.kind = :moved AND event.other_id = person.person_id
        AND event.person_id <> ALL(:theirs)
    )
""")


@dataclass(frozen=True)
class Erased:
    """What an erasure did. Counts, and names of releases and feeds alone."""

    records: int
    deliveries: int
    feeds: tuple[str, ...]
    releases: tuple[str, ...]
    files: int


def erase(settings: Settings, ring: KeyRing, officer: Officer, person: str) -> Erased:
    """Erase a person. Raises SubjectHeld, ErasureNotProved, or as ``acting``."""
    with acting(settings, ring, officer, Act.ERASE, person) as act:
        records = records_of(act.connection, person)
        holding = [each.delivery for each in stored_tables(settings, act.connection, ring) if _holds(each, records)]
        feeds = sorted({delivery.feed for delivery in holding})
        persons = [person, *_own_former_ids(act.connection, person)]
        _require_free(act.connection, holding, feeds, persons)  # (1)
        for delivery in holding:
            reseal(settings, act.connection, ring, delivery.id, records)  # (2)
        keys = sum(_shred_raw(settings, act.connection, ring, feed) for feed in feeds)  # (3)
        withdrawn = withdraw_with(act, persons, "a person in it was erased")  # (5)
        suppress(act.connection, ring, records)  # (6)
        about = {"records": len(records), "deliveries": len(holding), "raw_keys": keys, "releases": len(withdrawn)}
        act.log(Action.ERASE_SUBJECT, about | {"persons_known_by": len(persons)})  # (7)
        _forget(act, records, persons)  # (4)
    swept = finish(settings, ring)  # (8)
    scrub(settings)
    return Erased(len(records), len(holding), tuple(feeds), tuple(withdrawn), swept.files)


def _holds(tables: Tables, records: Collection[str]) -> bool:
    return not (tables.records(records).is_empty() and tables.involvements(records).is_empty())


def _own_former_ids(connection: Connection, person: str) -> list[str]:
    """Ids that are ended and whose records all came to this person: nobody else is known by them."""
    former = list(former_ids(connection, person))
    asked = {"former": former, "theirs": [person, *former], "moved": str(Kind.MOVED)}
    return list(connection.execute(_OWN_FORMER, asked).scalars()) if former else []


def _require_free(
    connection: Connection, holding: Collection[Delivery], feeds: Collection[str], persons: Collection[str]
) -> None:
    """Rule 1."""
    named = {*(delivery.id for delivery in holding), *feeds, *releases_with(connection, persons)}
    held = on_any(holds(connection), named, now().date())
    if held is not None:
        raise SubjectHeld(
            "The person is not erased",
            where=held.on,
            why=f"a legal hold keeps it until {held.until} (UK GDPR Art 17(3)(e))",
            fix="Restrict the person until the hold ends: hub subject restrict",
        )


def _shred_raw(settings: Settings, connection: Connection, ring: KeyRing, feed: str) -> int:
    """Rule 3; says how many keys were destroyed."""
    ids = connection.execute(select(DeliveryRow.id).where(DeliveryRow.feed == feed)).scalars().all()
    destroyed = 0
    for delivery in (find_delivery(connection, delivery_id, lock=True) for delivery_id in ids):
        if delivery.state in {State.OPEN, State.CLOSED}:
            advance(connection, delivery.id, State.REFUSED)
        for held in {key_id(connection, delivery, part) for part in PARTS}:
            if held == delivery.data_key_id and delivery.state in {State.ADMITTED, State.SUPERSEDED}:
                reseal(settings, connection, ring, delivery.id)  # one key for all its parts: an earlier version's
            destroyed += destroy_data_key(connection, held)
    return destroyed


def _forget(act: Acting, records: Collection[str], persons: Collection[str]) -> None:
    """Rules 4 and 7."""
    act.connection.execute(delete(BarredRecordRow).where(BarredRecordRow.record_id.in_(records)))
    forget_records(act.connection, records)
    forget_persons(act.connection, persons)
    forget_targets(act.connection, all_of_them=True)
    forget_salts(act.connection, persons)
    mark(act.connection, AuditSubject, BarredRecordRow)
