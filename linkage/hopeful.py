"""Pairs that can come to nothing are not compared to the end.

Most pairs that blocking brings together differ in so much that nothing left could make them count, and encodings take
longest to compare. So:

1. Each comparison is asked first as far as tokens tell. A level that an encoding would have to decide is possible.
   What a pair's best possible levels add up to is its bound: it cannot weigh more.
2. A pair is let go of once its bound is ``margin`` bits below the least weight that counts, if no constraint can hold
   for it: it decides nothing, and is as likely a match as its bound says, at the most.
3. Of the others encodings are compared, one comparison after the other, those first that can take off most.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkage.coded import Numbers
from linkage.compared import Compared, compare
from linkage.config import UNKNOWN, Comparison, Level
from linkage.grouping import Indices
from linkage.language import looks_at_bits
from linkage.levels import PAIRS_AT_ONCE, THREADS, Levels, level_of, levels_elsewhere
from linkage.model import Brought
from linkage.rules import Pairs
from linkage.weighing import Scale

Bits = NDArray[np.float32]
Flags = NDArray[np.bool_]
_MARGIN = 12.0
_DOUBT = np.int8(-2)  # in the place of a level that encodings decide
_NO_KEYS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Worth:
    """``compared``: the pairs that can decide of persons or be asked about; ``at``: their places among those given.

    ``light``: how many of the others match all the same, at the most.
    """

    compared: Compared
    at: Indices
    light: float


def worth(scale: Scale, left: Numbers, right: Numbers) -> Worth:
    """Weigh pairs; kept are those so heavy that they count, or held by a constraint."""
    least = min(scale.config.clustering.considered, scale.config.review.from_)
    screen = _Screen(scale, least - _MARGIN)
    with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter while it works
        starts = range(0, max(len(left), 1), PAIRS_AT_ONCE)
        parts = list(pool.map(lambda at: screen.hopeful(_part(left, at), _part(right, at)), starts))
    at = np.concatenate([part.at + start for part, start in zip(parts, starts, strict=True)])
    left, right = left[at], right[at]
    levels = levels_elsewhere(scale.coded, left, right, scale.config)
    if levels is None:
        levels = np.concatenate([part.levels for part in parts])
    found = compare(scale, Brought(scale.coded, _NO_KEYS, left, right, levels))
    counts = (found.weight >= least) | (found.constraint >= 0)
    light = sum(part.light for part in parts) + _likely(found.weight[~counts])
    return Worth(found.at(np.flatnonzero(counts)), at[counts], light)


def _part(side: Numbers, at: int) -> Numbers:
    return side[at : at + PAIRS_AT_ONCE]


def _likely(weight: NDArray[np.floating]) -> float:
    return float((1 / (1 + np.exp2(-weight.astype(np.float64)))).sum())


@dataclass(frozen=True)
class _Hopeful:
    """Some of the pairs of a part: their places there and their levels; and what rule 2 counts of the others."""

    at: Indices
    levels: Levels
    light: float


@dataclass
class _Open:
    """Pairs that are still compared: of each its place, by comparison its level or doubt, and its bound in bits."""

    at: Indices
    levels: Levels
    bits: Bits
    light: float = 0.0

    def only(self, stay: Flags, total: Bits) -> "_Open":
        """Let go of the others."""
        if stay.all():
            return self
        kept = np.flatnonzero(stay)
        light = self.light + _likely(total[~stay])
        return _Open(self.at[kept], self.levels[kept], self.bits[kept], light)


@dataclass(frozen=True)
class _Screen:
    """The rules at work under one scale; ``least``: the bound below which a pair is let go of."""

    scale: Scale
    least: float

    def hopeful(self, left: Numbers, right: Numbers) -> _Hopeful:
        """Rules 1 to 3 for some pairs."""
        pairs, comparisons = Pairs(self.scale.coded, left, right), self._comparisons
        levels = np.empty((len(left), len(comparisons)), dtype=np.int8, order="F")
        bits = np.empty(levels.shape, dtype=np.float32, order="F")
        for number in range(len(comparisons)):
            levels[:, number], bits[:, number] = self._by_tokens(number, pairs, left)  # (1)
        open_ = self._let_go(_Open(np.arange(len(left)), levels, bits))  # (2)
        for number in self._order:  # (3)
            if not len(open_.at):
                break
            doubt = np.flatnonzero(open_.levels[:, number] == _DOUBT)
            one, other = left[open_.at[doubt]], right[open_.at[doubt]]
            found = level_of(Pairs(self.scale.coded, one, other), comparisons[number])
            open_.levels[doubt, number] = found
            open_.bits[doubt, number] = self._bits(number, found, one)
            open_ = self._let_go(open_)
        return _Hopeful(open_.at, np.ascontiguousarray(open_.levels), open_.light)

    def _let_go(self, open_: _Open) -> _Open:
        """Rule 2."""
        total = open_.bits.sum(axis=1) + np.float32(self.scale.prior + self._lifted)
        stay = total >= self.least
        for when, unless in self._held_by:
            rows = np.flatnonzero(~stay)
            for column, among in when:
                rows = rows[among[open_.levels[rows, column]]]
            for column, among in unless:
                rows = rows[~among[open_.levels[rows, column]]]
            stay[rows] = True
        return open_.only(stay, total)

    def _by_tokens(self, number: int, pairs: Pairs, left: Numbers) -> tuple[Levels, Bits]:
        """Rule 1: of each pair its level, or doubt, and the most bits that it may add."""
        comparison, most = self._comparisons[number], self._most[number]
        level, reach = np.full(len(pairs), -1, dtype=np.int8), np.zeros(len(pairs), dtype=np.float32)
        if looks_at_bits(comparison.unknown):
            level[:], reach[:] = _DOUBT, max(self._most[number].max(), 0.0)
            return level, reach
        open_ = ~pairs.may(comparison.unknown)
        if not open_.any():
            return level, reach
        reach[open_] = -np.inf
        floor, doubtful = np.float32(-np.inf), False
        for place, it in _from_the_top(comparison):
            if doubtful and most[place] <= floor:
                continue  # it would raise no bound
            if looks_at_bits(it.when):
                doubtful, holds = True, open_ & pairs.may(it.when)
                np.maximum(reach, most[place], out=reach, where=holds)
                floor = max(floor, most[place]) if holds.sum() == open_.sum() else floor
                continue
            holds = open_ & pairs.may(it.when)
            open_ &= ~holds
            rows = np.flatnonzero(holds)
            level[rows] = _DOUBT if doubtful else place
            reach[rows] = np.maximum(reach[rows], self._bits(number, np.full(len(rows), place), left[rows]))
        level[open_] = _DOUBT if doubtful else 0
        np.maximum(reach, most[0], out=reach, where=open_)
        return level, reach

    def _bits(self, number: int, found: Levels, left: Numbers) -> Bits:
        return self.scale.bits_of(number, found, left).astype(np.float32)

    @cached_property
    def _comparisons(self) -> list[Comparison]:
        return list(self.scale.config.comparisons.values())

    @cached_property
    def _lifted(self) -> float:
        """What going together by chance could add, if a model said so."""
        return sum(max(-bits, 0.0) for _, _, bits in self.scale.together)

    @cached_property
    def _most(self) -> list[Bits]:
        """By comparison, the most bits of each level from different upwards: those of its rarest value."""
        found = []
        for number, comparison in enumerate(self._comparisons):
            most = self.scale.table[number][:-1].astype(np.float32)
            for label, level in comparison.levels.items():
                if level.frequency:
                    rarest = float(self.scale.rarity[level.frequency].min(initial=0.0))
                    most[comparison.names.index(label)] += self.scale.u(number, label) - rarest
            found.append(most)
        return found

    @cached_property
    def _doubtful(self) -> list[int]:
        """By comparison, the highest level that encodings may have to decide, -1 where there is none."""
        return [
            max((place for place, rule in _rules(comparison) if looks_at_bits(rule)), default=-1)
            for comparison in self._comparisons
        ]

    @cached_property
    def _order(self) -> list[int]:
        """Rule 3: the comparisons that encodings decide."""
        spread = {
            number: most[: place + 1].max() - most.min()
            for number, (place, most) in enumerate(zip(self._doubtful, self._most, strict=True))
            if place >= 0
        }
        return sorted(spread, key=lambda number: -spread[number])

    @cached_property
    def _held_by(self) -> list[tuple[list[tuple[int, Flags]], list[tuple[int, Flags]]]]:
        constraints = self.scale.config.constraints.values()
        return [
            ([self._among(*named, doubt=True) for named in it.when.items()],
             [self._among(*named, doubt=False) for named in it.unless.items()])
            for it in constraints
        ]  # fmt: skip

    def _among(self, name: str, levels: list[str], *, doubt: bool) -> tuple[int, Flags]:
        """A comparison by number, and by level whether it is among these; then in doubt; then unknown."""
        number = list(self.scale.config.comparisons).index(name)
        among = np.isin(self._comparisons[number].names, levels)
        told = np.append(among, UNKNOWN in levels)
        return number, np.insert(told, -1, doubt and told[: self._doubtful[number] + 1].any())


def _rules(comparison: Comparison) -> Iterator[tuple[int, str]]:
    """Each level's rule by its place; that of unknown stands above them all."""
    yield len(comparison.levels) + 1, comparison.unknown
    yield from ((place, level.when) for place, level in _from_the_top(comparison))


def _from_the_top(comparison: Comparison) -> Iterator[tuple[int, Level]]:
    yield from zip(range(len(comparison.levels), 0, -1), comparison.levels.values(), strict=True)
