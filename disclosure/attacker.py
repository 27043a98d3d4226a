"""The attacker: all that can be derived of hidden numbers from those that are shown. Exact.

Source: Fischetti & Salazar-Gonzalez 2001 (the attacker's problem); Hundepool et al. 2012, ch. 4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from disclosure.puzzle import Puzzle
from disclosure.solver import INFINITE, programme, solved, solver

NEAR = 1e-6
UP, DOWN = 1, -1
MOST_KEPT = 3000


@dataclass(frozen=True)
class Missed:
    """A protected number of which too much is known: up, that it is not so much; down, that it is not so little.

    ``slope``: by how much the bound would give way for each unit that another number, which is shown, gave way.
    """

    place: int
    way: int
    slope: np.ndarray


class Attacker:
    """Knows the equations, all that is shown, the least of what is hidden, and whether numbers are whole."""

    def __init__(self, puzzle: Puzzle) -> None:
        self._puzzle = puzzle
        self._targets = [(place, way) for place in sorted(puzzle.wanted) for way in (DOWN, UP)]
        self._lp = solver()
        self._lp.setOptionValue("presolve", "off")
        self._lp.passModel(self._model(frozenset(), whole=False))
        self._all = np.arange(len(puzzle.values), dtype=np.int32)
        self._known = _Witnesses(puzzle, self._targets)

    def missed(self, hidden: frozenset[int]) -> Iterator[Missed]:
        """The protected numbers whose wanted interval is not wholly possible while these are hidden.

        1. A bound is met if some solution of the equations reaches it; one solution may meet many bounds, and is
           remembered, since it stays a solution while all is hidden in which it is untrue.
        2. Where numbers are whole, only a whole solution counts.
        """
        lower, upper = self._bounds(hidden)
        self._lp.changeColsBounds(len(self._all), self._all, lower, upper)
        met = self._known.met(hidden)
        for number, target in enumerate(self._targets):
            if met[number]:
                continue
            solution, slope = self._furthest(*target)
            if not self._meets(solution, *target):
                yield Missed(*target, slope)
            elif self._is_whole(solution) or (solution := self._wholly(hidden, *target)).size:
                met |= self._known.remember(solution)  # (1)
            else:
                yield Missed(*target, np.zeros(0))  # (2)

    def _meets(self, solution: np.ndarray, place: int, way: int) -> bool:
        least, most = self._puzzle.wanted[place]
        return bool(solution[place] >= most - NEAR if way == UP else solution[place] <= least + NEAR)

    def _is_whole(self, solution: np.ndarray) -> bool:
        return not self._puzzle.whole or bool((np.abs(solution - solution.round()) < NEAR).all())

    def _furthest(self, place: int, way: int) -> tuple[np.ndarray, np.ndarray]:
        """A solution in which the number is as far up (down) as it can be, at most to its bound; and the slopes."""
        lower, upper = self._lp.getCol(place)[2:4]
        least, most = self._puzzle.wanted[place]
        within = (lower, max(most, lower)) if way == UP else (min(least, upper), upper)
        self._lp.changeColBounds(place, *within)
        self._lp.changeColCost(place, -float(way))
        if not solved(self._lp):
            raise ArithmeticError("no solution, where the true numbers are one")
        solution = self._lp.getSolution()
        found = np.array(solution.col_value), -np.array(solution.col_dual)
        self._lp.changeColCost(place, 0.0)
        self._lp.changeColBounds(place, lower, upper)
        return found

    def _wholly(self, hidden: frozenset[int], place: int, way: int) -> np.ndarray:
        """A solution in whole numbers that meets the bound; empty if there is none."""
        whole = solver()
        whole.passModel(self._model(hidden, whole=True))
        least, most = self._puzzle.wanted[place]
        lower, _ = self._bounds(hidden)
        within = (max(most, lower[place]), INFINITE) if way == UP else (lower[place], least)
        whole.changeColBounds(place, *within)
        return np.array(whole.getSolution().col_value).round() if solved(whole) else np.zeros(0)

    def _bounds(self, hidden: frozenset[int]) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = self._puzzle.values.astype(float), self._puzzle.values.astype(float)
        places = sorted(hidden)
        lower[places], upper[places] = self._puzzle.least[places], INFINITE
        return lower, upper

    def _model(self, hidden: frozenset[int], *, whole: bool) -> highspy.HighsLp:
        lower, upper = self._bounds(hidden)
        return programme(np.zeros(len(lower)), lower, upper, self._puzzle.matrix, whole=whole)


class _Witnesses:
    """Solutions that were found: in which numbers each is untrue, and which bounds it meets. The truth is the first."""

    def __init__(self, puzzle: Puzzle, targets: Sequence[tuple[int, int]]) -> None:
        self._true = puzzle.values
        self._places = np.array([place for place, _ in targets], np.int64)
        self._up = np.array([way == UP for _, way in targets], bool)
        least_most = np.array([puzzle.wanted[place] for place, _ in targets]).reshape(-1, 2)
        self._goal = np.where(self._up, least_most[:, 1] - NEAR, least_most[:, 0] + NEAR)
        self._untrue = np.zeros((0, len(self._true)), bool)
        self._meets = np.zeros((0, len(targets)), bool)
        self.remember(self._true.astype(float))

    def remember(self, solution: np.ndarray) -> np.ndarray:
        """Keep a solution; which bounds it meets."""
        values = solution[self._places]
        meets: np.ndarray = np.where(self._up, values >= self._goal, values <= self._goal)
        self._untrue = np.vstack([self._untrue[-MOST_KEPT:], np.abs(solution - self._true) > NEAR])
        self._meets = np.vstack([self._meets[-MOST_KEPT:], meets])
        return meets

    def met(self, hidden: frozenset[int]) -> np.ndarray:
        """Which bounds are met by a solution that is untrue in nothing but what is hidden."""
        shown = np.ones(len(self._true), bool)
        shown[sorted(hidden)] = False
        possible = ~(self._untrue & shown).any(axis=1)
        found: np.ndarray = self._meets[possible].any(axis=0) | self._by_truth
        return found

    @property
    def _by_truth(self) -> np.ndarray:
        values = self._true[self._places]
        found: np.ndarray = np.where(self._up, values >= self._goal, values <= self._goal)
        return found
