"""How many of all matching pairs blocking brought together: by capture and recapture (Chapman 1951).

Rules that look at names alone and rules that look at no name at all are two ways to meet that have little to do with
each other. Of the matches that the one finds, the other finds a share; that share is what it finds of those that
neither may have found as well. It is too high where a record that is poor in one way is poor in the other too.
"""

import re

import numpy as np

from linkage.assessed.report import Share
from linkage.config import LinkageConfig
from linkage.kept.state import Kept
from linkage.paired.language import columns_of
from linkage.paired.rules import Pairs

_MOST = 200_000
_SAME = re.compile(r"same\(\w+\)( and same\(\w+\))*")
_NAME = ("forename", "surname", "full_name")
_Z = 1.959964


def reach(kept: Kept, config: LinkageConfig) -> Share:
    """The share of matching pairs that blocking brought together; of at most so many pairs, taken evenly."""
    every = max(len(kept.pairs.left) // _MOST, 1)
    pairs = kept.pairs.at(np.arange(0, len(kept.pairs.left), every))
    likely = 1 / (1 + np.exp2(-pairs.weight))
    ends = Pairs(kept.coded, pairs.left, pairs.right)
    by_name, otherwise = (_any(ends, _rules(config, names)) for names in (True, False))
    one, other, both = (float(likely[held].sum()) * every for held in (by_name, otherwise, by_name & otherwise))
    found = float(likely.sum()) * every
    if both < 1:
        return Share(value=1.0, low=0.0, high=1.0)
    all_ = max((one + 1) * (other + 1) / (both + 1) - 1, found)
    variance = (one + 1) * (other + 1) * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))
    half = _Z * float(np.sqrt(max(variance, 0)))
    ends_at = (found / (all_ + half), found / max(all_ - half, found))
    return Share(value=round(found / all_, 6), low=round(ends_at[0], 6), high=round(min(ends_at[1], 1), 6))


def _rules(config: LinkageConfig, names: bool) -> list[str]:
    """Blocking rules of plain equality that look at names alone, or at no name."""
    plain = [rule for rule in config.blocking if _SAME.fullmatch(rule)]
    of_names = {rule: [any(name in column for name in _NAME) for column in columns_of(rule)] for rule in plain}
    return [rule for rule, looks in of_names.items() if (all(looks) if names else not any(looks))]


def _any(ends: Pairs, rules: list[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(np.logical_or.reduce([ends.holds(rule) for rule in rules] or [np.zeros(len(ends), dtype=bool)]))
