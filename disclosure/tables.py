"""Tables of counts, or of sums with who contributes to them, over one to three dimensions with all margins. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product

import numpy as np
import polars as pl

from disclosure.dimensions import Dimension
from disclosure.errors import TableRefused

Cell = tuple[str, ...]
MOST_DIMENSIONS = 3
CLOSE = 1e-6
"""Sums of floating-point numbers add up to this share."""


@dataclass(frozen=True)
class Contributors:
    """Of each cell of a table of sums, in its order: how many contribute, and the largest and second contribution."""

    number: np.ndarray
    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class Table:
    """Cells in the order of ``cells``: the product of the dimensions' values, margins and all.

    ``values``: persons or events in each cell, or a sum, never below 0; ``contributors`` is given with sums alone.
    Raises TableRefused if a margin is not the sum of its parts.
    """

    dimensions: tuple[Dimension, ...]
    values: np.ndarray
    contributors: Contributors | None = None

    def __post_init__(self) -> None:
        """Hold the margins to be sums of their parts: what is derived from the table rests on that."""
        if not 1 <= len(self.dimensions) <= MOST_DIMENSIONS:
            self._refuse(f"it has {len(self.dimensions)} dimensions")
        if len(self.values) != len(self.cells) or (self.values < 0).any():
            self._refuse("it has more or fewer values than cells, or one below 0")
        for whole, parts in self.equations:
            if abs(self.values[whole] - self.values[list(parts)].sum()) > CLOSE * max(1.0, self.values[whole]):
                self._refuse("a margin is not the sum of its parts")

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells: one value of each dimension."""
        return tuple(product(*(dimension.values for dimension in self.dimensions)))

    @cached_property
    def places(self) -> Mapping[Cell, int]:
        """Where a cell stands."""
        return {cell: place for place, cell in enumerate(self.cells)}

    @cached_property
    def equations(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """The cell that is a sum, and the cells that it is the sum of."""
        found = []
        for axis, dimension in enumerate(self.dimensions):
            for cell in self.cells:
                if parts := dimension.parts.get(cell[axis]):
                    within = tuple(self.places[(*cell[:axis], part, *cell[axis + 1 :])] for part in parts)
                    found.append((self.places[cell], within))
        return tuple(found)

    @cached_property
    def inner(self) -> np.ndarray:
        """Which cells are no margin."""
        leaves = [dimension.above for dimension in self.dimensions]
        return np.array([all(v in line for v, line in zip(cell, leaves, strict=True)) for cell in self.cells])

    def summed_up(self, of_inner: np.ndarray) -> np.ndarray:
        """What is said of the inner cells (anything of the others), added up into every margin."""
        shape = [len(dimension.values) for dimension in self.dimensions]
        sums = np.where(self.inner, of_inner, 0).reshape(shape)
        for axis, dimension in enumerate(self.dimensions):
            sums = np.moveaxis(np.tensordot(_ups(dimension), sums, axes=(1, axis)), 0, axis)
        return sums.reshape(-1)

    def frame(self, shown: np.ndarray | None = None) -> pl.DataFrame:
        """One text column a dimension, and ``value``: null where ``shown`` says no."""
        columns: dict[str, Sequence[object]] = {
            dimension.name: [cell[axis] for cell in self.cells] for axis, dimension in enumerate(self.dimensions)
        }
        whole = bool((self.values == self.values.round()).all()) and self.contributors is None
        value = pl.Series("value", self.values, pl.Float64).cast(pl.Int64 if whole else pl.Float64)
        seen = pl.Series([True] * len(self.cells)) if shown is None else pl.Series(shown, dtype=pl.Boolean)
        return pl.DataFrame(columns).with_columns(pl.when(seen).then(value).alias("value"))

    def _refuse(self, why: str) -> None:
        where = " by ".join(dimension.name for dimension in self.dimensions) or "a table"
        raise TableRefused("The table cannot be protected", where=where, why=why, fix="Count it again from its rows")


def _ups(dimension: Dimension) -> np.ndarray:
    """Row: a value; column: a leaf; 1 where the leaf is in the value."""
    place = {value: number for number, value in enumerate(dimension.values)}
    ups = np.zeros((len(place), len(place)))
    for leaf, line in dimension.above.items():
        ups[[place[value] for value in line], place[leaf]] = 1
    return ups


def counted(frame: pl.DataFrame, dimensions: Sequence[Dimension]) -> Table:
    """The rows of a frame, counted by columns of the dimensions' names. Raises TableRefused for an unknown value."""
    return _filled(frame.group_by(d.name for d in dimensions).len("value"), tuple(dimensions))


def _filled(inner: pl.DataFrame, dimensions: tuple[Dimension, ...]) -> Table:
    empty = Table(dimensions, np.zeros(reduce(lambda n, d: n * len(d.values), dimensions, 1)))
    values = np.zeros(len(empty.cells))
    for *cell, value in inner.select(*(d.name for d in dimensions), "value").iter_rows():
        if any(v not in d.above for v, d in zip(cell, dimensions, strict=True)):
            raise TableRefused(
                "The rows cannot be counted",
                where=" by ".join(d.name for d in dimensions),
                why="a row holds a value that its dimension does not have",
                fix="Name every value in the dimension",
            )
        values[empty.places[tuple(cell)]] = value
    return Table(dimensions, empty.summed_up(values))


def summed(frame: pl.DataFrame, dimensions: Sequence[Dimension], value: str, contributor: str) -> Table:
    """The column ``value`` summed up, with how many of ``contributor`` each cell has and how much the largest two give.

    A contributor's rows in one cell are one contribution. Values are not below 0.
    """
    names = [dimension.name for dimension in dimensions]
    inner = frame.group_by(names).agg(pl.col(value).sum().cast(pl.Float64).alias("value"))
    table = _filled(inner, tuple(dimensions))
    lines = frame
    for dimension in dimensions:
        above = pl.DataFrame(
            {dimension.name: list(dimension.above), "_above": list(dimension.above.values())},
            schema={dimension.name: pl.String(), "_above": pl.List(pl.String())},
        )
        lines = lines.join(above, on=dimension.name).drop(dimension.name).explode("_above")
        lines = lines.rename({"_above": dimension.name})
    given = lines.group_by(*names, contributor).agg(pl.col(value).sum().cast(pl.Float64).alias("_given"))
    ranked = given.group_by(names).agg(pl.len(), pl.col("_given").top_k(2).sort(descending=True).alias("_most"))
    number, first, second = (np.zeros(len(table.cells)) for _ in range(3))
    for *cell, many, most in ranked.select(*names, "len", "_most").iter_rows():
        place = table.places[tuple(cell)]
        number[place], first[place], second[place] = many, most[0], most[1] if len(most) > 1 else 0.0
    return Table(table.dimensions, table.values, Contributors(number, first, second))
