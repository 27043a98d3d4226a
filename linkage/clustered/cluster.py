"""From scored pairs to groups: average linkage over match weights.

Plain connected components join two persons by one wrong edge. Here a merge of two groups needs the mean
match weight of *all* pairs between them, so one bad edge is outvoted by the pairs that speak against it.

1. A pair counts with its match weight, held within ``floor`` and ``ceiling``: no single pair is proof.
2. A pair that blocking never compared is weighed when a merge hangs on it; until then, or where there is nobody to
   weigh it, it counts as ``unseen``.
3. Groups merge while the highest mean weight between two of them is at least ``threshold``; the highest
   first, ties by smallest record number, so the order in which pairs arrive changes nothing.
4. In each round all merges are made that are the best of both their groups. A merge makes two groups never more alike
   to a third than the nearer of them was, so this comes to what one merge after the other would (Murtagh 1983).
5. What people decided of records outranks all weights (clustered.decided): those of one person begin as one group, and
   groups with records of two persons never merge.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.clustered.decided import NOTHING, Decided
from linkage.paired.grouping import Edges, Groups, best_of_both, contracted

Indices = NDArray[np.int64]
Weights = NDArray[np.float64]
Weigh = Callable[[Indices, Indices], Weights]
_DECIMALS = 9  # means are rounded so that the order of additions cannot decide a tie


@dataclass(frozen=True)
class Linkage:
    """The four numbers that clustering goes by, all in bits of match weight."""

    threshold: float
    floor: float
    ceiling: float
    unseen: float


def cluster(
    records: int,
    left: Indices,
    right: Indices,
    weight: Weights,
    rule: Linkage,
    weigh: Weigh | None = None,
    decided: Decided = NOTHING,
) -> Indices:
    """Group records 0..records-1; returns for each the smallest record of its group.

    ``left``, ``right`` and ``weight`` are the scored pairs, each pair once; ``weigh`` gives the weights of others.
    """
    groups, edges = _begin(records, Edges.between(left, right, np.clip(weight, rule.floor, rule.ceiling)), decided)
    while True:
        pairs = groups.sizes[edges.low] * groups.sizes[edges.high]
        total, seen, apart = edges.sums.T
        mean = np.round((total + (pairs - seen) * rule.unseen) / pairs, _DECIMALS)  # (2)
        best = best_of_both(edges, np.where(apart > 0, -np.inf, mean), rule.threshold, records)  # (5)
        if not len(best):
            return groups.label
        whole = (seen[best] >= pairs[best]) | (weigh is None)
        if weigh is not None:
            _see(edges, best[~whole], groups, weigh, rule)  # (2)
        groups, edges = groups.merged(edges, best[whole])  # (3), (4)


def _begin(records: int, scored: Edges, decided: Decided) -> tuple[Groups, Edges]:
    """Rules 1 and 5: each record a group, or those that are one person; of edges the weight, 1, and whether apart."""
    ones, none = np.ones((len(scored.low), 1)), np.zeros((len(scored.low), 1))
    edges = Edges(scored.low, scored.high, np.hstack([scored.sums, ones, none]))
    if decided is NOTHING:
        return Groups.alone(records), edges
    start, apart = decided.start(records), decided.apart
    low, high = np.append(edges.low, apart.low), np.append(edges.high, apart.high)
    sums = np.vstack([edges.sums, np.tile([0.0, 0.0, 1.0], (len(apart.low), 1))])
    return Groups.of(start), contracted(Edges(low, high, sums), start)


def _see(edges: Edges, open_: Indices, groups: Groups, weigh: Weigh, rule: Linkage) -> None:
    """Weigh every pair between the two groups of these edges."""
    if not len(open_):
        return
    left, right, edge = groups.pairs_between(edges.low[open_], edges.high[open_])
    held = np.clip(weigh(left, right), rule.floor, rule.ceiling)
    edges.sums[open_, 0] = np.bincount(edge, weights=held, minlength=len(open_))
    edges.sums[open_, 1] = np.bincount(edge, minlength=len(open_))
