"""Matched comparison: people who had an intervention beside people alike who had none.

1. Coarsened exact matching: both are cut into strata by what was known of them before; a stratum without one of each
   kind is left out. Source: Iacus, King & Porro, Political Analysis 20 (2012) 1-24.
2. Both are weighted so that a stratum counts the same on both sides, and the more the more people it lets compare: the
   weights with the smallest error of all that balance. Source: Li, Morgan & Zaslavsky, JASA 113 (2018) 390-400.
3. What is left of differences is shown as standardised mean differences; up to 0.1 counts as balanced. Source: Austin,
   Statistics in Medicine 28 (2009) 3083-3107.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

BALANCED = 0.1


@dataclass(frozen=True)
class Balance:
    """How far treated and compared differ in one thing, before matching and after, in standard deviations."""

    about: str
    before: float
    after: float


def matched(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The rows of strata that hold both, with ``weight``; ``treated`` says who had it."""
    counted = rows.group_by(by).agg(
        pl.col("treated").sum().alias("had"), (pl.len() - pl.col("treated").sum()).alias("had_not")
    )
    both = counted.filter((pl.col("had") > 0) & (pl.col("had_not") > 0))  # (1)
    kept = rows.join(both, on=list(by), how="inner", nulls_equal=True, maintain_order="left")
    if kept.is_empty():
        return kept.with_columns(weight=pl.lit(0.0))
    both_sides = pl.col("had") + pl.col("had_not")
    of_treated, of_compared = pl.col("had_not") / both_sides, pl.col("had") / both_sides  # (2)
    weight = pl.when(pl.col("treated") == 1).then(of_treated).otherwise(of_compared)
    return kept.with_columns(weight=weight).drop("had", "had_not")


def balance(before: pl.DataFrame, after: pl.DataFrame, about: Sequence[str]) -> list[Balance]:
    """Standardised mean differences of columns of numbers, before matching and after (3)."""
    spread = {name: _spread(before, name) for name in about}
    unweighted = before.with_columns(weight=pl.lit(1.0))
    return [
        Balance(name, _difference(unweighted, name, spread[name]), _difference(after, name, spread[name]))
        for name in about
    ]


def _spread(rows: pl.DataFrame, name: str) -> float:
    variances = [
        float(part[name].to_numpy().astype(float).var(ddof=1)) if part.height > 1 else 0.0
        for part in rows.partition_by("treated", maintain_order=True)
    ]
    return float((sum(variances) / max(1, len(variances))) ** 0.5)


def _difference(rows: pl.DataFrame, name: str, spread: float) -> float:
    means = [_mean(rows.filter(pl.col("treated") == treated), name) for treated in (1, 0)]
    if None in means or spread == 0:
        return 0.0
    return (means[0] - means[1]) / spread  # type: ignore[operator]


def _mean(rows: pl.DataFrame, name: str) -> float | None:
    total = float(rows["weight"].sum())
    return float((rows[name].cast(pl.Float64) * rows["weight"]).to_numpy().sum()) / total if total else None
