"""A table with nothing in it that tells of too few: primary and secondary suppression, also across releases. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from disclosure.choosing import chosen
from disclosure.errors import TableRefused
from disclosure.puzzle import Puzzle
from disclosure.releases import grown
from disclosure.rules import Reason, Rule, dominated, small
from disclosure.tables import Cell, Table


@dataclass(frozen=True)
class Protected:
    """A table and which of its cells may be shown.

    ``reasons``: why each other one is hidden. They are for whoever reviews, and not shown: that a cell protects
    another says that it is not small. ``frame`` gives what may be shown.
    """

    table: Table
    shown: np.ndarray
    reasons: Mapping[Cell, Reason]

    def frame(self) -> pl.DataFrame:
        """One text column a dimension, and ``value``, null where it is hidden."""
        return self.table.frame(self.shown)


def protect(table: Table, rule: Rule, earlier: Sequence[Protected] = ()) -> Protected:
    """The table with the fewest cells hidden that keep every protected cell possible over its interval.

    1. A cell that is small or dominated is hidden (``rules``).
    2. Cells are hidden besides until an attacker who sees the rest, knows that counts are whole, and which are 0, can
       neither derive a protected cell nor narrow it down within its interval.
    3. ``earlier``: the same table of earlier releases, oldest first, of a population that only grew since. The attacker
       has those too, so that a small growth is protected like a small count.

    Raises TableRefused for earlier tables of other dimensions, or of sums, and if any count became less.
    """
    if not earlier:
        puzzle = _alone(table, rule)
        return _protected(table, rule, chosen(puzzle), isolating=frozenset())
    _require_growth([*(one.table for one in earlier), table])
    joint = grown([one.table for one in earlier], [one.shown for one in earlier], table, rule)
    hidden = frozenset(place - joint.newest for place in chosen(joint.puzzle) if joint.is_of_newest(place))
    return _protected(table, rule, hidden, isolating=joint.isolating)


def least(table: Table) -> np.ndarray:
    """What anybody knows each count to be at the least: one for each cell in it that is not shown as 0."""
    return table.summed_up((table.values > 0).astype(float))


def _alone(table: Table, rule: Rule) -> Puzzle:
    counts = table.contributors is None
    lowest = least(table) if counts else np.zeros(len(table.values))
    wanted = small(table.values, lowest, rule) if counts else dominated(table, rule)
    return Puzzle(
        values=table.values,
        equations=table.equations,
        least=lowest,
        wanted=wanted,
        hidden=frozenset(wanted),
        may_hide=frozenset(np.flatnonzero(table.values > 0).tolist()) - wanted.keys(),
        cost=cost(table.values),
        whole=counts,
    )


def cost(values: np.ndarray) -> np.ndarray:
    """What hiding costs: a cell each, and where that is alike the smaller count (in all less than a cell)."""
    return 1 + np.log1p(values) / (np.log1p(values).sum() + 1) if len(values) else values


def _protected(table: Table, rule: Rule, hidden: frozenset[int], *, isolating: frozenset[int]) -> Protected:
    shown = np.ones(len(table.values), dtype=bool)
    shown[sorted(hidden)] = False
    risky: dict[int, Reason] = dict.fromkeys(dominated(table, rule), "dominated")
    if table.contributors is None:
        risky = dict.fromkeys(small(table.values, least(table), rule), "small")
    of_growth: dict[int, Reason] = dict.fromkeys(isolating, "isolates")
    reasons = of_growth | risky
    return Protected(
        table, shown, {table.cells[place]: reasons.get(place, "protects another") for place in sorted(hidden)}
    )


def _require_growth(tables: Sequence[Table]) -> None:
    for before, after in pairwise(tables):
        why = None
        if before.dimensions != after.dimensions or after.contributors is not None:
            why = "the tables have other dimensions, or hold sums"
        elif (after.values < before.values).any():
            why = "a count became less, so that the population did not only grow"
        if why:
            raise TableRefused(
                "Tables of successive releases cannot be protected together",
                where=" by ".join(dimension.name for dimension in after.dimensions),
                why=why,
                fix="Publish the table rounded (disclosure.rounding), or withhold it",
            )
