"""What an attacker sees of tables: numbers that are shown or hidden, and how they add up. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Puzzle:
    """Numbers, known to be sums of each other, of which some are protected.

    values: what they truly are.
    equations: (the sum, its parts), as places in ``values``.
    least: what anybody knows each to be at the least.
    wanted: of each that is protected, the interval that must stay possible, whole.
    hidden: those that are never shown. may_hide: those that may be hidden to protect others. All others are shown.
    cost: what hiding one costs. whole: whether the attacker knows that they are whole numbers.
    """

    values: np.ndarray
    equations: tuple[tuple[int, tuple[int, ...]], ...]
    least: np.ndarray
    wanted: Mapping[int, tuple[float, float]]
    hidden: frozenset[int]
    may_hide: frozenset[int]
    cost: np.ndarray
    whole: bool

    @cached_property
    def matrix(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The equations as rows of a sparse matrix: where each row starts, the places, the signs."""
        starts = np.cumsum([0, *(len(parts) + 1 for _, parts in self.equations)])
        places = [place for whole, parts in self.equations for place in (whole, *parts)]
        signs = [sign for _, parts in self.equations for sign in (-1.0, *(1.0 for _ in parts))]
        return starts.astype(np.int32), np.array(places, np.int32), np.array(signs)
