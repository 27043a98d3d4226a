"""Sentences that say only what figures support. Each is chosen by rule from an estimate or from shown counts. Pure.

1. More or less is said only where the interval leaves out none at all.
2. A part is told only of counts that are shown.
3. Where nothing can be said, that is said, with the reason.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from types import MappingProxyType

import polars as pl

from assessment.safe import Counts, Estimate
from documents.words import listed


def percent(part: float) -> str:
    """A part as people write it, in two significant digits: 12 %."""
    return f"{part * 100:.2g} %" if part < 0.995 else "100 %"


def direction(about: str, ratio: Estimate, each: str) -> str:
    """What a ratio of rates says of a change (1)."""
    if not ratio.told or ratio.low is None or ratio.high is None:
        return f"Whether {about} rose or fell cannot be told: {ratio.why}."
    span = f"(ratio {ratio.value:.2g}, 95 % interval {ratio.low:.2g} to {ratio.high:.2g})"
    if ratio.low > 1:
        return f"{about.capitalize()} rose {each} {span}."
    if ratio.high < 1:
        return f"{about.capitalize()} fell {each} {span}."
    return f"No rise or fall of {about} {each} can be told from chance {span}."


def most(about: str, counts: Counts, titles: Mapping[str, str] = MappingProxyType({}), number: int = 3) -> str:
    """Which parts are the largest of what is shown (2)."""
    first = counts.parts().filter(pl.col("count") > 0).sort("count", descending=True, maintain_order=True).head(number)
    told = [(titles.get(value, value), counts.share(value)) for value in first[counts.by[0]]]
    if not told or any(part is None for _, part in told):
        return f"Of the {about} too few are shown to say which are most."
    return f"Most of the {about}: {listed([f'{name} ({percent(part)})' for name, part in told if part])}."


def uneven(about: str, counts: Counts, number: int) -> str:
    """Which parts are the largest, if they are less alike than chance would have them; for parts that are equally long.

    Pearson's chi-squared statistic of what is shown, with the normal approximation of Wilson & Hilferty (1931).
    """
    held = [count for count in counts.parts()["count"] if count is not None]
    if len(held) < counts.parts().height or len(held) < 2 or not sum(held):
        return f"Whether some have more of the {about}, cannot be told: counts are hidden."
    mean, free = sum(held) / len(held), len(held) - 1
    squares = sum((count - mean) ** 2 / mean for count in held)
    stands = ((squares / free) ** (1 / 3) - (1 - 2 / (9 * free))) / (2 / (9 * free)) ** 0.5
    if stands < NormalDist().inv_cdf(0.95):
        return f"No more of the {about}, than chance would give fall on any of them."
    return most(about, counts, number=number)


def named(names: Sequence[str], several: str, none: str) -> str:
    """A sentence with a list, or another where the list is empty (3)."""
    return several.format(names=listed(names)) if names else none
