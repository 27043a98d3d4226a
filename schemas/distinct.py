"""The distinct values of a column that has few: each is read and checked once, however many rows have it."""

import secrets
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.gathered import Numbers

MOST = 1 << 16  # distinct values that are kept of a column
ENOUGH_ROWS = 1 << 14  # after which it is clear whether a column has few
_PART = 16_000  # rows at once: small enough for the processor's cache
_FIRST_BYTES, _SHORT = 4, 12  # bytes that Arrow keeps in the first half of a string's view, and in both
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
Keys = NDArray[np.uint64]  # two halves a value


class Distinct:
    """Learns a column's values as they come. ``values``: as they were first met; a row's number is a place in them.

    Two texts are the same if their 128-bit keys are: the text itself where all are short, else two hashes of it.
    """

    def __init__(self) -> None:
        self.values = pl.Series(dtype=pl.String)
        self.many = False
        self._rows = 0
        self._whole, self._hashed = False, False  # whether keys are compared whole; whether they are hashes
        self._seeds = (secrets.randbits(64), secrets.randbits(64))
        self._levels: list[_Level] = []

    def numbers(self, raw: pl.Series) -> Numbers | None:
        """Of each value its number; None once the column has too many values for this to be worth while."""
        if self.many:
            return None
        raw = raw.fill_null("") if raw.null_count() else raw  # either is a blank
        if not self._levels:
            self._learn(raw.head(ENOUGH_ROWS), min(len(raw), ENOUGH_ROWS))
            if self.many:
                return None
        found, missed = self._find(raw)
        self._rows += len(raw)
        if len(missed):
            unknown = raw.gather(missed)
            self._learn(unknown, self._rows)
            if self.many:
                return None
            found[missed], _ = self._find(unknown)
        return found

    def _learn(self, unknown: pl.Series, rows: int) -> None:
        """Add values, of which none is known yet, once so many rows were seen."""
        self.values = self.values.append(unknown.unique()).rechunk()
        if len(self.values) > MOST or (rows >= ENOUGH_ROWS and 2 * len(self.values) > rows):
            self.many, self.values, self._levels = True, pl.Series(dtype=pl.String), []
        else:
            self._index(self._keys(self.values))

    def _keys(self, raw: pl.Series) -> Keys:
        """The keys of texts; those that are known are put in order anew where these ask for other keys."""
        views, longest = (None, 0) if self._hashed else _views(raw)
        if views is None or longest > _SHORT:
            if not self._hashed:
                self._whole = self._hashed = True
                self._index(self._hash(self.values))
            return self._hash(raw)
        if longest > _FIRST_BYTES and not self._whole:
            self._whole = True
            self._index(_views(self.values)[0])
        return views

    def _hash(self, raw: pl.Series) -> Keys:
        return np.column_stack([raw.hash(seed).to_numpy() for seed in self._seeds])

    def _index(self, keys: Keys) -> None:
        """Put each value into the first level that has room for it."""
        self._levels, left = [], np.arange(len(keys))
        while len(left):
            level = _Level.of(keys, left, len(self._levels), whole=self._whole)
            self._levels.append(level)
            left = left[level.look_up(keys[left])[0] != left]

    def _find(self, raw: pl.Series) -> tuple[Numbers, Numbers]:
        """The number of each value, and the rows whose value is unknown."""
        keys = self._keys(raw)
        starts = range(0, len(keys), _PART)
        found, missed = zip(*(self._look_up(keys[start : start + _PART]) for start in starts), strict=True)
        return np.concatenate(found), np.concatenate([rows + at for rows, at in zip(missed, starts, strict=True)])

    def _look_up(self, keys: Keys) -> tuple[Numbers, Numbers]:
        found, missed = self._levels[0].look_up(keys)
        for level in self._levels[1:]:
            if not len(missed):
                break
            near, wrong = level.look_up(keys[missed])
            found[missed], missed = near, missed[wrong]
        return found, missed


@dataclass(frozen=True)
class _Level:
    """A table of numbers by the upper bits of a product, and the keys that they have."""

    table: NDArray[np.int32]
    halves: tuple[Keys, ...]
    multipliers: tuple[np.uint64, np.uint64]
    shift: np.uint64

    @classmethod
    def of(cls, keys: Keys, left: Numbers, depth: int, *, whole: bool) -> "_Level":
        bits = max(8, (8 * len(left) - 1).bit_length())
        first = np.uint64(_MULTIPLIERS[depth % 4] | 1)
        second = np.uint64((_MULTIPLIERS[(depth + 1) % 4] * (2 * depth + 3)) % (1 << 64) | 1)
        halves = tuple(keys[:, half].copy() for half in range(1 + whole))
        level = cls(np.zeros(1 << bits, np.int32), halves, (first, second), np.uint64(64 - bits))
        level.table[level._slots(keys[left])] = left
        return level

    def look_up(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Of each key the number that it would have here, and which of them do not."""
        near = self.table.take(self._slots(keys), mode="clip").astype(np.intp)
        wrong = self.halves[0].take(near, mode="clip") != keys[:, 0]
        for half, known in enumerate(self.halves[1:], 1):
            wrong |= known.take(near, mode="clip") != keys[:, half]
        return near, np.flatnonzero(wrong)

    def _slots(self, keys: Keys) -> Numbers:
        mixed = keys[:, 0] * self.multipliers[0]
        for half in range(1, len(self.halves)):
            mixed ^= keys[:, half] * self.multipliers[half]
        mixed >>= self.shift
        return mixed.view(np.intp)


def _views(raw: pl.Series) -> tuple[Keys, int]:
    """Arrow's views of strings, 128 bits each, and the longest one's bytes; a short one's view is its length and it."""
    array = raw.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    views = np.frombuffer(array.buffers()[1], dtype=np.uint64)[2 * array.offset : 2 * (array.offset + len(array))]
    return views.reshape(-1, 2), int(views.view(np.uint32)[::4].max(initial=0))
