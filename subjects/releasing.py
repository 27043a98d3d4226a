"""Which releases hold a person, and their withdrawal."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from audit.events import Action
from audit.subjects import seen
from publish.releases import TABLE
from publish.withdrawing import withdraw
from subjects.acting import Acting


def releases_with(connection: Connection, persons: Collection[str]) -> list[str]:
    """The releases that hold one of these persons, by the log's commitments; and every candidate.

    Of a candidate no disclosure is logged yet: it is rather built again than searched.
    """
    published = {
        act.said["release"]
        for person in persons
        for act in seen(connection, person)
        if act.said["action"] == Action.PUBLISH
    }
    known = connection.execute(select(TABLE.c.name, TABLE.c.state).where(TABLE.c.state != "withdrawn"))
    return sorted(row.name for row in known if row.state == "candidate" or row.name in published)


def withdraw_with(act: Acting, persons: Collection[str], why: str) -> list[str]:
    """Withdraw them; their files go after the commit (``publish.finishing``)."""
    names = releases_with(act.connection, persons)
    for name in names:
        withdraw(act.settings, act.connection, name, act.order.officer, why)
    return names
