"""What records of one group say that cannot all be true of one person, as ``config/linkage.yaml`` states it.

One record may be wrong in anything. So a pair that stands at such levels, of another sex and another birthday, proves
nothing; but where two records say the one and two others the other, that is no slip of the pen:

1. A pair contradicts if, by each comparison of a rule under ``cannot``, it stands at one of the levels named there.
2. A group cannot be one person if two of its records contradict the same two others.
"""

import numpy as np
from numpy.typing import NDArray

from linkage.config import LinkageConfig
from linkage.paired.coded import Coded, Numbers
from linkage.paired.grouping import Groups, Indices
from linkage.paired.levels import levels

Flags = NDArray[np.bool_]
_FEWEST = 4  # records, and pairs: two against two


def impossible(coded: Coded, label: Indices, config: LinkageConfig) -> Indices:
    """The groups that rule 2 speaks against; compared are those alone whose records differ in what a rule looks at."""
    groups = Groups.of(label)
    large = np.flatnonzero(groups.sizes >= _FEWEST)
    differ = [_differ(coded, groups, large, name, config) for name in config.clustering.cannot]
    asked = large[np.logical_or.reduce([np.zeros(len(large), dtype=bool), *differ])]
    left, right, group = groups.pairs_between(asked, asked)
    once = left < right
    left, right, group = left[once], right[once], asked[group[once]]
    says = contradicting(coded, left, right, config)
    left, right, group = left[says], right[says], group[says]
    enough = np.flatnonzero(np.bincount(group, minlength=len(label)) >= _FEWEST)
    inside = ((left[group == one], right[group == one]) for one in enough)
    found = [two_against_two(_square(*pairs)) for pairs in inside]
    return np.asarray(enough[np.array(found, dtype=bool)])


def contradicting(coded: Coded, left: Indices, right: Indices, config: LinkageConfig) -> Flags:
    """Rule 1, of each pair."""
    found = np.zeros(len(left), dtype=bool)
    for rule in config.clustering.cannot.values():
        narrow = config.model_copy(update={"comparisons": {name: config.comparisons[name] for name in rule}})
        at, says = levels(coded, left, right, narrow), np.ones(len(left), dtype=bool)
        for place, (name, named) in enumerate(rule.items()):
            among = np.append(np.isin(config.comparisons[name].names, named), False)  # -1, unknown, is the last
            says &= among[at[:, place]]
        found |= says
    return found


def two_against_two(contradicts: Flags) -> bool:
    """Rule 2, of a group's records, each with each."""
    shared = contradicts.astype(np.int32) @ contradicts.astype(np.int32).T
    np.fill_diagonal(shared, 0)
    return bool((shared > 1).any())


def _square(left: Indices, right: Indices) -> Flags:
    """The pairs as a table of each record with each."""
    records, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    one, other = np.split(place, 2)
    found = np.zeros((len(records), len(records)), dtype=bool)
    found[one, other] = found[other, one] = True
    return found


def _differ(coded: Coded, groups: Groups, of: Indices, rule: str, config: LinkageConfig) -> Flags:
    """Of some groups, whether their records differ in some token that each comparison of a rule looks at."""
    found, sizes = np.ones(len(of), dtype=bool), groups.sizes[of]
    records, starts = groups.members(of)[0], np.cumsum(sizes) - sizes
    for name in config.clustering.cannot[rule]:
        columns = config.comparisons[name].columns & coded.tokens.keys()
        found &= np.logical_or.reduce([_two(coded.tokens[column][records], starts) for column in columns])
    return found


def _two(values: Numbers, starts: Indices) -> Flags:
    """Of the values from each start to the next, whether two are known and differ."""
    if not len(starts):
        return np.zeros(0, dtype=bool)
    most = np.maximum.reduceat(values, starts)
    least = np.minimum.reduceat(np.where(values < 0, np.iinfo(values.dtype).max, values), starts)
    return np.asarray((most >= 0) & (most != least))
