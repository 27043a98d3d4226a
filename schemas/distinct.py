"""The distinct values of a column that has few: each is read and checked once, however many rows have it."""

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

MOST = 1 << 16  # distinct values that are kept of a column
ENOUGH_ROWS = 1 << 14  # after which it is clear whether a column has few
_PART = 16_000  # rows at once: small enough for the processor's cache
_FIRST_BYTES, _SHORT = 4, 12  # bytes that Arrow keeps in the first half of a string's view, and in both
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
Keys = tuple[NDArray[np.uint64], NDArray[np.uint64]]
Numbers = NDArray[np.uint32]
Rows = NDArray[np.intp]


class Distinct:
    """Learns a column's values as they come. ``values``: as they were first met; a row's number is a place in them.

    Two texts are the same if their 128-bit keys are: the text itself where all are short, else two hashes of it. The
    second half of a key is left out where it is nought in all rows.
    """

    def __init__(self) -> None:
        self.values = pl.Series(dtype=pl.String)
        self.many = False
        self._hashed = False
        self._rows = 0
        self._seeds = (secrets.randbits(64), secrets.randbits(64))
        self._levels: list[_Level] = []
        self._known: Keys = (np.zeros(0, np.uint64), np.zeros(0, np.uint64))

    def numbers(self, raw: pl.Series) -> Numbers | None:
        """Of each value its number; None once the column has too many values for this to be worth while."""
        if self.many:
            return None
        raw = raw.fill_null("") if raw.null_count() else raw  # either is a blank
        first = raw.head(ENOUGH_ROWS)
        self._rows += len(first)
        if not self._levels:
            self._learn(first)
        found, missed = self._find(raw)
        self._rows += len(raw) - len(first)
        if len(missed):
            self._learn(raw.gather(missed))
            found, _ = self._find(raw)
        return None if self.many else found

    def _keys(self, raw: pl.Series) -> Keys:
        if not self._hashed:
            keys = _views(raw)
            if keys is not None:
                return keys
            self._hashed, self._levels = True, []
            self._index(self._hash(self.values))
        return self._hash(raw)

    def _hash(self, raw: pl.Series) -> Keys:
        first, second = (raw.hash(seed).to_numpy() for seed in self._seeds)
        return first, second

    def _learn(self, unknown: pl.Series) -> None:
        self.values = self.values.append(unknown.unique())
        if len(self.values) > MOST or (self._rows >= ENOUGH_ROWS and 2 * len(self.values) > self._rows):
            self.many, self.values, self._levels = True, pl.Series(dtype=pl.String), []
        else:
            self._index(self._keys(self.values))

    def _index(self, keys: Keys) -> None:
        """Put each value into the first level that has room for it."""
        self._known, self._levels = keys, []
        left = np.arange(len(keys[0]), dtype=np.uint32)
        while len(left):
            level = _Level.of(keys, left, len(self._levels))
            self._levels.append(level)
            left = left[level.at(_taken(keys, left)) != left]

    def _find(self, raw: pl.Series) -> tuple[Numbers, Rows]:
        """The number of each value, and the rows whose value is unknown; nothing once there are too many."""
        if self.many:
            return np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.intp)
        first, second = self._keys(raw)
        parts = [slice(start, start + _PART) for start in range(0, len(raw), _PART)]
        found = [self._look_up((first[part], second[part])) for part in parts]  # nothing stays nothing
        missed = [rows + part.start for (_, rows), part in zip(found, parts, strict=True)]
        return np.concatenate([numbers for numbers, _ in found]), np.concatenate(missed)

    def _look_up(self, keys: Keys) -> tuple[Numbers, Rows]:
        found, missed = self._at(self._levels[0], keys)
        for level in self._levels[1:]:
            if not len(missed):
                break
            near, wrong = self._at(level, _taken(keys, missed))
            found[missed], missed = near, missed[wrong]
        return found, missed

    def _at(self, level: "_Level", keys: Keys) -> tuple[Numbers, Rows]:
        near = level.at(keys)
        wrong = self._known[0][near] != keys[0]
        if len(self._known[1]):
            wrong |= self._known[1][near] != (keys[1] if len(keys[1]) else 0)
        elif len(keys[1]):
            wrong |= keys[1] != 0
        return near, np.flatnonzero(wrong)


@dataclass(frozen=True)
class _Level:
    """A table of numbers by the upper bits of a product; what is found must still be compared."""

    table: Numbers
    first: np.uint64
    second: np.uint64
    shift: np.uint64

    @classmethod
    def of(cls, keys: Keys, left: Numbers, depth: int) -> "_Level":
        bits = max(8, int(8 * len(left) - 1).bit_length())
        first = np.uint64(_MULTIPLIERS[depth % 4] | 1)
        second = np.uint64((_MULTIPLIERS[(depth + 1) % 4] * (2 * depth + 3)) % (1 << 64) | 1)
        level = cls(np.zeros(1 << bits, np.uint32), first, second, np.uint64(64 - bits))
        level.table[level._slots(_taken(keys, left))] = left
        return level

    def at(self, keys: Keys) -> Numbers:
        found: Numbers = self.table[self._slots(keys)]
        return found

    def _slots(self, keys: Keys) -> NDArray[np.uint64]:
        mixed: NDArray[np.uint64] = keys[0] * self.first
        if len(keys[1]):
            mixed ^= keys[1] * self.second
        return mixed >> self.shift


def _taken(keys: Keys, rows: NDArray[Any]) -> Keys:
    return keys[0][rows], keys[1][rows] if len(keys[1]) else keys[1]


def _views(raw: pl.Series) -> Keys | None:
    """Arrow's views of short strings: length and bytes, 128 bits; None if a string is too long for that."""
    array = raw.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    view = np.frombuffer(array.buffers()[1], dtype=np.uint64)[2 * array.offset : 2 * (array.offset + len(array))]
    first = view[::2].copy()
    longest = int((first & np.uint64(0xFFFFFFFF)).max()) if len(first) else 0
    if longest > _SHORT:
        return None
    return first, view[1::2].copy() if longest > _FIRST_BYTES else np.zeros(0, dtype=np.uint64)
