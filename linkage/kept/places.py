"""Which of all rows are in a block with some of them: one look at each row, in tables that fit the processor's cache.

1. What the given rows have in a column gets small numbers, which are looked up by a row's value.
2. The numbers of two columns are made one: of all that could be, those that a given row has get small numbers again. So
   it goes on, column by column. The first is the one with most values, and then only rows that may fit are looked at.
3. Where more could be than a table should hold, numbers share its slots, and those that meet in one are searched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from linkage.kept.state import Flags, Rows
from linkage.paired.coded import MISSING, Numbers

Small = NDArray[np.int32]  # numbers from 1; 0 is none
_AT_ONCE = 1 << 15
_LARGEST, _SLOT_BITS, _BITS_MORE, _FEW_BITS = 1 << 20, 18, 4, 2
_ODD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing
_ANY = 1 << 62
_NOWHERE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
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
class Blocks:
    """The blocks of some given rows. ``parts``: all rows that are in them, ascending, and the block of each.

    ``given``: the block of each given row. ``count``: of blocks, which are numbered from 1; 0 is none.
    """

    parts: list[tuple[Rows, Small]]
    given: Small
    count: int

    def sizes(self, lives: Flags) -> NDArray[np.int64]:
        """By block, how many of its rows live."""
        found = np.zeros(self.count + 1, dtype=np.int64)
        for rows, block in self.parts:
            alive = lives.take(rows)
            found += np.bincount(block if alive.all() else block[alive], minlength=len(found))
        return found

    def within(self, some: Flags) -> tuple[Rows, Small]:
        """The rows of some blocks, by number, and the block of each: nearly all may be in blocks that are too large."""
        fit = [np.flatnonzero(some.take(block)) for _, block in self.parts]
        rows, block = ([part[side].take(at) for part, at in zip(self.parts, fit, strict=True)] for side in (0, 1))
        return np.concatenate([_NOWHERE, *rows]), np.concatenate([self.given[:0], *block])


@dataclass(frozen=True)
class Rule:
    """What records of one block have in common, and how many a block may have."""

    parts: tuple[Part, ...]
    most: int

    def alike(self, one: Numbers, other: Numbers) -> Flags:
        """Whether the two rows of each pair have every part, and the same."""
        asked = ((part.of(one), part.of(other)) for part in self.parts)
        return np.asarray(np.logical_and.reduce([(mine == theirs) & (mine >= 0) for mine, theirs in asked]))

    def blocks(self, given: Numbers) -> Blocks:
        """The blocks of some rows."""
        first, *rest = sorted((_Column.made(part, given) for part in self.parts), key=lambda it: -it.count)
        of, count, steps = first.of(given), first.count, []
        for column in rest:  # (2)
            more = column.of(given)
            number = np.where((of > 0) & (more > 0), column.with_(of, more), MISSING)
            places = _Places.of(number, (count + 1) * (column.count + 1))
            of, count = places.find(number), len(places.numbers)
            steps.append((column, places))
        return Blocks(list(_found(first, steps)), of, count)


@dataclass(frozen=True)
class _Places:
    """Some numbers, which ascend; ``table``: by slot the place of one of them, from 1, else 0; the last is no slot."""

    numbers: NDArray[np.int64]
    table: Small
    shift: np.uint64 | None

    @classmethod
    def of(cls, numbers: Numbers, end: int) -> Self:
        """Those of these that are not below 0, each once. All that is looked up is below ``end``."""
        distinct = np.unique(numbers[numbers >= 0]).astype(np.int64)
        bits = max(_SLOT_BITS, len(distinct).bit_length() + _BITS_MORE)
        shift = None if end <= _LARGEST else np.uint64(64 - bits)
        found = cls(distinct, np.zeros(1 + (end if shift is None else 1 << bits), dtype=np.int32), shift)
        found.table[found._slots(distinct)] = np.arange(1, len(distinct) + 1, dtype=np.int32)
        return found

    def find(self, numbers: Numbers) -> Small:
        """The place of each number, 0 where it has none."""
        place = self.table.take(self._slots(numbers))
        if self.shift is not None:  # (3)
            held = np.flatnonzero(place > 0)
            other = held[self.numbers.take(place.take(held) - 1) != numbers.take(held)]
            near = np.minimum(np.searchsorted(self.numbers, numbers[other]), len(self.numbers) - 1)
            place[other] = np.where(self.numbers.take(near) == numbers[other], near + 1, 0)
        return place

    def _slots(self, numbers: Numbers) -> Numbers:
        return numbers if self.shift is None else (numbers.astype(np.uint64) * _ODD >> self.shift).astype(np.int64)


@dataclass(frozen=True)
class _Column:
    """A column of all rows; ``place``: by value, none being the last, where it is among the ``count`` of given rows."""

    which: Numbers
    place: Small
    count: int

    @classmethod
    def made(cls, part: Part, given: Numbers) -> Self:
        """Rule 1."""
        if part.number is not None:
            places = _Places.of(part.of(given), _ANY)
            return cls(part.which, np.append(places.find(part.number), np.int32(0)), len(places.numbers))
        distinct = np.unique(part.which[given])
        distinct = distinct[distinct >= 0]
        place = np.zeros(int(part.which.max(initial=MISSING)) + 2, dtype=np.int32)
        place[distinct] = np.arange(1, len(distinct) + 1, dtype=np.int32)
        return cls(part.which, place, len(distinct))

    def of(self, rows: Numbers | slice) -> Small:
        """The places of some rows."""
        return self.place.take(self.which[rows] if isinstance(rows, slice) else self.which.take(rows))

    def with_(self, block: Small, place: Small) -> NDArray[np.int64]:
        """Block and place as one number."""
        return block * np.int64(self.count + 1) + place


def _found(first: _Column, steps: list[tuple[_Column, _Places]]) -> Iterator[tuple[Rows, Small]]:
    """Rule 2: some rows at once. Only where few may fit is it quicker to look no further at the others."""
    for start in range(0, len(first.which), _AT_ONCE):
        asked: Rows | slice = slice(start, start + _AT_ONCE)
        block = first.of(asked)
        fit = np.flatnonzero(block > 0)
        if len(fit) < len(block) >> _FEW_BITS:
            asked, block = fit + start, block.take(fit)
        for column, places in steps:
            block = places.find(column.with_(block, column.of(asked)))
        fit = np.flatnonzero(block > 0)
        yield (fit + start if isinstance(asked, slice) else asked.take(fit)), block.take(fit)
