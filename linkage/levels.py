"""At which level each comparison of a pair stands, for many pairs at once."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from linkage.coded import Coded, Numbers
from linkage.config import Comparison, LinkageConfig
from linkage.rules import Pairs

Levels = NDArray[np.int8]
_PAIRS_AT_ONCE = 1 << 16  # stays in the processor's cache, and memory flat
_THREADS = min(os.cpu_count() or 1, 4)


def levels(coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
    """One row a pair, one column a comparison in order: -1 unknown, 0 different, higher is better."""
    found = np.empty((len(left), len(config.comparisons)), dtype=np.int8)

    def part(first: int) -> None:
        rows = slice(first, first + _PAIRS_AT_ONCE)
        pairs = Pairs(coded, left[rows], right[rows])
        for number, comparison in enumerate(config.comparisons.values()):
            found[rows, number] = _one(pairs, comparison)

    with ThreadPoolExecutor(_THREADS) as pool:  # numpy lets go of the interpreter while it works
        list(pool.map(part, range(0, len(left), _PAIRS_AT_ONCE)))
    return found


def _one(pairs: Pairs, comparison: Comparison) -> Levels:
    """The first level that holds, from the top; what is decided is not looked at again."""
    found = np.full(len(pairs), -1, dtype=np.int8)
    open_ = np.flatnonzero(~pairs.holds(comparison.unknown))
    rest = pairs.only_at(open_)
    for number, level in zip(range(len(comparison.levels), 0, -1), comparison.levels.values(), strict=True):
        holds = rest.holds(level.when)
        found[open_[holds]] = number
        open_, rest = open_[~holds], rest.only_at(~holds)
    found[open_] = 0
    return found
