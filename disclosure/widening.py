"""Hiding without a search for the fewest: widen what is too narrow, then show again what was not needed. Pure.

Source: Kelly, Golden & Assad 1992 (one linear programme a cell), with the clean-up of Robertson 1993.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import highspy
import numpy as np

from disclosure.attacker import UP, Attacker, Missed
from disclosure.puzzle import Puzzle
from disclosure.solver import INFINITE, programme, solved, solver

NEAR = 1e-6


Heard = Callable[[Sequence[Missed], frozenset[int]], None]
"""Who is told what was missed while what was hidden."""


def _nobody(_missed: Sequence[Missed], _hidden: frozenset[int]) -> None:
    return


def widened(puzzle: Puzzle, attacker: Attacker, hidden: frozenset[int], heard: Heard = _nobody) -> frozenset[int]:
    """Hidden, with what must be hidden besides until nothing is missed; all that may be, if need be."""
    while missed := list(attacker.missed(hidden)):
        heard(missed, hidden)
        more = frozenset[int]().union(*_ways_out(puzzle, missed, hidden)) - hidden
        if not more:
            return hidden | puzzle.may_hide
        hidden |= more
    return hidden


def thinned(puzzle: Puzzle, attacker: Attacker, hidden: frozenset[int], heard: Heard = _nobody) -> frozenset[int]:
    """Hidden, without what can be shown after all, the dearest first."""
    for place in sorted(hidden & puzzle.may_hide, key=lambda place: (-puzzle.cost[place], place)):
        missed = next(attacker.missed(hidden - {place}), None)
        if missed is None:
            hidden -= {place}
        else:
            heard([missed], hidden - {place})
    return hidden


def _ways_out(puzzle: Puzzle, missed: Iterable[Missed], hidden: frozenset[int]) -> Iterable[set[int]]:
    """For each bound the cheapest change of the numbers that reaches it, each after what the former hid."""
    width = len(puzzle.values)
    for target in missed:
        if not target.slope.size:  # reached, but not in whole numbers: one more number of its sums
            lines = ({whole, *parts} for whole, parts in puzzle.equations if target.place in {whole, *parts})
            yield set().union(*(sorted((line & puzzle.may_hide) - hidden)[:1] for line in lines))
            continue
        model = _cheapest_change(puzzle, hidden, target)
        if not solved(model):
            yield set(puzzle.may_hide)
            return
        change = np.array(model.getSolution().col_value)
        moved = {int(place) for place in np.flatnonzero(np.abs(change[:width] - change[width:]) > NEAR)}
        hidden |= moved
        yield moved


def _cheapest_change(puzzle: Puzzle, hidden: frozenset[int], target: Missed) -> highspy.Highs:
    """A linear programme over what each number rises and falls; only what may be hidden moves."""
    width, (least, most) = len(puzzle.values), puzzle.wanted[target.place]
    free = np.array([place in hidden or place in puzzle.may_hide for place in range(width)])
    cost = np.where([place in hidden for place in range(width)], 0.0, puzzle.cost)
    rise, fall = np.where(free, INFINITE, 0.0), np.where(free, puzzle.values - puzzle.least, 0.0)
    starts, places, signs = puzzle.matrix
    both = (
        (2 * starts).astype(np.int32),
        _interleaved(starts, places, places + width).astype(np.int32),
        _interleaved(starts, signs, -signs),
    )
    found = solver()
    found.passModel(programme(np.tile(cost, 2), np.zeros(2 * width), np.concatenate([rise, fall]), both))
    need = most - puzzle.values[target.place] if target.way == UP else puzzle.values[target.place] - least
    up, down = (need, 0.0) if target.way == UP else (0.0, need)
    found.changeColBounds(target.place, up, up)
    found.changeColBounds(target.place + width, down, down)
    return found


def _interleaved(starts: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Row by row: a row of the first, then the same row of the second."""
    rows = pairwise(starts)
    return np.concatenate([part for a, b in rows for part in (first[a:b], second[a:b])])
