"""Canonical JSON (RFC 8785) of many entries at once.

Entries that are written together say much the same: what stands side by side in the order of the names is put into
words once, and kept. Instants and details, which differ, are written for all entries in one go.

orjson writes strings and whole numbers as RFC 8785 asks, for the texts that an entry may hold; floats it does not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any

import orjson
import rfc8785

Said = Mapping[str, Any]  # an entry's fields by name; what is not said is None or empty
_PLAIN = frozenset((str, int, bool))
_FORMAT = b',"format":1'
_INSTANT_BYTES = len('"2026-10-05T09:30:00.000005Z"')


def instant(at: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds, ``Z`` (RFC 3339)."""
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[:-6] + "Z"


def canonical(said: Sequence[Said]) -> list[bytes]:
    """The bytes of each entry: its members in the order of their names, without what is not said."""
    members = zip(
        repeat(b'{"action":'),
        _actions(said),
        _actors(said),
        repeat(b',"at":'),
        _instants([one["at"] for one in said]),
        _reasons(said),
        _deliveries(said),
        _details([one["detail"] for one in said]),
        _feeds(said),
        repeat(_FORMAT),
        _subjects(said),
        [b"" if one["rows"] is None else b',"rows":%d' % one["rows"] for one in said],
        _tables(said),
        repeat(b"}"),
        strict=False,
    )
    return list(map(b"".join, members))


def _members(*names: str) -> Callable[[Iterable[Said]], Iterator[bytes]]:
    """What writes these members, each after a comma; the same values are put into words once."""
    found = itemgetter(*names)

    @lru_cache(maxsize=4096)
    def written(values: Any) -> bytes:
        pairs = zip(names, values if len(names) > 1 else (values,), strict=True)
        return b"".join(_member(name, value) for name, value in pairs if value is not None and value != ())

    return lambda said: map(written, map(found, said))


def _member(name: str, value: object) -> bytes:
    return b',"%b":%b' % (name.encode(), orjson.dumps(value))


_actors = _members("actor", "agreement_hash")
_reasons = _members("clause", "code_commit", "columns")
_deliveries = _members("delivery")
_feeds = _members("feed")
_subjects = _members("justification", "outcome", "period", "purpose", "recipient", "release")
_tables = _members("table")


def _actions(said: Sequence[Said]) -> Iterator[bytes]:
    return map(_quoted, map(itemgetter("action"), said))


@lru_cache(maxsize=256)
def _quoted(text: str) -> bytes:
    return orjson.dumps(text)


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
