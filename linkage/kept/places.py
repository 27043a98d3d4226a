"""Which of all rows have one of some keys: one look at each row, in a table small enough for the processor's cache."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from linkage.kept.state import Flags, Rows
from linkage.paired.coded import MISSING, Numbers

Words = NDArray[np.uint64]
_SLOT_BITS, _AT_ONCE = 18, 1 << 15
_SHIFT = np.uint64(64 - _SLOT_BITS)


@dataclass(frozen=True)
class Part:
    """A column that a rule looks at: ``which`` value is a row's (-1: none); and the ``number`` that stands for each."""

    column: str
    which: Numbers
    number: Numbers | None = None

    def of(self, rows: Numbers | slice) -> Numbers:
        """The numbers of some rows, -1 where there is none."""
        which = self.which[rows]
        return which if self.number is None else self._numbers[which]

    def key(self, rows: Numbers | slice) -> Words:
        """The numbers of some rows, spread over 64 bits in this column's own way (Fibonacci hashing)."""
        return np.asarray(self.of(rows).astype(np.uint64) * self._odd)

    @cached_property
    def _numbers(self) -> Numbers:
        return np.append(self.which[:0] if self.number is None else self.number, np.int32(MISSING))  # -1 is the last

    @cached_property
    def _odd(self) -> np.uint64:
        return np.uint64((0x9E3779B97F4A7C15 * (2 * crc32(self.column.encode()) + 1)) % 2**64)


@dataclass(frozen=True)
class Rule:
    """What records of one block have in common, and how many a block may have."""

    parts: tuple[Part, ...]
    most: int

    def keys(self, rows: Numbers | slice) -> Words:
        """One number for the values of all parts; rows that lack one have keys of their own."""
        return reduce(add, (part.key(rows) for part in self.parts))

    def has(self, rows: Numbers) -> Flags:
        """Which rows have every part."""
        return np.asarray(np.logical_and.reduce([part.of(rows) >= 0 for part in self.parts]))

    def find(self, places: "Places") -> tuple[Rows, Rows]:
        """All rows that have one of these keys, and the place of each one's key among them."""
        found = [(_NONE, _NONE), *self._found(places)]
        return np.concatenate([rows for rows, _ in found]), np.concatenate([place for _, place in found])

    def _found(self, places: "Places") -> Iterator[tuple[Rows, Rows]]:
        for first in range(0, len(self.parts[0].which) if len(places.keys) else 0, _AT_ONCE):
            keys = self.keys(slice(first, first + _AT_ONCE))
            rows = np.flatnonzero(places.asked[keys >> _SHIFT])
            place = places.find(keys[rows])
            yield rows[place >= 0] + first, place[place >= 0]


_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Places:
    """Some keys, which ascend. ``asked``: whether any of them is in a slot; ``table``: the place of one that is."""

    keys: Words
    asked: Flags
    table: NDArray[np.int32]

    @classmethod
    def of(cls, keys: Words) -> Self:
        """Those of these keys, each once."""
        keys = np.unique(keys)
        asked, table = np.zeros(1 << _SLOT_BITS, dtype=bool), np.zeros(1 << _SLOT_BITS, dtype=np.int32)
        asked[keys >> _SHIFT], table[keys >> _SHIFT] = True, np.arange(len(keys), dtype=np.int32)
        return cls(keys, asked, table)

    def find(self, keys: Words) -> Rows:
        """Where each key is among these; -1 where it is not. Those that share a slot are searched."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        place = self.table[keys >> _SHIFT].astype(np.int64)
        other = np.flatnonzero(self.keys[place] != keys)
        near = np.minimum(np.searchsorted(self.keys, keys[other]), len(self.keys) - 1)
        place[other] = np.where(self.keys[near] == keys[other], near, -1)
        return np.asarray(place)
