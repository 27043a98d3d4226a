"""The register's own time: the history of persons, and persons who ended, with the salts that acts about them need."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, delete, func, select

from audit.subjects import forget_salts
from hub.periods import Quarter
from linkage.models import Exclusion, Person, RegisterEvent
from linkage.registered.forgetting import exclude, excluded_persons, forget_persons
from publish.releases import TABLE
from store.shredding import mark


def forget_ended(connection: Connection, days: int, on: date) -> dict[str, int]:
    """Forget what the register may keep no longer; says how many rows of history, persons and salts went.

    1. A row of history goes so many days after it was written. Who is excluded by what it says is excluded by name
       then.
    2. A person who ended goes as many days after the quarter in which that was, with the salt. Not before every
       published release that may tell of the person is withdrawn: it could not be said whose data are read.
    """
    before = datetime.combine(on - timedelta(days=days), time(), UTC)
    old = select(func.count()).select_from(RegisterEvent).where(RegisterEvent.at < before)
    events = connection.execute(old).scalar_one()
    if events:
        named = set(connection.execute(select(Exclusion.person_id)).scalars())
        for person in excluded_persons(connection) - named:
            exclude(connection, person, "objected")
        connection.execute(delete(RegisterEvent).where(RegisterEvent.at < before))
        mark(connection, RegisterEvent)
    gone = _ended(connection, days, on)
    salts = forget_salts(connection, gone) if gone else 0
    if gone:
        forget_persons(connection, gone)
    return {"history": events, "persons": len(gone), "salts": salts}


def _ended(connection: Connection, days: int, on: date) -> list[str]:
    """Rule 2."""
    published = select(func.min(TABLE.c.quarter)).where(TABLE.c.state == "published")
    oldest = connection.execute(published).scalar()
    ended = connection.execute(select(Person.person_id, Person.ended_in).where(Person.ended_in.is_not(None)))
    return [
        row.person_id
        for row in ended
        if Quarter.parse(row.ended_in).ends_on + timedelta(days=days) < on and (oldest is None or row.ended_in < oldest)
    ]
