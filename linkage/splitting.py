"""Persons who cannot be one: what a person has one of, such as an NHS number, tells a group apart.

Weights may outvote such a number, since any number may be written down wrong; but two different ones that both carry a
right check digit are mostly two people's. So a group with several is split, by a rule that anybody can follow:

1. Its pairs are taken from the heaviest to the lightest, ties by the smaller records, and join their records; but not
   where two parts would meet that have such a number each and none in common. So it comes apart at its weakest pairs.
2. Records that people decided are of one person begin joined.
3. What never met stays apart, and is shown for review (linkage.review), as two people who look like one.
"""

import numpy as np

from linkage.coded import Numbers
from linkage.decided import Decided
from linkage.grouping import Groups, Indices
from linkage.weighing import Scale


def split(scale: Scale, label: Indices, decided: Decided) -> Indices:
    """Of each record the smallest of its person, once no group holds two of what a person has one of."""
    tokens = [scale.coded.tokens[column] for column in scale.config.clustering.one_of]
    broken = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(_broken(label, values) for values in tokens)]))
    found, groups, start = label.copy(), Groups.of(label), decided.start(len(label))
    for group in broken:
        records, _ = groups.members(np.array([group]))
        found[records] = _parted(scale, records, start[records], [values[records] for values in tokens])
    return found


def _broken(label: Indices, values: Numbers) -> Indices:
    """The groups with two values or more."""
    known = values >= 0
    pairs = np.unique(np.stack([label[known], values[known].astype(np.int64)], axis=1), axis=0)
    groups, counts = np.unique(pairs[:, 0], return_counts=True)
    return np.asarray(groups[counts > 1])


def _parted(scale: Scale, records: Indices, start: Indices, tokens: list[Numbers]) -> Indices:
    """Rules 1 and 2, for the records of one group, in order."""
    records_at = {record: place for place, record in enumerate(records.tolist())}
    part = np.array([records_at.get(first, place) for place, first in enumerate(start.tolist())], dtype=np.int64)
    held = {place: [set(values[part == place].tolist()) - {-1} for values in tokens] for place in np.unique(part)}
    one, other = np.triu_indices(len(records), 1)
    weight = np.round(scale.weigh(records[one], records[other]), 9)
    for pair in np.lexsort((other, one, -weight)):
        low, high = sorted((part[one[pair]], part[other[pair]]))
        if low != high and not any(a and b and not a & b for a, b in zip(held[low], held[high], strict=True)):
            part[part == high] = low
            held[low] = [a | b for a, b in zip(held[low], held.pop(high), strict=True)]
    return np.asarray(records[part])
