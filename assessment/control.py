"""Control charts of quarters: a centre and limits from a baseline, and what is no chance. Pure.

1. The centre is the baseline's: all that is counted in it by all that it is counted of.
2. Limits are three standard errors of a count (u chart), or of a share (p chart), either side, made wider by how much
   more the baseline's quarters differ from each other than chance alone allows, and never narrower. Source: Laney,
   Quality Engineering 14 (2002) 531-537; of moving ranges, 1.128 is the mean for two.
3. The limits stay as the baseline has them: a process that moved does not move its own limits.
4. Where the baseline has two years at the least, each of the four quarters of the year is shown in it twice, and they
   differ by more than chance allows (``_season``), each has a centre of its own. Its limits are wider by how little
   two or three quarters say of it.
5. No chance is a quarter beyond the limits; so many in a row on one side of the centre; so many in a row each above, or
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
_YEAR = 4
_MOST_BY_CHANCE = 11.34  # chi-squared with 3 degrees of freedom is seldomer than once in a hundred above this
Season = tuple[float, ...]
"""Of each quarter of the year, beginning with the first that is shown: how many times the centre it usually is."""


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
    """The quarters, the limits of each (none without a baseline), and the newest quarter's signals.

    ``season`` is there where the limits know of one (4).
    """

    points: tuple[Point, ...]
    limits: tuple[Limits | None, ...]
    spread: float | None
    signals: tuple[tuple[Signal, Way], ...]
    season: Season | None = None


def chart(points: Sequence[Point], baseline: int, side: int, trend: int, *, share: bool) -> Chart:
    """The control chart of quarters in order, the first so many of which are the baseline."""
    first = [one for one in points[:baseline] if one.rate is not None]
    if len(points) <= baseline or len(first) < max(2, baseline * 3 // 4):
        return Chart(tuple(points), (None,) * len(points), None, ())
    centre = sum(one.count or 0 for one in first) / sum(one.of or 0 for one in first)  # (1)
    season = _season(points[:baseline], centre, share=share)  # (4)
    usual = [centre * (season[n % _YEAR] if season else 1.0) for n in range(len(points))]
    known = baseline / _YEAR if season else baseline
    spread = _spread(list(zip(points, usual, strict=True))[:baseline], known, season=season is not None, share=share)
    far = spread * (sqrt(1 + 1 / known) if season else 1.0)
    limits = tuple(_limits(one, own, far, share=share) for one, own in zip(points, usual, strict=True))  # (2) (3)
    signals = tuple(_signals(points, limits, usual, side, trend))
    return Chart(tuple(points), limits, spread, signals, season)


def _error(of: float, centre: float, *, share: bool) -> float:
    return sqrt(centre * (1 - centre if share else 1) / of)


def _season(first: Sequence[Point], centre: float, *, share: bool) -> Season | None:
    """Rule 4: chi-squared of the four sums, in units of how much quarters of one kind differ, at least by chance."""
    quarters = [[one for one in first[n::_YEAR] if one.rate] for n in range(_YEAR)]
    if len(first) < 2 * _YEAR or min(map(len, quarters)) < 2 or (share and centre >= 1):
        return None
    wholes = [(sum(one.count or 0 for one in those), sum(one.of or 0 for one in those)) for those in quarters]
    apart = sum(((count / of - centre) / _error(of, centre, share=share)) ** 2 for count, of in wholes)
    within = [
        (((one.rate or 0) - count / of) / _error(one.of or 1, centre, share=share)) ** 2
        for those, (count, of) in zip(quarters, wholes, strict=True)
        for one in those
    ]
    usual = max(1.0, sum(within) / (len(within) - _YEAR))
    if apart / usual < _MOST_BY_CHANCE:
        return None
    return tuple(count / of / centre for count, of in wholes)


def _spread(first: Sequence[tuple[Point, float]], known: float, *, season: bool, share: bool) -> float:
    """Rule 2: how many times as far as by chance the baseline's quarters are from each other; at least once.

    A season takes up some of how they differ: what is left of it is made as much larger.
    """
    shown = [(one, centre) for one, centre in first if one.rate is not None]
    if any(centre <= 0 or (share and centre >= 1) for _, centre in shown):
        return 1.0
    apart = [((one.rate or 0) - centre) / _error(one.of or 1, centre, share=share) for one, centre in shown]
    ranges = [abs(later - before) for before, later in pairwise(apart)]
    left = sqrt(known / (known - 1)) if season else 1.0
    return max(1.0, left * sum(ranges) / len(ranges) / _OF_TWO)


def _limits(point: Point, centre: float, spread: float, *, share: bool) -> Limits | None:
    if not point.of:
        return None
    if share and centre >= 1:
        return Limits(1.0, centre, 1.0)
    wide = _WIDE * spread * _error(point.of, centre, share=share)
    return Limits(max(0.0, centre - wide), centre, min(1.0, centre + wide) if share else centre + wide)


def _signals(
    points: Sequence[Point], limits: Sequence[Limits | None], usual: Sequence[float], side: int, trend: int
) -> list[tuple[Signal, Way]]:
    """Rule 5, of the newest quarter; beside its own centre each."""
    rate, within = points[-1].rate, limits[-1]
    if rate is None or within is None:
        return []
    found: list[tuple[Signal, Way]] = []
    if not within.low <= rate <= within.high:
        found.append(("beyond the limits", "higher" if rate > within.centre else "lower"))
    rates = [
        one.rate / own if one.rate is not None and own else one.rate for one, own in zip(points, usual, strict=True)
    ]
    last = [value for value in rates[-side:] if value is not None]
    ways: tuple[tuple[Way, int], ...] = (("higher", 1), ("lower", -1))
    for way, sign in ways:
        if len(last) == side and all(sign * (value - (1 if usual[-1] else 0)) > 0 for value in last):
            found.append(("run on one side", way))
        steps = [value for value in rates[-trend:] if value is not None]
        if len(steps) == trend and all(sign * (b - a) > 0 for a, b in pairwise(steps)):
            found.append(("trend", way))
    return found
