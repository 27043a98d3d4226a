"""Which of all rows are in a block with some of them: one look at each row, in tables that fit the processor's cache.

1. What the given rows have in a column gets small numbers, which are looked up by a row's value: once for a column,
   however many rules look at it.
2. The numbers of two columns are made one: of all that could be, those that a given row has get small numbers again. So
   it goes on, column by column.
3. Where more could be than a table should hold, numbers share its slots, and those that meet in one are searched.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from linkage.kept.state import Flags, Rows
from linkage.paired.coded import MISSING, Numbers

Small = NDArray[np.unsignedinteger[Any]]  # numbers from 1, as narrow as they can be; 0 is none
_AT_ONCE = 1 << 17
_LARGEST, _SLOT_BITS, _BITS_MORE = 1 << 20, 18, 4
_ODD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing
_ANY = 1 << 62


@dataclass(frozen=True, eq=False)
class Part:
    """A column that a rule looks at: ``which`` value is a row's, and the ``number`` that stands for each.

    Both are below 0 where there is none.
    """

    which: Numbers
    number: Numbers | None = None

    def of(self, rows: Numbers) -> Numbers:
        """The numbers of some rows."""
        which = self.which[rows]
        return which if self.number is None else self._numbers[which]

    @cached_property
    def _numbers(self) -> Numbers:
        return np.append(self.which[:0] if self.number is None else self.number, np.int32(MISSING))  # -1 is the last


@dataclass(frozen=True)
class Rule:
    """What records of one block have in common, and how many a block may have."""

    parts: tuple[Part, ...]
    most: int

    def alike(self, one: Numbers, other: Numbers) -> Flags:
        """Whether the two rows of each pair have every part, and the same."""
        asked = ((part.of(one), part.of(other)) for part in self.parts)
        return np.asarray(np.logical_and.reduce([(mine == theirs) & (mine >= 0) for mine, theirs in asked]))


@dataclass(frozen=True)
class Blocks:
    """The blocks of some given rows, numbered from 1 to ``count``: ``of`` all rows, and of the ``given`` ones."""

    of: Small
    given: Small
    count: int

    def sizes(self, lives: Flags) -> NDArray[np.int64]:
        """By block, how many of its rows live."""
        found = np.zeros(self.count + 1, dtype=np.int64)
        for rows in slabs(len(self.of)):
            block, alive = self.of[rows], lives[rows]
            found += np.bincount(block if alive.all() else block[alive], minlength=len(found))
        found[0] = 0
        return found

    def within(self, some: Flags) -> Rows:
        """The rows of some blocks, which are told by number; ascending."""
        asked = some & (np.arange(len(some)) > 0)
        if not asked.any():
            return np.zeros(0, dtype=np.int64)
        return np.concatenate([np.flatnonzero(asked.take(self.of[rows])) + rows.start for rows in slabs(len(self.of))])


@dataclass(frozen=True)
class Given:
    """Some rows, whose blocks are asked for."""

    rows: Numbers
    _columns: dict[Part, "_Column"] = field(default_factory=dict, repr=False)

    def column(self, part: Part) -> "_Column":
        """Rule 1."""
        if part not in self._columns:
            self._columns[part] = _Column.made(part, self.rows)
        return self._columns[part]

    def blocks(self, rule: Rule) -> Blocks:
        """Rule 2."""
        first, *rest = sorted((self.column(part) for part in rule.parts), key=lambda it: -it.count)
        of, count = first.place, first.count
        given = of.take(self.rows)
        for column in rest:
            number = column.with_(given, column.place.take(self.rows))
            places = _Places.of(number[(given > 0) & (number % column.radix > 0)], (count + 1) * column.radix)
            joined = np.empty(len(of), dtype=np.min_scalar_type(len(places.numbers)))
            for rows in slabs(len(of)):
                joined[rows] = places.find(column.with_(of[rows], column.place[rows]))
            of, count = joined, len(places.numbers)
            given = of.take(self.rows)
        return Blocks(of, given, count)


def slabs(rows: int) -> list[slice]:
    """Rows, some at a time, at least once."""
    return [slice(start, start + _AT_ONCE) for start in range(0, max(rows, 1), _AT_ONCE)]


@dataclass(frozen=True)
class _Places:
    """Some numbers, which ascend; ``table``: by slot the place of one of them, from 1, else 0."""

    numbers: NDArray[np.int64]
    table: Small
    shift: np.uint64 | None

    @classmethod
    def of(cls, numbers: Numbers, end: int) -> Self:
        """These, each once. All that is looked up is below ``end``."""
        distinct = np.unique(numbers).astype(np.int64)
        bits = max(_SLOT_BITS, len(distinct).bit_length() + _BITS_MORE)
        shift = None if end <= _LARGEST else np.uint64(64 - bits)
        narrow = np.min_scalar_type(len(distinct))
        found = cls(distinct, np.zeros(end if shift is None else 1 << bits, dtype=narrow), shift)
        found.table[found._slots(distinct)] = np.arange(1, len(distinct) + 1)
        return found

    def find(self, numbers: Numbers) -> Small:
        """The place of each number, 0 where it has none."""
        place = self.table.take(self._slots(numbers))
        if self.shift is not None:  # (3)
            held = np.flatnonzero(place)
            other = held[self.numbers.take(place.take(held).astype(np.int64) - 1) != numbers.take(held)]
            near = np.minimum(np.searchsorted(self.numbers, numbers[other]), len(self.numbers) - 1)
            place[other] = np.where(self.numbers.take(near) == numbers[other], near + 1, 0)
        return place

    def _slots(self, numbers: Numbers) -> Numbers:
        return numbers if self.shift is None else (numbers.astype(np.uint64) * _ODD >> self.shift).astype(np.int64)


@dataclass(frozen=True)
class _Column:
    """A column of all rows: ``place`` says where a row's value is among the ``count`` that given rows have."""

    place: Small
    count: int

    @classmethod
    def made(cls, part: Part, given: Numbers) -> Self:
        """Rule 1."""
        numbers = part.of(given)
        numbers = numbers[numbers >= 0]
        if part.number is None:
            distinct = np.unique(numbers)
            end = int(part.which.max(initial=MISSING)) + 1
            by_value: Small = np.zeros(end + 1, dtype=np.min_scalar_type(len(distinct)))  # none is the last
            by_value[distinct] = np.arange(1, len(distinct) + 1)
        else:
            places = _Places.of(numbers, _ANY)
            distinct, by_value = places.numbers, np.append(places.find(part.number), places.table[:0].dtype.type(0))
        place = np.empty(len(part.which), dtype=by_value.dtype)
        for rows in slabs(len(place)):
            place[rows] = by_value.take(part.which[rows])
        return cls(place, len(distinct))

    @property
    def radix(self) -> int:
        """How many places there are, with that of none."""
        return self.count + 1

    def with_(self, block: Small, place: Small) -> NDArray[np.int64]:
        """Block and place as one number; below ``radix`` where there is no block."""
        number = block.astype(np.int64)
        number *= self.radix
        number += place
        return number
