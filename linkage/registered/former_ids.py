"""Under which ids a person's records were kept before: persons merge and split, and older acts name the older ids."""

from datetime import datetime

from sqlalchemy import Connection, select, text

from linkage.models import Person
from linkage.registered.changes import Kind

_FORMER = text(f"""
    WITH RECURSIVE was (person_id, until) AS (
        SELECT CAST(:person AS text), CAST('infinity' AS timestamptz)
        UNION
        SELECT event.other_id, event.at FROM hub.register_event AS event
        JOIN was ON event.person_id = was.person_id AND event.at < was.until
        WHERE event.kind = '{Kind.MOVED}'
    )
    SELECT person_id, max(until) AS until FROM was WHERE person_id <> :person GROUP BY person_id
""")  # noqa: S608 - an index has the moves, so that they are named, not given


def is_known(connection: Connection, person_id: str) -> bool:
    """Whether the register ever had such a person."""
    return connection.execute(select(Person.person_id).where(Person.person_id == person_id)).first() is not None


def former_ids(connection: Connection, person_id: str) -> dict[str, datetime]:
    """The ids that records of a person had before they came to it, each with the instant until which they had it.

    An act under such an id that was before that instant was about the person too; a later one need not be.
    """
    return {row.person_id: row.until for row in connection.execute(_FORMER, {"person": person_id})}
