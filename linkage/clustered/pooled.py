"""From groups to persons: what all records of two groups say together.

The mean of many pairs is blunt: where a person's name was written in five ways, each pair that differs counts against
the person. Here a record is compared with what its group has written, as a whole (a kernel estimate of what this
person's records say):

1. By each part (a comparison, or several that look at a column in common, as a swap of names is told by one for both) a
   record is as likely of a group's person as the mean of m / u over the group's records that tell anything by it. With
   one such record that is the pair's own weight; a record that has the surname of six of ten loses less than one bit
   by the other four, and one that agrees with a single stray record of ten gains little.
2. A group joins another record by record: each counts by how much likelier it is given both groups' records before it
   than given its own group's alone. So three records that agree on another birthday count three times, not once.
3. The smaller group joins the larger, its records in order of number; the prior counts once. A pair of groups for most
   of whose pairs a constraint holds weighs at most what the constraint leaves, in that share.
4. Names, homes and trades run in families: with the prior they say at most ``kin`` bits, since one person in so many
   has a relative beside them who shares it all; agreement by chance and by kinship add up. What is a person's own, such
   as a birthday, is not held so: a father and a son, each with twenty settled birthdays, stay two.
5. Groups merge as in clustered.cluster: all that are the best of both at once, down to ``threshold``, and none beyond
   ``largest`` records. Only groups with a compared pair of ``considered`` bits or more are looked at.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.clustered.decided import NOTHING, Decided
from linkage.paired.grouping import Edges, Groups, Indices, Weights, best_of_both, contracted, spans

_DECIMALS = 9
_PAIRS_AT_ONCE = 1 << 19
_LEAST = 1e-9


@dataclass(frozen=True)
class Seen:
    """Pairs by part: ``factor`` m / u, 0 where unknown; ``known``; and bits that a constraint leaves, else infinite."""

    factor: Weights
    known: NDArray[np.bool_]
    ceiling: Weights


See = Callable[[Indices, Indices], Seen]


@dataclass(frozen=True)
class Pooling:
    """The numbers that pooling goes by: bits, records, and the prior's log2 odds; ``family``: parts of rule 4."""

    threshold: float
    considered: float
    largest: int
    prior: float
    family: tuple[bool, ...] = ()
    kin: float = math.inf


def pool(
    label: Indices,
    left: Indices,
    right: Indices,
    weight: Weights,
    see: See,
    rule: Pooling,
    decided: Decided = NOTHING,
    live: list[Edges] | None = None,
) -> Indices:
    """Merge groups (``label``: of each record the smallest of its group) by all that their records say together.

    ``live`` gathers the edges by which two groups could have merged at any moment.
    """
    groups = Groups.of(label)
    strong = weight >= rule.considered
    edges = _edges(label, Edges.between(left[strong], right[strong]), decided.apart)
    bits = joined_bits(groups, edges.low, edges.high, see, rule)
    while True:
        size = groups.sizes[edges.low] + groups.sizes[edges.high]
        may = (size <= rule.largest) & (edges.sums[:, 1] == 0)
        fits = np.where(may, np.round(bits, _DECIMALS), -np.inf)
        best = best_of_both(edges, fits, rule.threshold, len(label))  # (5)
        if live is not None:
            may_merge = fits >= rule.threshold
            live.append(Edges.between(edges.low[may_merge], edges.high[may_merge]))
        if not len(best):
            return groups.label
        grown = np.zeros(len(label), dtype=bool)
        grown[edges.low[best]] = True
        edges.sums[:, 0] = bits
        groups, edges = groups.merged(edges, best)
        bits = edges.sums[:, 0].copy()
        again = np.flatnonzero(grown[edges.low] | grown[edges.high])
        bits[again] = joined_bits(groups, edges.low[again], edges.high[again], see, rule)


def _edges(label: Indices, near: Edges, apart: Edges) -> Edges:
    """Groups with a near pair, or with one that was decided to be apart: no bits yet, and how many are apart."""
    low, high = np.append(near.low, apart.low), np.append(near.high, apart.high)
    held_apart = np.append(np.zeros(len(near.low)), np.ones(len(apart.low)))
    return contracted(Edges(low, high, np.stack([np.zeros(len(low)), held_apart], axis=1)), label)


