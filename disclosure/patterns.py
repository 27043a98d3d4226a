"""Unique patterns: persons whom few columns suffice to tell from all others. Pure.

Source: Elliot, Manning & Ford 2002 (special uniques; SUDA): the fewer columns make a person unique, the riskier.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl

from disclosure.alike import groups

MOST_COLUMNS = 4


def unique_patterns(frame: pl.DataFrame, columns: Sequence[str]) -> dict[tuple[str, ...], int]:
    """For each set of at most 4 columns: how many rows it makes unique that no smaller set within it does.

    Sets that make nobody unique are left out. It counts persons and names none.
    """
    unique: dict[tuple[str, ...], np.ndarray] = {}
    found = {}
    for size in range(1, min(len(columns), MOST_COLUMNS) + 1):
        for chosen in combinations(columns, size):
            alike = groups(frame, chosen)
            alone = alike.size[alike.of] == 1
            before = [unique[part] for part in combinations(chosen, size - 1) if part]
            unique[chosen] = alone
            minimal = alone & ~np.logical_or.reduce([np.zeros(frame.height, bool), *before])
            if minimal.any():
                found[chosen] = int(minimal.sum())
    return found
