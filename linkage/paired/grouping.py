"""Groups of records, the edges between them, and many merges at once. A group is named by its smallest record."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Weights = NDArray[np.float64]
_DECIMALS = 9


@dataclass(frozen=True)
class Edges:
    """Pairs of groups, ``low`` < ``high``, in order, each once; ``sums``: a row of numbers each, added at merges."""

    low: Indices
    high: Indices
    sums: Weights

    @classmethod
    def between(cls, left: Indices, right: Indices, *sums: Weights) -> Self:
        """Pairs as they come, with these numbers each."""
        low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
        return cls(low, high, np.stack(sums, axis=1) if sums else np.zeros((len(low), 0)))


@dataclass(frozen=True)
class Groups:
    """``label``: of each record the group; ``sizes``: how many records bear each label."""

    label: Indices
    sizes: Indices

    @classmethod
    def alone(cls, records: int) -> Self:
        """Every record a group."""
        return cls(np.arange(records, dtype=np.int64), np.ones(records, dtype=np.int64))

    @classmethod
    def of(cls, label: Indices) -> Self:
        """Groups that are known already."""
        return cls(label, np.bincount(label, minlength=len(label)).astype(np.int64))

    @cached_property
    def _members(self) -> tuple[Indices, Indices]:
        """All records in order of their groups, and where each group starts there."""
        return np.argsort(self.label, kind="stable"), np.cumsum(self.sizes) - self.sizes

    def merged(self, edges: Edges, which: Indices) -> tuple["Groups", Edges]:
        """Merge the two groups of each of these edges, no group of which may be in two; and the edges that are left."""
        if not len(which):
            return self, edges
        to = np.arange(len(self.sizes))
        to[edges.high[which]] = edges.low[which]
        return Groups.of(to[self.label]), contracted(edges, to)

    def members(self, of: Indices) -> tuple[Indices, Indices]:
        """The records of these groups, one group after the other, and the place in ``of`` that each belongs to."""
        order, starts = self._members
        counts = self.sizes[of]
        return order[spans(starts[of], counts)], np.repeat(np.arange(len(of)), counts)

    def pairs_between(self, one: Indices, other: Indices) -> tuple[Indices, Indices, Indices]:
        """Every record of ``one[i]`` with every record of ``other[i]``; and i. Ordered by i, then ``other``."""
        order, starts = self._members
        records, place = self.members(other)
        counts = self.sizes[one][place]
        return order[spans(starts[one][place], counts)], np.repeat(records, counts), np.repeat(place, counts)


def spans(starts: Indices, lengths: Indices) -> Indices:
    """starts[0], starts[0]+1, ... lengths[0] of them; then from starts[1]; and so on."""
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths))


def together(one: Indices, other: Indices) -> NDArray[np.uint64]:
    """Pairs as numbers, so that they order by ``one``, the smaller, then by ``other``."""
    return np.asarray(one << 32 | other).view(np.uint64)


def distinct(pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each once, in order."""
    pairs.sort()
    first = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    return pairs.take(np.flatnonzero(first))


def apart(pairs: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The two records of each."""
    halves = pairs.view(np.int32).reshape(-1, 2)  # on a machine whose smaller half comes first
    return np.ascontiguousarray(halves[:, 1]), np.ascontiguousarray(halves[:, 0])


def components(records: int, left: Indices, right: Indices) -> Indices:
    """Connected components; each record gets the smallest record that it is connected with."""
    label = np.arange(records, dtype=np.int64)
    while True:
        lowest = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], lowest)
        np.minimum.at(label, label[right], lowest)
        while not np.array_equal(label, label[label]):
            label = label[label]
        if np.array_equal(before, label):
            return label


def best_of_both(edges: Edges, value: Weights, least: float, records: int) -> Indices:
    """The edges, of at least that value, that are the best of both their groups; ties by smallest groups."""
    strong = np.flatnonzero(value >= least)
    order = strong[np.lexsort((edges.high[strong], edges.low[strong], -value[strong]))]
    rank = np.arange(len(order))
    best = np.full(records, len(order))
    np.minimum.at(best, edges.low[order], rank)
    np.minimum.at(best, edges.high[order], rank)
    return np.asarray(order[(best[edges.low[order]] == rank) & (best[edges.high[order]] == rank)])


def contracted(edges: Edges, to: Indices) -> Edges:
    """The edges once each group is the one that ``to`` names; what lies within a group is none."""
    one, other = to[edges.low], to[edges.high]
    between = one != other
    key = np.minimum(one, other)[between] * len(to) + np.maximum(one, other)[between]
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else order
    sums = np.add.reduceat(edges.sums[between][order], first) if len(first) else edges.sums[:0]
    return replace(edges, low=ordered[first] // len(to), high=ordered[first] % len(to), sums=sums)
