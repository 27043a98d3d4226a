"""Tables of successive releases as one puzzle: what came in between is the difference of two of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.puzzle import Puzzle
from disclosure.rules import Intervals, Rule, small
from disclosure.tables import Table


@dataclass(frozen=True)
class Joint:
    """The puzzle of all releases.

    ``newest``: where the newest table's cells begin; ``isolating``: which of its cells, if shown, would show a small
    growth beside an earlier one.
    """

    puzzle: Puzzle
    newest: int
    cells: int
    isolating: frozenset[int]

    def is_of_newest(self, place: int) -> bool:
        """Whether a number of the puzzle is a cell of the newest table."""
        return self.newest <= place < self.newest + self.cells


def grown(earlier: Sequence[Table], shown: Sequence[np.ndarray], table: Table, rule: Rule) -> Joint:
    """All tables, and for each pair of them what the later has more, in that order.

    1. A growth is never shown; the attacker knows that it is not below 0.
    2. It is the later cell less the earlier one; a small one is protected as a small count is.
    3. What was shown stays so; only cells of the newest table can be hidden still.
    """
    tables, cells = [*earlier, table], len(table.values)
    spans = [(a, b) for b in range(len(tables)) for a in range(b)]
    values = [one.values for one in tables] + [tables[b].values - tables[a].values for a, b in spans]
    ones = [one.summed_up((one.values > 0).astype(float)) for one in tables]
    lowest = ones + [ones[b] - ones[a] for a, b in spans]  # (1)
    wanted: Intervals = {}
    for block, (of, low) in enumerate(zip(values, lowest, strict=True)):
        wanted |= {block * cells + place: span for place, span in small(of, low, rule).items()}  # (2)
    newest = (len(tables) - 1) * cells
    hidden = {block * cells + int(p) for block, seen in enumerate(shown) for p in np.flatnonzero(~seen)}
    hidden |= wanted.keys() | set(range(len(tables) * cells, len(values) * cells))
    free = {newest + int(place) for place in np.flatnonzero(table.values > 0)} - wanted.keys()  # (3)
    puzzle = Puzzle(
        values=np.concatenate(values),
        equations=_equations(table, len(tables), spans),
        least=np.concatenate(lowest),
        wanted=wanted,
        hidden=frozenset(hidden),
        may_hide=frozenset(free),
        cost=_cost(values, newest, table),
        whole=True,
    )
    return Joint(puzzle, newest, cells, _isolating(tables, shown, rule))


def _equations(table: Table, number: int, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The margins of each table, and each later cell as the earlier one and what came in between."""
    cells = len(table.values)
    within = [
        (block * cells + whole, tuple(block * cells + part for part in parts))
        for block in range(number)
        for whole, parts in table.equations
    ]
    between = [
        (b * cells + place, (a * cells + place, (number + span) * cells + place))
        for span, (a, b) in enumerate(spans)
        for place in range(cells)
    ]
    return (*within, *between)


def _cost(values: Sequence[np.ndarray], newest: int, table: Table) -> np.ndarray:
    cost = np.ones(sum(map(len, values)))
    size = np.log1p(table.values)
    cost[newest : newest + len(size)] += size / (size.sum() + 1)
    return cost


def _isolating(tables: Sequence[Table], shown: Sequence[np.ndarray], rule: Rule) -> frozenset[int]:
    """Cells of the newest table that are a little more than an earlier one which is shown."""
    newest = tables[-1].values
    found: set[int] = set()
    for one, seen in zip(tables[:-1], shown, strict=True):
        more = newest - one.values
        found |= {int(place) for place in np.flatnonzero(seen & (more > 0) & (more < rule.smallest_count))}
    return frozenset(found)
