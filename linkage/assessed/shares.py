"""Shares with intervals: of pairs that are right, by what the model says of each. Pure.

1. A pair of match probability p is right with that chance: of n pairs, the sum of p is expected, and chance alone makes
   a variance of the sum of p (1 - p) (a Poisson-binomial distribution).
2. Pairs of one person stand or fall together: what persons differ by from the whole is added (the linearised variance
   of a ratio over persons, which is what resampling persons comes to; Cochran 1977, 6.4).
3. The interval is Wilson's (1927) for as many independent pairs as have this variance. It never leaves 0 to 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.assessed.report import Share

Numbers = NDArray[np.float64]
_Z = 1.959964  # 95 %
_FEWEST = 1e-12


@dataclass(frozen=True)
class Told:
    """``right`` of ``of``, both expected; ``chance``: the variance that chance makes (1)."""

    right: float
    of: float
    chance: float


def share(told: Told, persons: float = 0.0) -> Share:
    """A share with its interval; ``persons`` is the variance that persons make (2)."""
    if told.of <= 0:
        return Share(value=1.0, low=0.0, high=1.0)
    value = min(told.right / told.of, 1.0)
    variance = told.chance / told.of**2 + persons
    return wilson(value, max(value * (1 - value), _FEWEST) / max(variance, _FEWEST))


def wilson(value: float, count: float) -> Share:
    """Rule 3; ``count`` may be any number above 0."""
    middle = (value + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * np.sqrt(value * (1 - value) / count + _Z**2 / (4 * count**2))
    return Share(
        value=round(value, 6), low=round(float(max(middle - half, 0)), 6), high=round(float(min(middle + half, 1)), 6)
    )


def between_persons(person: NDArray[np.int64], right: Numbers, of: Numbers) -> float:
    """Rule 2: the variance of sum(right) / sum(of) that comes of persons; ``person`` numbers each pair's person."""
    total = float(of.sum())
    if total <= 0:
        return 0.0
    odd = right - right.sum() / total * of
    return float((np.bincount(person, weights=odd) ** 2).sum()) / total**2


def times(one: Share, other: Share) -> Share:
    """The product of two shares that were estimated apart."""
    value = one.value * other.value
    relative = sum(((it.high - it.low) / max(2 * it.value, _FEWEST)) ** 2 for it in (one, other))
    half = value * float(np.sqrt(relative))
    return Share(value=round(value, 6), low=round(max(value - half, 0), 6), high=round(min(value + half, 1), 6))
