"""Ways from scored pairs to persons that others use, for benchmarks.linkage to set beside the hub's own."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from linkage.clustered.cluster import Linkage, cluster
from linkage.clustered.persons import group
from linkage.learned.weighing import Scale
from linkage.paired.compared import Compared
from linkage.paired.grouping import components

Label = NDArray[np.int64]
_SURE = 4.3  # bits: a probability of 0.95, the usual threshold of Splink's documentation


def connected(scale: Scale, pairs: Compared) -> Label:
    """Connected components of all pairs above the threshold."""
    strong = pairs.weight >= _SURE
    return components(scale.coded.records, pairs.left[strong], pairs.right[strong])


def single_best(scale: Scale, pairs: Compared) -> Label:
    """Each record with its best match only, both ways; then connected components."""
    strong = np.flatnonzero(pairs.weight >= _SURE)
    order = strong[np.argsort(-pairs.weight[strong], kind="stable")]
    best = np.full(scale.coded.records, len(order))
    rank = np.arange(len(order))
    for side in (pairs.left, pairs.right):
        np.minimum.at(best, side[order], rank)
    kept = order[(best[pairs.left[order]] == rank) | (best[pairs.right[order]] == rank)]
    return components(scale.coded.records, pairs.left[kept], pairs.right[kept])


def pruned(scale: Scale, pairs: Compared) -> Label:
    """Connected components without bridges: edges whose two ends share few neighbours."""
    strong = np.flatnonzero(pairs.weight >= _SURE)
    near: list[set[int]] = [set() for _ in range(scale.coded.records)]
    ends = list(zip(pairs.left[strong].tolist(), pairs.right[strong].tolist(), strict=True))
    for one, other in ends:
        near[one].add(other)
        near[other].add(one)
    share = [len(near[a] & near[b]) / max(min(len(near[a]), len(near[b])) - 1, 1) for a, b in ends]
    lone = [min(len(near[a]), len(near[b])) == 1 for a, b in ends]
    kept = strong[(np.array(share, dtype=float) >= 0.5) | np.array(lone, dtype=bool)]
    return components(scale.coded.records, pairs.left[kept], pairs.right[kept])


def correlation(scale: Scale, pairs: Compared) -> Label:
    """Correlation clustering by pivots (Ailon, Charikar & Newman 2008), those with the most friends first."""
    strong = pairs.weight >= 0
    left, right = pairs.left[strong], pairs.right[strong]
    friends = np.bincount(np.concatenate([left, right]), minlength=scale.coded.records)
    near: list[list[int]] = [[] for _ in range(scale.coded.records)]
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        near[one].append(other)
        near[other].append(one)
    label = np.full(scale.coded.records, -1, dtype=np.int64)
    for pivot in np.argsort(-friends, kind="stable").tolist():
        if label[pivot] < 0:
            members = np.array([pivot, *(it for it in near[pivot] if label[it] < 0)])
            label[members] = members.min()
    return label


def average(scale: Scale, pairs: Compared) -> Label:
    """Average linkage over match weights alone, as the hub did before (decision 0006)."""
    rule = Linkage(2, -12, 20, -6)
    return cluster(scale.coded.records, pairs.left, pairs.right, pairs.weight, rule)


CLUSTERINGS: dict[str, Callable[[Scale, Compared], Label]] = {
    "connected components": connected,
    "single best links": single_best,
    "bridges pruned": pruned,
    "correlation clustering": correlation,
    "average linkage": average,
    "the hub's, pooled": group,
}
