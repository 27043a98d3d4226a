"""What kept pairs weigh once people's decisions are known, which settle more pairs than those that they name. Pure.

1. Of records a and b that people said are of one person: x and y of that person are of it as surely as x is of a's
   person and y of b's, by their own pairs with a and b.
2. Of records c and d that people said are of two persons: x of c's person and y of d's are of two as surely as x is of
   c's person and y of d's.
3. A decided pair itself is sure. No pair is made less sure than it was.
"""

import numpy as np
from numpy.typing import NDArray

from linkage.clustered.decided import Decided
from linkage.kept.state import Flags, Kept, Rows
from linkage.paired.grouping import Edges, Weights

SURE = 60.0  # bits, of a decided pair
_LEAST = 2.0**-SURE


def settled(kept: Kept, decided: Decided) -> Weights:
    """The weight of each kept pair as decisions leave it, in bits. Rows of ``decided`` are those of ``kept``."""
    weight = kept.pairs.weight.copy()
    for edges, same in ((decided.same, True), (decided.apart, False)):
        rows = _of(kept, np.concatenate([edges.low, edges.high]))
        for pair in zip(edges.low.tolist(), edges.high.tolist(), strict=True):
            at, chance = _chances(kept, rows, pair, same=same)
            bits = np.log2(np.maximum(chance, _LEAST)) - np.log2(np.maximum(1 - chance, _LEAST))
            weight[at] = np.maximum(weight[at], bits) if same else np.minimum(weight[at], -bits)
    return weight


def between_persons(kept: Kept, apart: Edges) -> Flags:
    """Which kept pairs are between two persons of whom people said, by whatever records, that they are two."""
    if not len(apart.low):
        return np.zeros(len(kept.pairs.left), dtype=bool)
    ends = [
        (kept.label[one], kept.label[other])
        for one, other in ((apart.low, apart.high), (kept.pairs.left, kept.pairs.right))
    ]
    said, pairs = (np.minimum(one, other) * len(kept.label) + np.maximum(one, other) for one, other in ends)
    return np.asarray(np.isin(pairs, said))


def _of(kept: Kept, records: Rows) -> Rows:
    """The pairs within and between the persons of some records, by place."""
    concerned = np.zeros(len(kept.alive), dtype=bool)
    concerned[kept.label[records]] = True
    pairs = kept.pairs
    return np.flatnonzero(concerned[kept.label[pairs.left]] & concerned[kept.label[pairs.right]])


def _chances(kept: Kept, rows: Rows, pair: tuple[int, int], *, same: bool) -> tuple[Rows, NDArray[np.float64]]:
    """Rules 1 and 2 for one decision: the pairs that it speaks of, and how surely each is as it says."""
    label, left, right = kept.label, kept.pairs.left[rows], kept.pairs.right[rows]
    persons = label[list(pair)]
    of = np.isin(label[left], persons) & np.isin(label[right], persons) & ((label[left] == label[right]) == same)
    near = np.isin(label[left], persons) & (label[left] == label[right])
    toward = [_toward(kept, rows[near], record) for record in pair]
    one, other = ([_looked_up(known, ends[of]) for ends in (left, right)] for known in toward)
    return rows[of], np.maximum(one[0] * other[1], one[1] * other[0])


def _toward(kept: Kept, rows: Rows, record: int) -> dict[int, float]:
    """Of the records that have a pair with this one in its person, how likely each is of it; itself is for sure."""
    left, right = kept.pairs.left[rows], kept.pairs.right[rows]
    mine = (left == record) | (right == record)
    likely = 1 / (1 + np.exp2(-kept.pairs.weight[rows[mine]]))
    others = np.where(left[mine] == record, right[mine], left[mine])
    return {**dict(zip(others.tolist(), likely.tolist(), strict=True)), record: 1.0}


def _looked_up(known: dict[int, float], records: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.array([known.get(record, 0.0) for record in records.tolist()], dtype=np.float64)
