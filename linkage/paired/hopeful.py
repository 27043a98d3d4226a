"""Pairs that can come to nothing are not compared to the end.

Most pairs that blocking brings together differ in so much that nothing left could make them count, and encodings take
longest to compare. So:

1. Each comparison is asked first as far as tokens tell. A level that an encoding would have to decide is possible.
   What a pair's best possible levels add up to is its bound: it cannot weigh more.
2. A pair is let go of once its bound is ``margin`` bits below the least weight that counts, if no constraint can hold
   for it: it decides nothing, and is as likely a match as its bound says, at the most.
3. Of the others encodings are compared, one comparison after the other, those first that take off most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkage.config import Comparison
from linkage.learned.model import Brought
from linkage.learned.weighing import Scale
from linkage.paired.bounds import Bits, Bounds
from linkage.paired.coded import Numbers
from linkage.paired.compared import Compared, compare
from linkage.paired.glance import DOUBT, Word
from linkage.paired.grouping import Indices
from linkage.paired.levels import Levels, settle
from linkage.paired.rules import Pairs
from linkage.threads import side_by_side

_MARGIN = 12.0
_FEW = 2048  # pairs that tell of the others in which order they are best compared
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
    return worth_of(scale, [(left, right)])


def worth_of(scale: Scale, parts: Sequence[tuple[Numbers, Numbers]]) -> Worth:
    """The same of pairs that come in parts, which are best as large as PAIRS_AT_ONCE; at least one part."""
    least = min(scale.config.clustering.considered, scale.config.review.from_)
    screen = _Screen(scale, least - _MARGIN)
    screen.hopeful(*(side[:0] for side in parts[0]))  # makes the tables that all parts are looked up in
    found = side_by_side(lambda part: screen.hopeful(*part), parts)
    left, right = (
        np.concatenate([part[side].take(it.at) for part, it in zip(parts, found, strict=True)]) for side in (0, 1)
    )
    starts = np.cumsum([0, *(len(part[0]) for part in parts[:-1])])
    at = np.concatenate([it.at + start for it, start in zip(found, starts, strict=True)])
    levels = np.concatenate([it.levels for it in found])
    weighed = compare(scale, Brought(scale.coded, _NO_KEYS, left, right, levels))
    counts = (weighed.weight >= least) | (weighed.constraint >= 0)
    light = sum(it.light for it in found) + _likely(weighed.weight[~counts])
    return Worth(weighed.at(np.flatnonzero(counts)), at[counts], light)


def _likely(weight: NDArray[np.floating]) -> float:
    return float((1 / (1 + np.exp2(-weight.astype(np.float64)))).sum())


@dataclass(frozen=True)
class _Hopeful:
    """Some of the pairs of a part: their places there and their levels; and what rule 2 counts of the others."""

    at: Indices
    levels: Levels
    light: float


@dataclass(frozen=True)
class _Open:
    """Pairs that are still compared: of each its place, its bound in bits, and which constraints may hold.

    ``levels``: by comparison, so far as encodings were compared.
    """

    at: Indices
    bound: Bits
    may: Word
    levels: dict[int, Levels] = field(default_factory=dict)
    light: float = 0.0

    def only(self, least: float) -> "_Open":
        """Rule 2: let go of the others."""
        stay = (self.bound >= least) | (self.may != 0)
        kept = np.flatnonzero(stay)
        if len(kept) == len(stay):
            return self
        light = self.light + _likely(self.bound.take(np.flatnonzero(~stay)))
        levels = {number: found.take(kept) for number, found in self.levels.items()}
        return _Open(self.at.take(kept), self.bound.take(kept), self.may.take(kept), levels, light)


@dataclass(frozen=True)
class _Screen:
    """The rules at work under one scale; ``least``: the bound below which a pair is let go of."""

    scale: Scale
    least: float

    def hopeful(self, left: Numbers, right: Numbers) -> _Hopeful:
        """Rules 1 to 3 for some pairs."""
        seen = self._bounds.of(left, right)  # (1)
        open_ = _Open(np.arange(len(left)), seen.most + self._beside, seen.may).only(self.least)  # (2)
        for number in self._order(seen.words[open_.at[:_FEW]]):  # (3)
            if len(open_.at):
                one, other = left.take(open_.at), right.take(open_.at)
                words = seen.words.take(open_.at)
                open_ = self._closer(number, open_, words, Pairs(self.scale.coded, one, other), one)
        words, levels = seen.words.take(open_.at), np.empty((len(open_.at), len(self._bounds.told)), dtype=np.int8)
        for number, told in enumerate(self._bounds.told):
            known = open_.levels.get(number)
            levels[:, number] = told.level.take(self._bounds.place(number, words)) if known is None else known
        return _Hopeful(open_.at, levels, open_.light)

    def _closer(self, number: int, open_: _Open, words: Word, pairs: Pairs, left: Numbers) -> _Open:
        """Compare encodings where one comparison is in doubt."""
        told, place = self._bounds.told[number], self._bounds.place(number, words)
        levels, bound, may = told.level.take(place), open_.bound.copy(), open_.may.copy()
        doubt = np.flatnonzero(levels == DOUBT)
        place, left = place.take(doubt), left.take(doubt)
        levels[doubt] = found = settle(pairs.only_at(doubt), self._comparisons[number], told, place)
        bound[doubt] += self.scale.bits_of(number, found, left) - self._bounds.alone(number, place, left)
        may[doubt] &= self._bounds.allows[number].take(found)
        return replace(open_, bound=bound, may=may, levels=open_.levels | {number: levels}).only(self.least)

    @cached_property
    def _comparisons(self) -> list[Comparison]:
        return list(self.scale.config.comparisons.values())

    @cached_property
    def _bounds(self) -> Bounds:
        return Bounds(self.scale)

    @cached_property
    def _beside(self) -> np.float32:
        """The prior, and what going together by chance could add, if a model said so."""
        return np.float32(self.scale.prior + sum(max(-bits, 0.0) for _, _, bits in self.scale.together))

    def _order(self, words: Word) -> list[int]:
        """Rule 3: the comparisons that encodings decide, by what a stranger loses by them and how often."""
        told, place = self._bounds.told, self._bounds.place
        often = {number: int((told[number].level[place(number, words)] == DOUBT).sum()) for number in self._loss}
        return sorted(self._loss, key=lambda number: -self._loss[number] * often[number])

    @cached_property
    def _loss(self) -> dict[int, float]:
        """By comparison that encodings decide, from its most bits to what chance leaves on average."""
        loss = {}
        for number, (told, most) in enumerate(zip(self._bounds.told, self._bounds.most, strict=True)):
            doubtful = told.doubt[:-1].any(axis=1)
            if told.doubt.any():
                highest = int(np.flatnonzero(doubtful).max(initial=0))
                chance = self.scale.chance(number)[: highest + 1]
                loss[number] = most[: highest + 1].max() - float(np.average(most[: highest + 1], weights=chance))
        return loss
