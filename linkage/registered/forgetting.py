"""Forgetting in the register of persons: records whose time is over, and persons who are to be erased."""

from collections.abc import Collection, Iterable

from sqlalchemy import ARRAY, Connection, Text, bindparam, delete, insert, or_, select, text

from hub import clock
from linkage.kept.sealed import forget_kept
from linkage.models import Exclusion, LinkDecision, LinkQuestion, Membership, Person, RegisterEvent
from linkage.registered.changes import Kind
from store.shredding import mark

_OF_PERSON = text("""
    SELECT record_id FROM hub.membership WHERE person_id = :person
    UNION
    SELECT record_id FROM (
        SELECT DISTINCT ON (record_id) record_id, person_id FROM hub.register_event
        WHERE record_id IS NOT NULL ORDER BY record_id, number DESC
    ) AS last WHERE person_id = :person
""")
_FORGET = (
    "DELETE FROM hub.membership WHERE record_id = ANY(:records)",
    "UPDATE hub.register_event SET record_id = NULL WHERE record_id = ANY(:records)",
    """
    UPDATE hub.register_event SET evidence_record_id = NULL, bits = NULL, levels = NULL
    WHERE evidence_record_id = ANY(:records)
    """,
    "UPDATE hub.person SET founded_on_record = NULL WHERE founded_on_record = ANY(:records)",
    "DELETE FROM hub.link_question WHERE record_id_l = ANY(:records) OR record_id_r = ANY(:records)",
    "DELETE FROM hub.link_decision WHERE record_id_l = ANY(:records) OR record_id_r = ANY(:records)",
)
_END = text("""
    UPDATE hub.person SET ended_in = (SELECT max(period) FROM hub.register_event)
    WHERE ended_in IS NULL AND NOT EXISTS (SELECT FROM hub.membership WHERE membership.person_id = person.person_id)
    RETURNING person_id, ended_in
""")
_EXCLUDED = text("""
    WITH RECURSIVE out (person_id, since) AS (
        SELECT CAST(person_id AS text), since FROM hub.exclusion
        UNION
        SELECT CAST(event.person_id AS text), event.at FROM hub.register_event AS event
        JOIN out ON event.other_id = out.person_id AND event.at >= out.since
        WHERE event.kind = :moved
    )
    SELECT DISTINCT person_id FROM out
""").bindparams(moved=str(Kind.MOVED))


def records_of(connection: Connection, person_id: str) -> set[str]:
    """Every record that is the person's, or was last the person's when it was withdrawn."""
    return set(connection.execute(_OF_PERSON, {"person": person_id}).scalars())


def forget_records(connection: Connection, record_ids: Collection[str]) -> int:
    """Take records out of the register, its history and its review; says how many persons ended by that.

    Successions of persons stay, so that older acts still find whom they were about. The caller holds the register
    (``registered.register.lock_register``). What is kept between links goes too: it holds tokens of all records.
    """
    forget_kept(connection)
    for statement in map(text, _FORGET):
        typed = statement.bindparams(bindparam("records", type_=ARRAY(Text)))
        connection.execute(typed, {"records": sorted(record_ids)})
    ended = connection.execute(_END).all()
    if ended:
        told = {"kind": str(Kind.ENDED), "at": clock.now()}
        rows = [told | {"person_id": row.person_id, "period": row.ended_in} for row in ended]
        connection.execute(insert(RegisterEvent), rows)
    mark(connection, Membership, RegisterEvent, Person, LinkQuestion, LinkDecision)
    return len(ended)


def forget_persons(connection: Connection, person_ids: Iterable[str]) -> None:
    """Take persons, who have no record any more, out of the register, with all its history of them."""
    gone = list(person_ids)
    event = RegisterEvent
    connection.execute(delete(event).where(or_(event.person_id.in_(gone), event.other_id.in_(gone))))
    connection.execute(delete(Exclusion).where(Exclusion.person_id.in_(gone)))
    connection.execute(delete(Person).where(Person.person_id.in_(gone)))
    mark(connection, RegisterEvent, Person, Exclusion)


def excluded_persons(connection: Connection) -> frozenset[str]:
    """Who must be in no release now: whose data are restricted, or who rightly objected.

    A person to whom records of such a person moved since is among them: rather one too many than the one who objected.
    """
    return frozenset(connection.execute(_EXCLUDED).scalars())


def exclude(connection: Connection, person_id: str, ground: str) -> None:
    """Leave a person out of every release from now on; does nothing if that is so on this ground."""
    same = select(Exclusion.person_id).where(Exclusion.person_id == person_id, Exclusion.ground == ground)
    if connection.execute(same).first() is None:
        row = {"person_id": person_id, "ground": ground, "since": clock.now()}
        connection.execute(insert(Exclusion).values(row))


def include(connection: Connection, person_id: str) -> bool:
    """Let a person be published again; says whether the person was excluded."""
    done = connection.execute(delete(Exclusion).where(Exclusion.person_id == person_id))
    return done.rowcount > 0
