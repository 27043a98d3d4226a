"""What pairs can weigh at the most, as far as their tokens tell: by group of comparisons, looked up in tables.

1. A comparison whose level tokens tell adds that level's bits; one in doubt the most of the levels that it may be at.
2. At a level with ``frequency`` the value's own rarity counts, which is the left record's (learned.weighing, rule 2).
3. Comparisons without such a level are looked up several at once, so long as the table stays small.
4. A constraint may hold for a pair if each comparison that it names may stand at one of its levels, and none surely
   stands at one of ``unless``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkage.config import UNKNOWN, Comparison
from linkage.learned.weighing import Scale
from linkage.paired.coded import Numbers
from linkage.paired.glance import Facts, Told, Word, told
from linkage.paired.language import Fact

Bits = NDArray[np.float32]
Flags = NDArray[np.bool_]
_TOGETHER = 10  # facts whose combinations are looked up at once: a table of a thousand


@dataclass(frozen=True)
class _Rare:
    """A level with ``frequency``: by place whether a pair is at it; of each record its value, and what that adds."""

    here: Flags
    value: Numbers
    adds: Bits


@dataclass(frozen=True)
class _Group:
    """Comparisons that are looked up at once. By place ``own`` bits of what tokens tell, ``may`` as Seen has it.

    ``doubt``: the most bits of the levels in doubt, where they are not in ``own`` already.
    """

    facts: tuple[Fact, ...]
    own: Bits
    doubt: Bits | None
    rare: tuple[_Rare, ...]
    may: Word

    def bits(self, place: NDArray[np.intp], left: Numbers) -> Bits:
        """The most that each pair may weigh by these comparisons."""
        found = self.own.take(place)
        for it in self.rare:
            here = np.flatnonzero(it.here.take(place))
            found[here] += it.adds.take(it.value.take(left.take(here)))  # (2)
        return found if self.doubt is None else np.maximum(found, self.doubt.take(place))


@dataclass(frozen=True)
class Seen:
    """Pairs by their facts: the ``most`` that each weighs but for the prior; constraints that ``may`` hold, as bits."""

    words: Word
    most: Bits
    may: Word


@dataclass(frozen=True)
class Bounds:
    """The rules at work under one scale."""

    scale: Scale

    def of(self, left: Numbers, right: Numbers) -> Seen:
        """What tokens tell of these pairs."""
        words = self._facts.words(left, right)
        most, may = np.zeros(len(left), dtype=np.float32), self._every.repeat(len(left))
        for group in self._groups:
            place = self._facts.places(group.facts, words)
            most += group.bits(place, left)
            may &= group.may.take(place)
        return Seen(words, most, may)

    def place(self, number: int, words: Word) -> NDArray[np.intp]:
        """Where pairs stand in the table of one comparison."""
        return self._facts.places(self.told[number].facts, words)

    def alone(self, number: int, place: NDArray[np.intp], left: Numbers) -> Bits:
        """The most that one comparison may add to each pair."""
        return self._alone[number].bits(place, left)

    @cached_property
    def most(self) -> list[Bits]:
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
    def _comparisons(self) -> list[Comparison]:
        return list(self.scale.config.comparisons.values())

    @cached_property
    def _facts(self) -> Facts:
        return Facts.of(self.scale.coded, self.scale.config)

    @cached_property
    def told(self) -> list[Told]:
        """By comparison."""
        return [told(comparison) for comparison in self._comparisons]

    @cached_property
    def _alone(self) -> list[_Group]:
        return [self._one(number) for number in range(len(self._comparisons))]

    def _one(self, number: int) -> _Group:
        it, comparison = self.told[number], self._comparisons[number]
        most = np.append(self.most[number], np.float32(0))[:, None]  # unknown is the last
        doubt = np.where(it.doubt, most, -np.inf).max(axis=0)  # (1)
        rare = tuple(self._rare(number, label) for label, level in comparison.levels.items() if level.frequency)
        own = self.scale.table[number].astype(np.float32)[it.sure]
        if rare:
            return _Group(it.facts, own, doubt.astype(np.float32), rare, self._may(number))
        return _Group(it.facts, np.maximum(own, doubt), None, (), self._may(number))

    def _rare(self, number: int, label: str) -> _Rare:
        comparison = self._comparisons[number]
        column = str(comparison.levels[label].frequency)
        adds = (self.scale.u(number, label) - self.scale.rarity[column]).astype(np.float32)
        here = self.told[number].sure == comparison.names.index(label)
        return _Rare(here, self.scale.coded.tokens[column], adds)

    @cached_property
    def _groups(self) -> list[_Group]:
        """Rule 3."""
        found: list[_Group] = []
        for group in self._alone:
            at = next((at for at, it in enumerate(found) if _fit(it, group)), len(found))
            found[at : at + 1] = [_both(found[at], group)] if at < len(found) else [group]
        return found

    @cached_property
    def _every(self) -> Word:
        """One row: all constraints, as bits."""
        count = len(self.scale.config.constraints)
        return np.array([(1 << count) - 1], dtype=np.min_scalar_type(1 << count))

    @cached_property
    def allows(self) -> list[Word]:
        """Rule 4: by comparison, and by level with unknown as the last, which constraints may hold."""
        return [np.array(list(self._allowed(it)), dtype=self._every.dtype)
                for it in self.scale.config.comparisons]  # fmt: skip

    def _allowed(self, name: str) -> Iterator[int]:
        rules = self.scale.config.constraints.values()
        for level in (*self.scale.config.comparisons[name].names, UNKNOWN):
            holds = (level in it.when.get(name, [level]) and level not in it.unless.get(name, []) for it in rules)
            yield sum(1 << at for at, may in enumerate(holds) if may)

    def _may(self, number: int) -> Word:
        """Rule 4: by place."""
        it, allows = self.told[number], self.allows[number]
        of_doubt = (np.where(doubt, allows[level], 0) for level, doubt in enumerate(it.doubt))
        return np.asarray(np.bitwise_or.reduce([allows[it.sure], *of_doubt]), dtype=allows.dtype)


def _fit(one: _Group, other: _Group) -> bool:
    return not one.rare and not other.rare and len(one.facts) + len(other.facts) <= _TOGETHER


def _both(one: _Group, other: _Group) -> _Group:
    """Two groups as one: the place in its tables is that of the first, then that of the second."""
    place = np.arange(1 << (len(one.facts) + len(other.facts)))
    low, high = place & ((1 << len(one.facts)) - 1), place >> len(one.facts)
    own, may = one.own[low] + other.own[high], one.may[low] & other.may[high]
    return _Group(one.facts + other.facts, own, None, (), may)
