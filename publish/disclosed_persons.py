"""Which persons of the register a release is about: its tables hold the recipient's ids alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl
from sqlalchemy import Connection

from audit.events import Entry
from audit.log import append
from audit.subjects import disclose
from keys.ring import KeyRing
from linkage.bulk import read_columns
from linkage.models import Person
from linkage.registered.forgetting import excluded_persons
from publish.errors import PublicationRefused
from publish.recipient_ids import RecipientIds, keyed

PERSON_ID = "person_id"


def own_ids(connection: Connection, ring: KeyRing, recipient: str) -> pl.DataFrame:
    """Every person whom the register has or had: ``own_id``, the hub's, and ``person_id``, the recipient's."""
    return keyed(_own(connection), PERSON_ID, RecipientIds.of(ring, recipient).person)


def own_id(connection: Connection, ring: KeyRing, recipient: str, given: str) -> str | None:
    """The hub's id of the person whom a recipient knows by an id; None if nobody is.

    The id may be of an older release: every version of the recipient's key that was not retired is tried.
    """
    own = _own(connection)
    for keys in RecipientIds.each(ring, recipient):
        found = keyed(own, PERSON_ID, keys.person).filter(pl.col(PERSON_ID) == given)
        if not found.is_empty():
            return str(found["own_id"][0])
    return None


def persons_of(
    connection: Connection, ring: KeyRing, recipient: str, tables: Mapping[str, pl.DataFrame | pl.LazyFrame]
) -> list[str]:
    """The hub's own ids of all persons in a release's tables.

    Raises PublicationRefused if the register knows one of them not: such a person could never be told of it.
    """
    named = pl.concat([pl.Series(PERSON_ID, [], pl.String), *_columns(tables.values())]).drop_nulls().unique()
    found = own_ids(connection, ring, recipient).filter(pl.col(PERSON_ID).is_in(named.implode()))
    unknown = named.len() - found.height
    if unknown:
        raise PublicationRefused(
            "The persons of the release cannot be recorded",
            where=f"the register of persons and {recipient}'s ids",
            why=f"{unknown} of {named.len()} persons are not in it under the recipient's present key",
            fix="Build the candidate again and have it decided on",
        )
    return found["own_id"].to_list()


def require_none_excluded(connection: Connection, persons: Collection[str]) -> None:
    """Raise PublicationRefused if one of these persons must be in no release now: their number is told, no id."""
    found = excluded_persons(connection).intersection(persons)
    if found:
        raise PublicationRefused(
            "The rows are not disclosed",
            where="the persons whom they are about",
            why=f"the data of {len(found)} of them were restricted since, or they rightly objected",
            fix="Build the release again: it leaves them out",
        )


def log_disclosure(connection: Connection, entries: Sequence[Entry], persons: Sequence[str]) -> None:
    """Log a release, an entry a table; the first one about a table with persons carries their commitments."""
    bearer = next((entry for entry in entries if PERSON_ID in entry.columns), None)
    append(connection, *(entry for entry in entries if entry is not bearer))
    if bearer is not None:
        disclose(connection, bearer, persons)


def _own(connection: Connection) -> pl.DataFrame:
    return read_columns(connection, Person, [PERSON_ID]).with_columns(own_id=PERSON_ID)


def _columns(tables: Iterable[pl.DataFrame | pl.LazyFrame]) -> list[pl.Series]:
    named = (table.lazy() for table in tables)
    held = [table.select(PERSON_ID).unique() for table in named if PERSON_ID in table.collect_schema()]
    return [found[PERSON_ID].cast(pl.String) for found in pl.collect_all(held)]
