"""Control charts of quarters: a centre and limits from a baseline, and what is no chance. Pure.

1. The centre is the baseline's: all that is counted in it by all that it is counted of.
2. Limits are three standard errors of a count (u chart), or of a share (p chart), either side, made wider by how much
   more the baseline's quarters differ from each other than chance alone allows, and never narrower. Source: Laney,
   Quality Engineering 14 (2002) 531-537; of moving ranges, 1.128 is the mean for two.
3. The limits stay as the baseline has them: a process that moved does not move its own limits.
4. No chance is a quarter beyond the limits; so many in a row on one side of the centre; so many in a row each above, or
   each below, the one before. A quarter that is not shown ends a run, since nothing is known of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

Signal = Literal["beyond the limits", "run on one side", "trend"]
Way = Literal["higher", "lower"]
_WIDE, _OF_TWO = 3.0, 1.128


@dataclass(frozen=True)
class Point:
    """One quarter as it is shown: a count, of how many; both none where not shown."""

    quarter: str
    count: int | None
    of: float | None

    @property
    def rate(self) -> float | None:
        """The count by what it is of."""
        return self.count / self.of if self.count is not None and self.of else None


@dataclass(frozen=True)
class Limits:
    """Where a quarter lies by chance."""

    low: float
    centre: float
    high: float


@dataclass(frozen=True)
class Chart:
    """The quarters, the limits of each (none without a baseline), and the newest quarter's signals."""

    points: tuple[Point, ...]
    limits: tuple[Limits | None, ...]
    spread: float | None
    signals: tuple[tuple[Signal, Way], ...]


def chart(points: Sequence[Point], baseline: int, side: int, trend: int, *, share: bool) -> Chart:
    """The control chart of quarters in order, the first so many of which are the baseline."""
    first = [one for one in points[:baseline] if one.rate is not None]
    if len(points) <= baseline or len(first) < max(2, baseline * 3 // 4):
        return Chart(tuple(points), (None,) * len(points), None, ())
    centre = sum(one.count or 0 for one in first) / sum(one.of or 0 for one in first)  # (1)
    spread = _spread(first, centre, share=share)
    limits = tuple(_limits(one, centre, spread, share=share) for one in points)  # (2) (3)
    return Chart(tuple(points), limits, spread, tuple(_signals(points, limits, centre, side, trend)))


def _error(of: float, centre: float, *, share: bool) -> float:
    return sqrt(centre * (1 - centre if share else 1) / of)


def _spread(first: Sequence[Point], centre: float, *, share: bool) -> float:
    """Rule 2: how many times as far as by chance the baseline's quarters are from each other; at least once."""
    if centre <= 0 or (share and centre >= 1):
        return 1.0
    apart = [((one.rate or 0) - centre) / _error(one.of or 1, centre, share=share) for one in first]
    ranges = [abs(later - before) for before, later in pairwise(apart)]
    return max(1.0, sum(ranges) / len(ranges) / _OF_TWO)


def _limits(point: Point, centre: float, spread: float, *, share: bool) -> Limits | None:
    if not point.of:
        return None
    wide = _WIDE * spread * _error(point.of, centre, share=share)
    return Limits(max(0.0, centre - wide), centre, min(1.0, centre + wide) if share else centre + wide)


def _signals(
    points: Sequence[Point], limits: Sequence[Limits | None], centre: float, side: int, trend: int
) -> list[tuple[Signal, Way]]:
    """Rule 4, of the newest quarter."""
    rate, within = points[-1].rate, limits[-1]
    if rate is None or within is None:
        return []
    found: list[tuple[Signal, Way]] = []
    if not within.low <= rate <= within.high:
        found.append(("beyond the limits", "higher" if rate > centre else "lower"))
    rates = [one.rate for one in points]
    last = [value for value in rates[-side:] if value is not None]
    ways: tuple[tuple[Way, int], ...] = (("higher", 1), ("lower", -1))
    for way, sign in ways:
        if len(last) == side and all(sign * (value - centre) > 0 for value in last):
            found.append(("run on one side", way))
        steps = [value for value in rates[-trend:] if value is not None]
        if len(steps) == trend and all(sign * (b - a) > 0 for a, b in pairwise(steps)):
            found.append(("trend", way))
    return found
