"""When a cell is not to be shown for its own sake, and what must stay possible of it. Pure.

Sources: OpenSAFELY's and ONS's rules for small counts; Hundepool et al. 2012, ch. 4.2 (dominance and p-ratio); the
thresholds that ACRO proposes are the defaults.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from disclosure.tables import Table

Reason = Literal["small", "dominated", "isolates", "protects another"]


@dataclass(frozen=True)
class Rule:
    """The agreement's threshold for counts, and for sums when one or two contributors dominate a cell.

    dominance: a sum of which the largest two give more than this share is dominated (NK(2, 90 %)).
    p_ratio: a sum is dominated if what others give is less than this share of the largest (p % rule).
    """

    smallest_count: int
    dominance: float = 0.9
    p_ratio: float = 0.1


Intervals = dict[int, tuple[float, float]]


def small(values: np.ndarray, least: np.ndarray, rule: Rule) -> Intervals:
    """Of each small count: the interval that must stay possible. A count of nobody is shown, it is about nobody.

    1. A count of 1 to ``smallest_count`` - 1 is small.
    2. The attacker must be able to exclude no small count: so nothing is learnt but that it may be small.
    3. ``least`` is how many of the cells within it are known not to be empty: it can never be less.
    """
    places = np.flatnonzero((values > 0) & (values < rule.smallest_count))  # (1)
    most = max(rule.smallest_count - 1, 2)
    low = np.maximum(least, 1)
    return {int(p): (float(low[p]), float(max(most, low[p] + 1))) for p in places}  # (2) (3)


def dominated(table: Table, rule: Rule) -> Intervals:
    """Of each sum that few give: the interval that must stay possible around it.

    1. Fewer contributors than ``smallest_count``; or 2. the largest two give more than ``dominance``; or 3. the others
    give less than ``p_ratio`` of the largest. 4. The second must not be able to know the first to within ``p_ratio``,
    nor may the sum be known to within ``p_ratio`` of itself.
    """
    given = table.contributors
    if given is None:
        return {}
    sums, most = table.values, given.first + given.second
    others = sums - most
    few = (given.number > 0) & (given.number < rule.smallest_count)  # (1)
    risky = few | (most > rule.dominance * sums) | (others < rule.p_ratio * given.first)  # (2) (3)
    reach = np.maximum.reduce(
        [rule.p_ratio * given.first - others, most / rule.dominance - sums, rule.p_ratio * sums]
    )  # (4)
    places = np.flatnonzero(risky & (sums > 0))
    return {int(p): (float(max(sums[p] - reach[p], 0.0)), float(sums[p] + reach[p])) for p in places}
