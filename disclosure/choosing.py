"""Which numbers to hide besides the protected ones: as few as can be. Pure and deterministic.

Source: Fischetti & Salazar-Gonzalez 2001, Solving the cell suppression problem on tabular data with linear constraints:
the fewest cells that satisfy every inequality which the attacker's bounds give, until the attacker is out of bounds.
"""

from collections.abc import Iterable

import numpy as np

from disclosure.attacker import UP, Attacker, Missed
from disclosure.puzzle import Puzzle
from disclosure.solver import INFINITE, programme, solved, solver
from disclosure.widening import thinned, widened

EXACT = 1500
"""More numbers than this that may be hidden are not chosen among exactly."""
ROUNDS, FEW_NUMBERS = 8, 200
"""Rounds of the search; one alone where there are more numbers than these."""
NODES = 200
CLOSE = 1.08
"""A choice that costs at most so much times the bound from below is taken: the search for the last cell is long."""


def chosen(puzzle: Puzzle) -> frozenset[int]:
    """All that is hidden, the protected numbers and those that protect them; the attacker has the last word.

    1. The fewest (cheapest) that the inequalities found so far ask for are a bound from below.
    2. Widened until nothing is missed, then thinned, they are a choice that is safe.
    3. Whatever the attacker learned too much of on the way gives a new inequality.
    4. Done if the best choice costs hardly more than the bound, or after so many rounds.
    """
    attacker = Attacker(puzzle)
    if not puzzle.may_hide or next(attacker.missed(puzzle.hidden), None) is None:
        return puzzle.hidden
    if len(puzzle.may_hide) > EXACT:
        return thinned(puzzle, attacker, widened(puzzle, attacker, puzzle.hidden))
    cover, best = _Cover(puzzle), puzzle.hidden | puzzle.may_hide
    for _ in range(ROUNDS if len(puzzle.values) <= FEW_NUMBERS else 1):
        fewest = cover.cheapest()  # (1)
        wide = widened(puzzle, attacker, puzzle.hidden | fewest, cover.demand)  # (3)
        safe = thinned(puzzle, attacker, wide, cover.demand)  # (2)
        best = min(best, safe, key=lambda hidden: (_cost(puzzle, hidden), sorted(hidden)))
        if _cost(puzzle, best) <= CLOSE * cover.bound:  # (4)
            break
    return best


def _cost(puzzle: Puzzle, hidden: frozenset[int]) -> float:
    return float(puzzle.cost[sorted(hidden & puzzle.may_hide)].sum())


class _Cover:
    """The inequalities that hiding must satisfy, and the cheapest choice under them."""

    def __init__(self, puzzle: Puzzle) -> None:
        self._puzzle = puzzle
        self._free = np.array(sorted(puzzle.may_hide), np.int32)
        self._column = {int(place): number for number, place in enumerate(self._free)}
        none = (np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0))
        self.bound = 0.0
        cost = puzzle.cost[self._free]
        self._programme = solver()
        self._programme.setOptionValue("mip_max_nodes", NODES)
        self._programme.passModel(programme(cost, np.zeros(len(cost)), np.ones(len(cost)), none, whole=True))
        for place in sorted(puzzle.wanted):
            self._no_bridge(place)

    def cheapest(self) -> frozenset[int]:
        """The cheapest numbers to hide that satisfy all inequalities; all of them if there is no such choice."""
        if not solved(self._programme):
            return frozenset(self._puzzle.may_hide)
        self.bound = float(self._programme.getInfo().mip_dual_bound)
        taken = np.array(self._programme.getSolution().col_value) > 0.5
        return frozenset(int(place) for place in self._free[taken])

    def demand(self, missed: Iterable[Missed], hidden: frozenset[int]) -> None:
        """An inequality for each bound that was missed; where whole numbers alone missed it, that more is hidden."""
        for target in missed:
            factors = self._factors(target)
            if factors is None:
                more = sorted(self._puzzle.may_hide - hidden)
                self._add(dict.fromkeys(more, 1.0), 1.0)
            else:
                self._add(*factors)

    def _factors(self, target: Missed) -> tuple[dict[int, float], float] | None:
        """Of each number how far its hiding moves the bound, and how far it must be moved."""
        if not target.slope.size:
            return None
        puzzle, (least, most) = self._puzzle, self._puzzle.wanted[target.place]
        true = puzzle.values[target.place]
        need = most - true if target.way == UP else true - least
        up = np.where(target.slope > 1e-9, INFINITE, 0.0)
        moves = np.where(target.slope < -1e-9, -target.slope * (puzzle.values - puzzle.least), up)
        moves[target.place] = 0.0
        need -= sum(min(float(moves[place]), need) for place in puzzle.hidden)
        given = {int(place): min(float(moves[place]), need) for place in self._free if moves[place] > 0}
        return (given, need) if need > 1e-9 else None

    def _no_bridge(self, place: int) -> None:
        """A protected number is never alone in a sum: that would be its value."""
        for whole, parts in self._puzzle.equations:
            line = {whole, *parts} - {place}
            if (place == whole or place in parts) and not line & self._puzzle.hidden:
                self._add(dict.fromkeys(sorted(line & self._puzzle.may_hide), 1.0), 1.0)

    def _add(self, factors: dict[int, float], least: float) -> None:
        places = np.array([self._column[place] for place in factors], np.int32)
        self._programme.addRow(least, INFINITE, len(places), places, np.array(list(factors.values())))
