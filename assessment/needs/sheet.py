"""What a section of the assessment holds: sentences, tables, charts. Every figure in them comes from the gate. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import polars as pl

from assessment.safe import ALL, HIDDEN, Counts, Estimate, share

Kind = Literal["text", "count", "share", "figure"]
Cell = str | int | float | None
NONE = "-"
"""How a figure is written that there is none of."""


_SAME: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Column:
    """A column, and how its cells are written."""

    title: str
    kind: Kind = "text"

    def written(self, cell: Cell) -> str:
        """A cell as people read it."""
        if cell is None:
            return HIDDEN if self.kind == "count" else NONE
        if self.kind == "share" and isinstance(cell, float):
            return f"{cell * 100:.3g} %"
        if isinstance(cell, float):
            return f"{cell:,.10g}"
        return f"{cell:,}" if isinstance(cell, int) else cell


@dataclass(frozen=True)
class Sheet:
    """A table as it is shown and written. ``first``: how many rows the page shows; the file has all."""

    slug: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    first: int | None = None

    @property
    def shown(self) -> Iterator[list[str]]:
        """The rows that the page shows, as text."""
        for row in self.rows[: self.first]:
            yield [column.written(cell) for column, cell in zip(self.columns, row, strict=True)]

    def csv(self) -> bytes:
        """The table as a file: hidden counts are ``c``, figures that there are none of are blank."""
        across = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        cells = [
            [HIDDEN if cell is None and column.kind == "count" else _plain(cell) for cell in of]
            for column, of in zip(self.columns, across, strict=True)
        ]
        held = dict(zip([column.title for column in self.columns], cells, strict=True))
        return pl.DataFrame(held, schema=dict.fromkeys(held, pl.String())).write_csv().encode()


def _plain(cell: Cell) -> str | None:
    return None if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell)


@dataclass(frozen=True)
class Chart:
    """A drawing and what it shows in one sentence."""

    title: str
    svg: str


@dataclass(frozen=True)
class Section:
    """One section of the assessment."""

    slug: str
    title: str
    says: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    charts: tuple[Chart, ...] = field(default=())


def counted(slug: str, title: str, counts: Counts, head: str, titles: Mapping[str, str] = {}, note: str = "") -> Sheet:
    """A table of one column of counts with each one's part of the whole, the whole last; nobody's rows left out."""
    rows = [
        (titles.get(value, value), count, share(count, counts.total))
        for value, count in counts.frame.iter_rows()
        if value != ALL and count != 0
    ]
    whole: list[tuple[Cell, ...]] = [("All that is shown", counts.total, None)] if counts.total else []
    columns = (Column(head), Column("Number", "count"), Column("Part of what is shown", "share"))
    return Sheet(slug, title, columns, (*rows, *whole), note)


def crossed(slug: str, title: str, counts: Counts, head: str, across: Sequence[str], note: str = "") -> Sheet:
    """A table of two columns of counts: one down, the other across, with the sums of what is shown."""
    down = [value for value in dict.fromkeys(counts.frame[counts.by[0]]) if value != ALL]
    names = [*across, ALL]
    rows = [(value if value != ALL else "All", *(counts.at(value, name) for name in names)) for value in [*down, ALL]]
    rows = [row for row in rows if row[0] == "All" or any(cell != 0 for cell in row[1:])]
    heads = [Column(name if name != ALL else "All that is shown", "count") for name in names]
    return Sheet(slug, title, (Column(head), *heads), tuple(rows), note)


def grouped(slug: str, title: str, counts: Counts, head: str, of: int | None = None, note: str = "") -> Sheet:
    """A table of groups that may overlap; with ``of`` each one's part of that shown count."""
    rows = [(name, count, *([share(count, of)] if of else [])) for name, count in counts.frame.iter_rows()]
    part = (Column("Part", "share"),) if of else ()
    return Sheet(slug, title, (Column(head), Column("Number", "count"), *part), tuple(rows), note)


def interval(estimate: Estimate) -> tuple[Cell, Cell, Cell]:
    """An estimate's three cells."""
    return estimate.value, estimate.low, estimate.high


ESTIMATE = (Column("Estimate", "figure"), Column("From", "figure"), Column("To", "figure"))