def joined_bits(groups: Groups, one: Indices, other: Indices, see: See, rule: Pooling) -> Weights:
    """How much likelier the records of two groups are of one person than of two, in bits."""
    smaller = groups.sizes[one] < groups.sizes[other]
    large, small = np.where(smaller, other, one), np.where(smaller, one, other)  # (3)
    pairs = groups.sizes[large] * groups.sizes[small]
    part = (np.cumsum(pairs) - pairs) // _PAIRS_AT_ONCE
    cuts = np.flatnonzero(np.diff(part)) + 1
    parts = zip(np.split(large, cuts), np.split(small, cuts), strict=True)
    return np.concatenate([_part(groups, one, other, see, rule) for one, other in parts])


def _part(groups: Groups, large: Indices, small: Indices, see: See, rule: Pooling) -> Weights:
    left, right, edge = groups.pairs_between(large, small)
    seen = see(left, right)
    record = np.cumsum(np.append(0, (right[1:] != right[:-1]) | (edge[1:] != edge[:-1]))) if len(right) else edge
    count = int(groups.sizes[small].sum())
    across, known = _summed(seen, record, count)
    before, earlier = _earlier(groups, small, see)
    told = known > 0
    given_both = (across + before) / np.maximum(known + earlier, 1)
    given_own = np.where(earlier > 0, before / np.maximum(earlier, 1), 1.0)
    gained = np.where(
        told, np.log2(np.maximum(given_both, _LEAST)) - np.log2(np.maximum(given_own, _LEAST)), 0.0
    )  # (2)
    _, place = groups.members(small)
    return _constrained(_by_whose(gained, place, len(small), rule), seen, edge)


def _by_whose(gained: Weights, place: Indices, groups: int, rule: Pooling) -> Weights:
    """Rule 4: what the records of each group add up to, with the prior."""
    family = np.array(rule.family or [True] * gained.shape[1])
    alike, own = (
        np.bincount(place, weights=gained[:, which].sum(axis=1), minlength=groups) for which in (family, ~family)
    )
    return np.asarray(own - np.logaddexp2(-alike - rule.prior, -rule.kin))


def _summed(seen: Seen, record: Indices, records: int) -> tuple[Weights, Weights]:
    """By record and part: the sum of factors, and how many were known."""
    columns = range(seen.factor.shape[1])
    factor = [np.bincount(record, weights=seen.factor[:, column], minlength=records) for column in columns]
    known = [np.bincount(record, weights=seen.known[:, column], minlength=records) for column in columns]
    return np.stack(factor, axis=1), np.stack(known, axis=1)


def _earlier(groups: Groups, small: Indices, see: See) -> tuple[Weights, Weights]:
    """Of each record of these groups, one group after the other, with those before it in its group."""
    distinct, which = np.unique(small, return_inverse=True)
    left, right, edge = groups.pairs_between(distinct, distinct)
    sizes = groups.sizes[distinct]
    starts = np.cumsum(sizes) - sizes
    kept = left < right
    left, right, edge = left[kept], right[kept], edge[kept]
    records, _ = groups.members(distinct)
    place = np.empty(len(groups.label), dtype=np.int64)
    place[records] = np.arange(len(records))
    factor, known = _summed(see(left, right), place[right], len(records))
    rows = spans(starts[which], sizes[which])
    return factor[rows], known[rows]


def _constrained(bits: Weights, seen: Seen, edge: Indices) -> Weights:
    """Rule 3's last part."""
    held = np.isfinite(seen.ceiling)
    pairs = np.bincount(edge, minlength=len(bits))
    count = np.bincount(edge[held], minlength=len(bits))
    total = np.bincount(edge[held], weights=seen.ceiling[held], minlength=len(bits))
    share = count / np.maximum(pairs, 1)
    ceiling = np.minimum(bits, total / np.maximum(count, 1))
    return np.where(count > 0, (1 - share) * bits + share * ceiling, bits)
