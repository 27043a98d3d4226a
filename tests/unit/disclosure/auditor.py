"""An auditor who attacks what was shown of tables. Written apart: it knows leaves and sums, and no code of the product.

Its numbers are the leaves of each release, whole and not below 0; each shown cell is a sum of them that it knows; one
that is shown as 0 is 0, and a hidden one is not. A later release has at least as much of each leaf as an earlier one.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import highspy
import numpy as np

Cell = tuple[str, ...]
Tree = Mapping[str, Sequence[str]]


def leaves_of(tree: Tree, value: str) -> list[str]:
    return [leaf for part in tree[value] for leaf in leaves_of(tree, part)] if value in tree else [value]


def members(trees: Sequence[Tree], cell: Cell) -> list[Cell]:
    return list(product(*(leaves_of(tree, value) for tree, value in zip(trees, cell, strict=True))))


class Auditor:
    """Has seen ``releases``: of each its cells with what is shown, None where hidden."""

    def __init__(self, trees: Sequence[Tree], releases: Sequence[Mapping[Cell, int | None]]) -> None:
        self.trees = trees
        tops = tuple(next(iter(tree)) for tree in trees)
        leaves = members(trees, tops)
        self.place = {(n, leaf): i for i, (n, leaf) in enumerate(product(range(len(releases)), leaves))}
        rows: list[tuple[dict[int, float], float, float]] = []
        for n, shown in enumerate(releases):
            rows += [(self.sum_of(n, cell), 1, np.inf) for cell, seen in shown.items() if seen is None]
            rows += [(self.sum_of(n, cell), seen, seen) for cell, seen in shown.items() if seen is not None]
        for n in range(1, len(releases)):
            rows += [({self.place[n, leaf]: 1.0, self.place[n - 1, leaf]: -1.0}, 0, np.inf) for leaf in leaves]
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        width = len(self.place)
        self.solver.addVars(width, np.zeros(width), np.full(width, highspy.kHighsInf))
        kinds = np.full(width, 1, np.uint8)
        self.solver.changeColsIntegrality(width, np.arange(width, dtype=np.int32), kinds)
        for line, low, high in rows:
            most = highspy.kHighsInf if np.isinf(high) else float(high)
            self.solver.addRow(
                float(low), most, len(line), np.array(list(line), np.int32), np.array(list(line.values()))
            )

    def sum_of(self, release: int, cell: Cell, sign: float = 1.0) -> dict[int, float]:
        return {self.place[release, leaf]: sign for leaf in members(self.trees, cell)}

    def can_be(self, line: Mapping[int, float], *, least: float = -np.inf, most: float = np.inf) -> bool:
        """Whether all that was seen leaves it possible that this sum is as low, or as high."""
        low = -highspy.kHighsInf if np.isinf(least) else least
        high = highspy.kHighsInf if np.isinf(most) else most
        row = self.solver.getNumRow()
        self.solver.addRow(low, high, len(line), np.array(list(line), np.int32), np.array(list(line.values())))
        self.solver.run()
        found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        self.solver.deleteRows(1, np.array([row], np.int32))
        return found


def fewest(trees: Sequence[Tree], true: Mapping[Cell, int], threshold: int) -> int:
    """The fewest cells that must be hidden in all: the whole problem as one programme, with a table for each attack."""
    small = [cell for cell, count in true.items() if 0 < count < threshold]
    may = [cell for cell, count in true.items() if count >= threshold]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    hide = {cell: solver.addBinary() for cell in may}
    leaves = [cell for cell in true if members(trees, cell) == [cell]]
    for target, up in product(small, (True, False)):
        inside = sum(true[leaf] > 0 for leaf in members(trees, target))
        low = max(inside, 1)
        goal = max(threshold - 1, 2, low + 1) if up else low
        other = {
            leaf: solver.addVariable(lb=float(true[leaf] > 0), ub=1000.0 if true[leaf] else 0.0) for leaf in leaves
        }
        for leaf in leaves:
            solver.changeColIntegrality(other[leaf].index, highspy.HighsVarType.kInteger)
        for cell, count in true.items():
            total = solver.qsum(other[leaf] for leaf in members(trees, cell))
            if cell in hide:
                solver.addConstr(total - count <= 200.0 * hide[cell])
                solver.addConstr(count - total <= float(count) * hide[cell])
            elif count == 0:
                solver.addConstr(total == 0)
            if cell == target:
                solver.addConstr(total >= goal if up else total <= goal)
    solver.minimize(solver.qsum(hide.values()))
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError("the programme has no answer")
    return len(small) + round(solver.getInfo().objective_function_value)
