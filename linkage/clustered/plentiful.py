"""Persons of more records than a person mostly has: they are looked at again, since the weakest merges make them.

A wrong merge is likelier the larger a group is: each record of it is one more that a stranger's may resemble. Nobody is
held to a number all the same, for some people are recorded often:

1. Of a group of more than ``plenty`` records persons are sought anew, of its records alone, and each merge must be
   worth a bit more than before; then two bits more; and so on. So it comes apart at its weakest merges.
2. The first time that no part is larger than ``plenty``, its parts are joined again as all persons are, but to none
   that is larger: what came off may be of one stranger.
3. If it holds together though each merge must be worth ``sure`` bits, it is one person and stays as it was.
"""

from dataclasses import dataclass, replace

import numpy as np

from linkage.clustered.decided import Decided
from linkage.clustered.pooled import Pooling, See, Seen, pool
from linkage.paired.grouping import Groups, Indices, Weights


@dataclass(frozen=True)
class Looked:
    """What persons were found by (clustered.pooled.pool): the sure groups, the pairs, and what records say together."""

    sure: Indices
    left: Indices
    right: Indices
    weight: Weights
    see: See
    decided: Decided


def again(label: Indices, looked: Looked, rule: Pooling, plenty: int, sure: float) -> Indices:
    """Of each record the smallest of its person, once groups of more than ``plenty`` records were looked at again."""
    groups, found = Groups.of(label), label.copy()
    for group in np.flatnonzero(groups.sizes > plenty):
        records, _ = groups.members(np.array([group]))
        found[records] = records[_parted(records, looked, rule, plenty, sure)]
    return found


def _parted(records: Indices, looked: Looked, rule: Pooling, plenty: int, sure: float) -> Indices:
    """The persons of these records, by place among them."""
    place = np.full(len(looked.sure), -1, dtype=np.int64)
    place[records] = np.arange(len(records))
    left, right = place[looked.left], place[looked.right]
    inside = (left >= 0) & (right >= 0)
    left, right, weight = left[inside], right[inside], looked.weight[inside]
    start, decided = place[looked.sure[records]], looked.decided.within(place)

    def see(one: Indices, other: Indices) -> Seen:
        return looked.see(records[one], records[other])

    for bits in np.arange(rule.threshold + 1, sure + 1):  # (1)
        parts = pool(start, left, right, weight, see, replace(rule, threshold=float(bits)), decided)
        if np.bincount(parts).max() <= plenty:
            return pool(parts, left, right, weight, see, replace(rule, largest=plenty), decided)  # (2)
    return np.zeros(len(records), dtype=np.int64)  # (3)
