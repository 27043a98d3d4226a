"""Persons who cannot be one: what a person has one of, such as an NHS number, or what cannot all be true of one.

Weights may outvote these, since anything may be written down wrong; but two different numbers that both carry a right
check digit are mostly two people's, and so are two settled birthdays of two sexes. So such a group is split, by a rule
that anybody can follow:

1. Its pairs are taken from the heaviest to the lightest, ties by the smaller records, and join their records; but not
   where two parts would meet that have such a number each and none in common, or where two records of what they would
   make contradict two others (linkage.clustered.contradictions). So it comes apart at its weakest pairs.
2. Nor where each part has a record of a feed that holds one per person (clustered.once); unless they have such a number
   in common: then that feed's own system wrote one person down twice.
3. Nor where one part tells that its person died and the other of a later life (clustered.deaths).
4. Records that people decided are of one person begin joined.
5. What never met stays apart, and is shown for review (linkage.reviewed.review), as two people who look like one.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from linkage.clustered.contradictions import Flags, contradicting, impossible, two_against_two
from linkage.clustered.deaths import NEVER, seen_after_death
from linkage.clustered.decided import Decided
from linkage.learned.weighing import Scale
from linkage.paired.coded import Numbers
from linkage.paired.grouping import Groups, Indices


def split(scale: Scale, label: Indices, decided: Decided) -> Indices:
    """Of each record the smallest of its person, once no group holds what no person can."""
    tokens = [scale.coded.tokens[column] for column in scale.config.clustering.one_of]
    none, grace = np.zeros(0, dtype=np.int64), _grace(scale)
    own = [np.where(once, np.arange(len(label)), -1) for once in scale.once]
    broken = [
        none,
        *(_broken(label, values) for values in (*tokens, *own)),
        impossible(scale.coded, label, scale.config),
        none if scale.days is None else seen_after_death(label, scale.days, grace),
    ]
    found, groups, start = label.copy(), Groups.of(label), decided.start(len(label))
    for group in np.unique(np.concatenate(broken)):
        records, _ = groups.members(np.array([group]))
        found[records] = _parted(scale, records, start[records], tokens)
    return found


def _broken(label: Indices, values: Numbers) -> Indices:
    """The groups with two values or more."""
    known = values >= 0
    of = label[known]
    pairs = np.unique(of * (int(values.max(initial=0)) + 1) + values[known])
    groups, counts = np.unique(pairs // (int(values.max(initial=0)) + 1), return_counts=True)
    return np.asarray(groups[counts > 1])


@dataclass
class _Part:
    """Some records of a group by place; their numbers, the feeds of rule 2 that they are of, the days of rule 3."""

    places: list[int]
    numbers: list[set[int]]
    once: set[int]
    died: int
    seen: int

    def may_meet(self, other: "_Part", contradicts: Flags, grace: int) -> bool:
        """Rules 1 to 3: whether both may be one person."""
        numbers = list(zip(self.numbers, other.numbers, strict=True))
        if any(mine and theirs and not mine & theirs for mine, theirs in numbers):
            return False
        if self.once & other.once and not any(mine & theirs for mine, theirs in numbers):
            return False
        if self.died + grace < other.seen or other.died + grace < self.seen:
            return False
        both = self.places + other.places
        return not (contradicts[np.ix_(self.places, other.places)].any() and _too_much(contradicts, both))

    def with_(self, other: "_Part") -> "_Part":
        """Both as one."""
        numbers = [mine | theirs for mine, theirs in zip(self.numbers, other.numbers, strict=True)]
        died, seen = min(self.died, other.died), max(self.seen, other.seen)
        return _Part(self.places + other.places, numbers, self.once | other.once, died, seen)

    @classmethod
    def of(cls, scale: Scale, records: Indices, places: Indices, tokens: list[Numbers]) -> Self:
        """The records of a group at these places."""
        mine = records[places]
        numbers = [set(values[mine].tolist()) - {-1} for values in tokens]
        once = {feed for feed, flags in enumerate(scale.once) if flags[mine].any()}
        died, seen = (NEVER, -NEVER) if scale.days is None else (scale.days[mine, 0].min(), scale.days[mine, 1].max())
        return cls(places.tolist(), numbers, once, int(died), int(seen))


def _grace(scale: Scale) -> int:
    deaths = scale.config.clustering.deaths
    return NEVER if deaths is None else deaths.grace


def _too_much(contradicts: Flags, places: list[int]) -> bool:
    return two_against_two(contradicts[np.ix_(places, places)])


def _parted(scale: Scale, records: Indices, start: Indices, tokens: list[Numbers]) -> Indices:
    """Rules 1 to 4, for the records of one group, in order."""
    records_at = {record: place for place, record in enumerate(records.tolist())}
    part = np.array([records_at.get(first, place) for place, first in enumerate(start.tolist())], dtype=np.int64)
    places = {place: np.flatnonzero(part == place) for place in np.unique(part).tolist()}
    held = {place: _Part.of(scale, records, mine, tokens) for place, mine in places.items()}
    one, other = np.triu_indices(len(records), 1)
    contradicts = np.zeros((len(records), len(records)), dtype=bool)
    contradicts[one, other] = contradicting(scale.coded, records[one], records[other], scale.config)
    contradicts |= contradicts.T
    grace = _grace(scale)
    weight = np.round(scale.weigh(records[one], records[other]), 9)
    for pair in np.lexsort((other, one, -weight)):
        low, high = sorted((int(part[one[pair]]), int(part[other[pair]])))
        if low != high and held[low].may_meet(held[high], contradicts, grace):
            part[part == high] = low
            held[low] = held[low].with_(held.pop(high))
    return np.asarray(records[part])
