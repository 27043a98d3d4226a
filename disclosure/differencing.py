"""What can be told beside what was told before, so that no difference isolates too few. Pure.

Whoever has several counts can subtract them: quarter from quarter, version from version, 10-17 from 10-18. What is
looked at are the very units (persons) behind each count, so that it does not matter how a question was worded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

Values = tuple[str | None, ...]
NEAR = 1e-7


@dataclass(frozen=True)
class Told:
    """The counts of one question that somebody has: for each the units behind it; ``cells``: columns cell, unit."""

    cells: pl.DataFrame

    @classmethod
    def of(cls, counted: pl.DataFrame, unit: str, shown: Sequence[Values]) -> "Told":
        """Of a question's counted rows those cells that were shown."""
        names = [name for name in counted.columns if name != unit]
        keys = pl.DataFrame([(*values,) for values in shown], schema=dict.fromkeys(names, pl.String), orient="row")
        keys = keys.with_row_index("cell") if names else pl.DataFrame({"cell": [0] * len(shown)}, {"cell": pl.UInt32})
        joined = counted.join(keys, on=names, nulls_equal=True) if names else counted.join(keys, how="cross")
        return cls(joined.select("cell", pl.col(unit).cast(pl.String).alias("unit")).unique())


def to_hide(counted: pl.DataFrame, unit: str, before: Sequence[Told], threshold: int) -> dict[Values, int]:
    """The cells of a question's counted rows that must be hidden, each with its size.

    1. A cell of fewer units than the threshold is small.
    2. A cell that is shown, less those cells of any one question that lie within it, leaves nobody or enough.
    3. The shown cells together determine no group that is small: units that are alike in all cells (linear algebra).
    4. If they do, the smallest new cell that has a part in it is hidden, and it is looked again.
    5. What those counts alone determine that were told before is known already: no new cell is hidden for it.
    """
    names = [name for name in counted.columns if name != unit]
    sizes = counted.group_by(names).len("size") if names else counted.select(pl.len().alias("size"))
    order = sorted(sizes.iter_rows(), key=lambda row: (row[-1], [(value is None, value) for value in row[:-1]]))
    hidden = {tuple(row[:-1]): row[-1] for row in order if 0 < row[-1] < threshold}  # (1)
    left = [tuple(row[:-1]) for row in order if row[-1] >= threshold]
    view = _View.of([*before, Told.of(counted, unit, left)])
    while left:
        place = view.too_narrow(threshold)
        if place is None:
            break
        values = left[place]
        hidden[values] = int(view.size(place))
        view.hide(place)  # (4)
    return hidden


@dataclass
class _View:
    """All that somebody has: which groups of like units (atoms) are in which cell. The newest question is the last."""

    holds: np.ndarray
    atoms: np.ndarray
    question: np.ndarray
    first: int
    shown: np.ndarray

    @classmethod
    def of(cls, told: Sequence[Told]) -> "_View":
        frames = [one.cells.with_columns(pl.lit(n, pl.UInt32).alias("question")) for n, one in enumerate(told)]
        every = pl.concat(frames)
        cells = every.select("question", "cell").unique().sort("question", "cell").with_row_index("row")
        named = every.join(cells, on=["question", "cell"]).select("row", "unit")
        pattern = named.group_by("unit").agg(pl.col("row").unique().sort())
        alike = pattern.group_by("row").len("size").sort("row").with_row_index("atom")
        holds = np.zeros((cells.height, alike.height), bool)
        pairs = alike.explode("row")
        holds[pairs["row"].to_numpy(), pairs["atom"].to_numpy()] = True
        question = cells["question"].to_numpy()
        newest = int((question < len(told) - 1).sum())
        return cls(holds, alike["size"].to_numpy().astype(float), question, newest, np.ones(len(question), bool))

    def size(self, place: int) -> float:
        return float(self.atoms[self.holds[self.first + place]].sum())

    def hide(self, place: int) -> None:
        self.shown[self.first + place] = False

    def too_narrow(self, threshold: int) -> int | None:
        """A new cell that must not be shown beside the others: the smallest that has a part in it; None if all may."""
        for found in (self._remainders(threshold), self._determined(threshold)):
            new = np.flatnonzero(found & self.shown)
            new = new[new >= self.first]
            if new.size:
                sizes = self.holds[new] @ self.atoms
                return int(new[np.argmin(sizes)]) - self.first
        return None

    def _remainders(self, threshold: int) -> np.ndarray:
        """Rule 2 of ``to_hide``: the cells that have a part in a small remainder."""
        parts = np.zeros(len(self.shown), bool)
        sizes = self.holds @ self.atoms
        common = (self.holds * self.atoms) @ self.holds.T.astype(float)
        for whole in np.flatnonzero(self.shown):
            within = self.shown & (common[:, whole] >= sizes - NEAR) & (sizes > 0)
            within[whole] = False
            for question in np.unique(self.question[within]):
                inside = np.flatnonzero(within & (self.question == question))
                rest = self.holds[whole] & ~self.holds[inside].any(axis=0)
                if 0 < self.atoms[rest].sum() < threshold:
                    parts[[whole, *inside]] = True
        return parts

    def _determined(self, threshold: int) -> np.ndarray:
        """Rule 3 of ``to_hide``: the cells that touch a small atom which the shown cells determine (5)."""
        parts = np.zeros(len(self.shown), bool)
        alike, of = np.unique(self.holds[self.shown], axis=1, return_inverse=True)  # by what is shown alone
        small = np.bincount(of.ravel(), self.atoms, alike.shape[1]) < threshold
        found, before = _Solved.of(alike), _Solved.of(alike[: int(self.shown[: self.first].sum())])
        for atom in np.flatnonzero(found.atoms & ~before.atoms & small):
            parts[np.flatnonzero(self.shown)[np.abs(found.weights(atom)) > NEAR]] = True
        return parts


@dataclass(frozen=True)
class _Solved:
    """Which atoms the sums of some cells determine. ``turned``, ``basis``: the cells, turned so that none repeats."""

    atoms: np.ndarray
    turned: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, holds: np.ndarray) -> "_Solved":
        rows = holds.astype(float)
        if not rows.size:
            return cls(np.zeros(holds.shape[1], bool), rows.T, rows)
        scale, turned = np.linalg.eigh(rows @ rows.T)
        real = scale > NEAR * max(1.0, float(scale.max()))
        turned = turned[:, real] / np.sqrt(scale[real])
        basis = turned.T @ rows
        return cls((basis**2).sum(axis=0) > 1 - NEAR, turned, basis)

    def weights(self, atom: np.intp) -> np.ndarray:
        """How often each cell is taken, to solve for an atom."""
        return np.asarray(self.turned @ self.basis[:, atom])
