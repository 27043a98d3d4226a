"""Bringing rows to a level: wider values, then none, where too few are alike. Pure and deterministic.

Sources: k-anonymity by generalisation and suppression (Samarati & Sweeney 1998), local recoding; l-diversity as in
``alike``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from disclosure.alike import Groups, groups

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """A loss that may be taken: the values of a column that become wider ones; others stay."""

    column: str
    into: Mapping[str, str]


@dataclass(frozen=True)
class Level:
    """Fewest rows that are alike, and fewest different values that such a group has of each sensitive column."""

    group: int
    diversity: int = 1


@dataclass(frozen=True)
class Levelled:
    """``rows`` as they may be given; ``widened`` and ``withheld``: how many values of each column were changed."""

    rows: pl.DataFrame
    widened: Mapping[str, int]
    withheld: Mapping[str, int]
    before: Groups
    after: Groups


def levelled(
    rows: pl.DataFrame, columns: Sequence[str], sensitive: Sequence[str], level: Level, steps: Sequence[Step]
) -> Levelled:
    """Text ``columns`` of rows changed, as little as the order of steps allows, until the level holds.

    1. Only rows whose group is below the level are changed, a step at a time, as the agreement orders the steps.
    2. Then their values are withheld, column by column in the order in which the steps name them.
    3. If those whose values are all withheld are still below the level, the smallest groups join them; at the worst all
       rows, of which then nothing is told that could tell them apart, however few they are.
    """
    given, before = rows, groups(rows, columns, sensitive)
    for step in [*(step for step in steps if step.column in columns), *_withholding(given, columns, steps)]:
        low = _below(groups(given, columns, sensitive), level)
        if not low.any():
            break
        given = _taken(given, step, low)  # (1) (2)
    given = _joined(given, columns, sensitive, level)  # (3)
    widened = {name: int(((rows[name] != given[name]) & (given[name] != UNKNOWN)).sum()) for name in columns}
    withheld = {name: int(((rows[name] != given[name]) & (given[name] == UNKNOWN)).sum()) for name in columns}
    return Levelled(given, widened, withheld, before, groups(given, columns, sensitive))


def _below(alike: Groups, level: Level) -> np.ndarray:
    """Of each row whether its group is below the level."""
    low: np.ndarray = ((alike.size < level.group) | (alike.diversity < level.diversity))[alike.of]
    return low


def _withholding(rows: pl.DataFrame, columns: Sequence[str], steps: Sequence[Step]) -> list[Step]:
    named = list(dict.fromkeys([*(step.column for step in steps if step.column in columns), *columns]))
    return [Step(name, dict.fromkeys([*_values(rows, name, steps), UNKNOWN], UNKNOWN)) for name in named]


def _values(rows: pl.DataFrame, name: str, steps: Sequence[Step]) -> list[str]:
    made = [wide for step in steps if step.column == name for wide in step.into.values()]
    return [*rows[name].unique().drop_nulls().to_list(), *made]


def _taken(rows: pl.DataFrame, step: Step, low: np.ndarray) -> pl.DataFrame:
    wide = pl.col(step.column).replace(dict(step.into))
    return rows.with_columns(pl.when(pl.Series(low)).then(wide).otherwise(pl.col(step.column)).alias(step.column))


def _joined(rows: pl.DataFrame, columns: Sequence[str], sensitive: Sequence[str], level: Level) -> pl.DataFrame:
    """Rule 3 of ``levelled``; of groups of one size those that stand first in the order of their values."""
    while rows.height:
        alike = groups(rows, columns, sensitive)
        low = _below(alike, level)
        if not low.any():
            break
        number = int(alike.of[int(np.flatnonzero(low)[0])])
        others = [n for n in np.argsort(alike.size, kind="stable").tolist() if n != number]
        if not others:
            break
        chosen = low | (alike.of == others[0])
        rows = rows.with_columns(
            pl.when(pl.Series(chosen)).then(pl.lit(UNKNOWN)).otherwise(pl.col(name)).alias(name) for name in columns
        )
    return rows
