"""Bundles: the entries that one addition brought, up to 256 in a row of audit_bundle, with what they are found by.

Rows are written in PostgreSQL's binary COPY form, many times quicker than INSERT. What costs most there is the number
of bytes, and packed entries have a tenth of them. A bundle never reaches over the end of a tile (C2SP tlog-tiles), and
never grows: the next addition begins another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any

from sqlalchemy import Connection

from audit.canonical import canonical
from audit.errors import LogDamaged
from audit.events import Entry
from audit.form import refused
from audit.merkle import leaf_hash
from audit.packing import LONGEST_ENTRY, UnpackableError, packed, unpacked
from audit.raw import bytes_field, copying, texts_field
from audit.terms import terms
from audit.tiles import WIDTH

COLUMNS = ("first", "size", "earliest_at", "latest_at", "terms", "entries")
_ROW = Struct("!hiqihiqiq")  # number of fields; length and value of first, size, earliest_at, latest_at
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Bundle:
    """A stored bundle: entry ``first`` and those after it, ``size`` in all, packed."""

    first: int
    size: int
    packed: bytes

    @property
    def contents(self) -> Sequence[bytes]:
        """The bytes of each entry; raises LogDamaged if they cannot be what was stored."""
        try:
            found = unpacked(self.packed)
        except UnpackableError:
            found = []
        if len(found) != self.size:
            raise LogDamaged(
                "Entries cannot be read",
                where=f"the log's entries {self.first} to {self.first + self.size - 1} (a row of audit_bundle)",
                why="what is stored of them was changed",
                fix="Run hub audit verify and restore the database",
            )
        return found


def write(connection: Connection, first: int, entries: Sequence[Entry]) -> list[bytes]:
    """Store entries from index ``first`` on, within the caller's transaction; returns their leaf hashes.

    Raises EntryRefused if one is too long, and as ``copying``.
    """
    hashes: list[bytes] = []
    with copying(connection, "audit_bundle", COLUMNS) as put:
        for start, some in _bundled(first, [entry.__dict__ for entry in entries]):
            contents = canonical(some)
            if max(map(len, contents)) > LONGEST_ENTRY:
                raise refused("length", f"it has more than {LONGEST_ENTRY:,} bytes", "Leave columns or details out")
            put(_row(start, some, contents))
            hashes += map(leaf_hash, contents)
    return hashes


def _bundled(first: int, said: Sequence[dict[str, Any]]) -> Iterator[tuple[int, Sequence[dict[str, Any]]]]:
    """Entries in bundles, each with the index of its first."""
    for start in range(-(first % WIDTH), len(said), WIDTH):
        place = max(start, 0)
        yield first + place, said[place : start + WIDTH]


def _row(first: int, said: Sequence[dict[str, Any]], contents: Sequence[bytes]) -> bytes:
    instants = [one["at"] for one in said]
    earliest, latest = _microseconds(min(instants)), _microseconds(max(instants))
    fixed = _ROW.pack(len(COLUMNS), 8, first, 2, len(said), 8, earliest, 8, latest)
    return fixed + texts_field(terms(said)) + bytes_field(packed(contents))


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
