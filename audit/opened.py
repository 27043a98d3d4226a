"""Stored bundles, unpacked and held against themselves for a verification. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from audit.packing import UnpackableError, unpacked
from audit.terms import terms
from audit.tiles import WIDTH

Row = tuple[Any, ...]  # first, size, earliest_at, latest_at (as instant() writes them), terms, entries


@dataclass(frozen=True)
class Opened:
    """What a bundle holds: each entry's bytes and what it says; nothing if it cannot be unpacked.

    ``size`` is how many entries are there, ``earliest`` the earliest instant of them as its column says.
    """

    first: int
    size: int
    earliest: str
    contents: Sequence[bytes]
    said: Sequence[Mapping[str, Any]]
    problems: tuple[str, ...]

    @property
    def after(self) -> int:
        """The number of the entry that comes next."""
        return self.first + self.size


def opened(row: Row) -> Opened:
    """Unpack a stored bundle. Problems are sentences that name the entries.

    1. It can be unpacked, and holds as many entries as it says, which belong to one tile (C2SP tlog-tiles).
    2. Each entry is a JSON object.
    3. The terms and the instants beside them are those of the entries.
    """
    first, size, earliest, latest, beside, packed = row
    try:
        contents = unpacked(packed)
    except UnpackableError:  # (1)
        return Opened(first, size, earliest, (), (), (f"{_which(first, size)} was changed: it cannot be read.",))
    said = list(map(_said, contents))
    problems = list(_wrong_size(first, size, len(contents)))  # (1)
    problems += [f"Entry {first + n} cannot be read: it is not a JSON object." for n, one in enumerate(said) if not one]
    if not problems:  # (2)
        problems += _wrong_columns(first, said, (earliest, latest, beside))  # (3)
    return Opened(first, len(contents), earliest, contents, said, tuple(problems))


def _said(content: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(content)
    except ValueError:
        return {}
    return said if type(said) is dict else {}


def _wrong_size(first: int, size: int, held: int) -> Iterator[str]:
    if size != held:
        yield f"The bundle of entry {first} holds {held} entries, but says that it holds {size}."
    if first % WIDTH + held > WIDTH:
        yield f"The bundle of entry {first} reaches over the end of a tile."


def _wrong_columns(first: int, said: Sequence[Mapping[str, Any]], stored: tuple[str, str, list[str]]) -> Iterator[str]:
    try:
        instants = [one["at"] for one in said]
        right: Sequence[object] = (min(instants), max(instants), terms(said))
    except (KeyError, TypeError, AttributeError):  # another value than any entry has
        right = (None, None, None)
    for name, held, told in zip(("earliest_at", "latest_at", "terms"), stored, right, strict=True):
        if held != told:
            yield f"{_which(first, len(said))} was changed: the column {name} beside it says something else."


def _which(first: int, size: int) -> str:
    return f"Entry {first}" if size == 1 else f"One of the entries {first} to {first + size - 1}"
