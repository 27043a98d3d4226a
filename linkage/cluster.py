"""From scored pairs to persons: average linkage over match weights.

Plain connected components join two persons by one wrong edge. Here a merge of two groups needs the mean
match weight of *all* pairs between them, so one bad edge is outvoted by the pairs that speak against it.

1. A pair counts with its match weight, held within ``floor`` and ``ceiling``: no single pair is proof.
2. A pair that blocking never compared counts as ``unseen``.
3. Groups merge while the highest mean weight between two of them is at least ``threshold``; the highest
   first, ties by smallest record number, so the order in which pairs arrive changes nothing.
4. A component whose pairs were all compared and all reach the threshold is one person at once: every
   mean of such weights reaches it too, so rule 3 would give the same.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Weights = NDArray[np.float64]
_DECIMALS = 9  # means are rounded so that the order of additions cannot decide a tie


@dataclass(frozen=True)
class Linkage:
    """The four numbers that clustering goes by, all in bits of match weight."""

    threshold: float
    floor: float
    ceiling: float
    unseen: float


def cluster(records: int, left: Indices, right: Indices, weight: Weights, rule: Linkage) -> Indices:
    """Group records 0..records-1 into persons; returns for each the smallest record of its group.

    ``left``, ``right`` and ``weight`` are the scored pairs, each pair once.
    """
    held = np.clip(weight, rule.floor, rule.ceiling)  # (1)
    strong = held >= rule.threshold
    component = components(records, left[strong], right[strong])
    inside = component[left] == component[right]
    left, right, held = left[inside], right[inside], held[inside]
    labels = component.copy()
    for members, pairs in _unsettled(component, left, held, rule.threshold):
        groups = _agglomerate(members, left[pairs], right[pairs], held[pairs], rule)
        labels[members] = groups
    return labels


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


def _unsettled(component: Indices, left: Indices, held: Weights, threshold: float) -> list[tuple[Indices, Indices]]:
    """The components that rule 4 does not settle: their records, and the numbers of their pairs."""
    size = np.bincount(component, minlength=len(component))
    agreeing = np.bincount(component[left], weights=held >= threshold, minlength=len(component))
    open_ = agreeing < size * (size - 1) / 2  # (4)
    records = np.flatnonzero(open_[component])
    pairs = np.flatnonzero(open_[component[left]])
    by_record = _split(records, component[records])
    by_pair = _split(pairs, component[left[pairs]])
    return list(zip(by_record, by_pair, strict=True))


def _split(numbers: Indices, keys: Indices) -> list[Indices]:
    if not len(numbers):
        return []
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    return [np.asarray(part, dtype=np.int64) for part in np.split(numbers[order], cuts)]


def _agglomerate(members: Indices, left: Indices, right: Indices, held: Weights, rule: Linkage) -> list[int]:
    """Rule 3 on one component. Groups are named by their smallest record."""
    # excess[a][b]: sum over compared pairs between a and b of (weight - unseen); so the mean over all
    # pairs is unseen + excess / (size a * size b), whether each was compared or not (2)
    excess: dict[int, dict[int, float]] = {int(record): {} for record in members}
    for a, b, bits in zip(left.tolist(), right.tolist(), held.tolist(), strict=True):
        excess[a][b] = excess[b][a] = bits - rule.unseen
    size = dict.fromkeys(excess, 1)
    owner = {record: record for record in excess}
    queue = [_candidate(a, b, excess, size, rule) for a in excess for b in excess[a] if a < b]
    heapq.heapify(queue)
    while queue:
        negated, a, b, size_a, size_b = heapq.heappop(queue)
        if -negated < rule.threshold:
            break
        if size.get(a) != size_a or size.get(b) != size_b:
            continue  # one of the two has grown or gone since this was queued
        _merge(a, b, excess, size)
        owner[b] = a
        for other in excess[a]:
            heapq.heappush(queue, _candidate(min(a, other), max(a, other), excess, size, rule))
    return [_root(owner, int(record)) for record in members]


_Candidate = tuple[float, int, int, int, int]


def _candidate(a: int, b: int, excess: dict[int, dict[int, float]], size: dict[int, int], rule: Linkage) -> _Candidate:
    mean = round(rule.unseen + excess[a][b] / (size[a] * size[b]), _DECIMALS)
    return (-mean, a, b, size[a], size[b])


def _merge(a: int, b: int, excess: dict[int, dict[int, float]], size: dict[int, int]) -> None:
    """Put group b into group a (a < b)."""
    for other, bits in excess.pop(b).items():
        del excess[other][b]
        if other != a:
            excess[a][other] = excess[other][a] = excess[a].get(other, 0.0) + bits
    size[a] += size.pop(b)


def _root(owner: dict[int, int], record: int) -> int:
    while owner[record] != record:
        record = owner[record]
    return record
