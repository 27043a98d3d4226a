"""Canonical JSON (RFC 8785) of many entries at once.

Entries that are written together say much the same: what stands side by side in the order of the names is put into
words once, and kept. Instants and details, which differ, are written for all entries in one go.

orjson writes strings and whole numbers as RFC 8785 asks, for the texts that an entry may hold; floats it does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
import rfc8785

Said = Mapping[str, Any]  # an entry's fields by name; what is not said is None or empty
_PLAIN = frozenset((str, int, bool))
_INSTANT_BYTES = len('"2026-10-05T09:30:00.000005Z"')


def instant(at: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds, ``Z`` (RFC 3339)."""
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[:-6] + "Z"


def canonical(said: Sequence[Said]) -> list[bytes]:
    """The bytes of each entry: its members in the order of their names, without what is not said."""
    members = zip(
        map(_framed, map(_ALIKE, said)),
        _instants([one["at"] for one in said]),
        map(_delivery, [one["delivery"] for one in said]),
        _details([one["detail"] for one in said]),
        [b"" if one["rows"] is None else b',"rows":%d' % one["rows"] for one in said],
        strict=True,
    )
    return [
        b"".join((start, at, reasons, delivery, detail, subject, rows, end))
        for (start, reasons, subject, end), at, delivery, detail, rows in members
    ]


_OF_START = ("action", "actor", "agreement_hash")  # and then when it was
_OF_REASONS = ("clause", "code_commit", "columns")  # and then which delivery, and the details
_OF_SUBJECT = (
    "feed",
    "format",
    "justification",
    "outcome",
    "period",
    "purpose",
    "recipient",
    "release",
)  # and the rows
_OF_END = ("table",)
_FRAME = (_OF_START, _OF_REASONS, _OF_SUBJECT, _OF_END)
_SAID_ALIKE = tuple(name for names in _FRAME for name in names if name != "format")
_ALIKE = itemgetter(*_SAID_ALIKE)


@lru_cache(maxsize=4096)
def _framed(values: tuple[Any, ...]) -> tuple[bytes, bytes, bytes, bytes]:
    """The members around those that differ from entry to entry."""
    found = dict(zip(_SAID_ALIKE, values, strict=True)) | {"format": 1}
    start, reasons, subject, end = (b"".join(_members(names, found)) for names in _FRAME)
    return b"{" + start[1:] + b',"at":', reasons, subject, end + b"}"


def _members(names: Iterable[str], found: Said) -> Iterator[bytes]:
    """What is said under these names, each after a comma."""
    return (_member(name, found[name]) for name in names if found[name] is not None and found[name] != ())


def _member(name: str, value: object) -> bytes:
    return b',"%b":%b' % (name.encode(), orjson.dumps(value))


@lru_cache(maxsize=4096)
def _delivery(name: str | None) -> bytes:
    return b"" if name is None else _member("delivery", name)


def _instants(found: Sequence[datetime]) -> list[bytes]:
    """Instants in quotation marks; orjson leaves the fraction out where the second is whole."""
    written = orjson.dumps(found, option=orjson.OPT_UTC_Z)[1:-1].split(b",")
    if set(map(len, written)) == {_INSTANT_BYTES}:
        return written
    return [orjson.dumps(instant(at)) for at in found]


def _details(found: Sequence[dict[str, Any]]) -> list[bytes]:
    """The member ``detail`` of each entry. No name or code holds a brace, so those of all can be told apart."""
    if not _PLAIN.issuperset(map(type, chain.from_iterable(map(dict.values, found)))):
        return [b',"detail":' + rfc8785.dumps(one) if one else b"" for one in found]
    written = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)[2:-2].split(b"},{")
    return [b',"detail":{%b}' % one if one else b"" for one in written]
