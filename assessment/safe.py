"""The one way by which a figure leaves an assessment: nothing else may be written to a page, a chart or a file. Pure.

1. Counts are of different units (events, persons). One of 1 to below the agreement's ``smallest_count`` is not shown;
   every other is shown as a multiple of ``round_to``; a total is the sum of the parts that are shown.
2. All tables of one report are held against each other (``assessment.joined``): what would tell of a hidden count of
   another table is hidden too.
3. A share or a rate is made of shown counts alone, in two significant digits.
4. An estimate (a ratio, an index) is shown in two significant digits, and only where each number of persons or events
   that it rests on is as many as ``smallest_count``.
5. What was decided is counted for each table, for the report's own section and for the log.
6. What was told of the same tables before is held against them too, where it is given (``assessment.told_before``).

Between two versions of a release, or two quarters, a shown count moves by a whole base or not at all: a change is known
to within a base, and a hidden count stays hidden, so nothing of an earlier report has to be kept.
Source: OpenSAFELY, Output checking; the agreement's ``disclosure``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, isfinite, log10

import polars as pl

from assessment.joined import BESIDE, SMALL, Cells, Joined, rounded_to
from assessment.told_before import Let, ToldBefore, hidden_again
from disclosure.dimensions import Dimension
from disclosure.questions import Terms
from disclosure.tables import Table, counted

HIDDEN = "c"
"""How a count that is not shown is written, as statistical offices write it: confidential."""
ALL = "all"
LEAST_WHOLE = 50
"""No share is told of a whole that is shown as less: rounding alone could move it by more than a twentieth."""


@dataclass(frozen=True)
class Decision:
    """What was done to one table: how many of its cells are shown rounded, hidden as small, and hidden for another."""

    table: str
    cells: int
    small: int
    beside: int


@dataclass(frozen=True)
class Counts:
    """A table of counts that may be shown. ``frame``: a text column for each of ``by``, and ``count``, null if hidden.

    Sums stand in it under ``all``, made of shown parts.
    """

    name: str
    by: tuple[str, ...]
    frame: pl.DataFrame

    def at(self, *cell: str) -> int | None:
        """One count; none if it is hidden or there is no such cell."""
        return self._held.get(cell)

    @property
    def total(self) -> int:
        """The sum of what is shown."""
        return self._held.get((ALL,) * len(self.by)) or 0

    @property
    def hidden(self) -> int:
        """How many cells are hidden."""
        return self.frame["count"].null_count()

    def share(self, *cell: str) -> float | None:
        """A cell's part of the total, of shown counts (3)."""
        return share(self.at(*cell), self.total)

    def parts(self) -> pl.DataFrame:
        """The cells without the sums."""
        return self.frame.filter(pl.all_horizontal(pl.col(name) != ALL for name in self.by))

    @property
    def _held(self) -> Mapping[tuple[str, ...], int | None]:
        return {tuple(row[:-1]): row[-1] for row in self.frame.iter_rows()}


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, all none where it may not be told. ``why``: in that case, in a few words."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    @property
    def told(self) -> bool:
        """Whether there is a figure."""
        return self.value is not None


NOT_TOLD = "too few to tell"


@dataclass
class Gate:
    """What a report shows, table by table. Make one for each report; the order of its tables decides what is hidden."""

    terms: Terms
    _joined: dict[str, Joined] = field(default_factory=dict)
    _decided: list[Decision] = field(default_factory=list)
    _let: dict[str, Let] = field(default_factory=dict)
    _before: list[ToldBefore] = field(default_factory=list)

    def hold(self, before: ToldBefore, heard: Mapping[str, Let]) -> None:
        """Hold all tables from here on against those that were told before (6); ``heard``: who is behind their cells.

        Raises KeyError with the name of a table that is not heard.
        """
        self._before.append(before)
        for name, stood in before.tables.items():
            let = heard[name]
            self._joined.setdefault(let.unit, Joined(self.terms)).hold(let.as_told(stood, before.terms))

    def counts(self, name: str, rows: pl.DataFrame, by: Sequence[Dimension], unit: str) -> Counts:
        """Different units of rows by up to three columns of text; a unit has one value of each.

        Raises TableRefused for a value that a dimension does not have.
        """
        names = [dimension.name for dimension in by]
        held = rows.select(*names, unit).drop_nulls(unit).unique([*names, unit], maintain_order=True)
        table = counted(held, by)
        state = self._let_through(name, _numbered(held, table, unit), table, unit)
        return Counts(name, tuple(names), _shown(table, state, self.terms.round_to))

    def groups(
        self, name: str, label: str, units: Mapping[str, pl.Series], unit: str, whole: pl.Series | None = None
    ) -> Counts:
        """How many units are in each of several groups that may overlap; they have no sum.

        ``whole``: all units that could be in a group. Then those that are not in it are a cell as well, which is not
        shown, and of which, if it is small, no more is learnt than of any hidden one.
        """
        made = {group: self._group(f"{name}: {group}", those, whole, group) for group, those in units.items()}
        self._join(unit, *made.values())
        for group, cells in made.items():
            self._keep(f"{name}: {group}", Let(unit, cells, _group_names(group, cells)))
        shown = {group: cells.state[0] not in {SMALL, BESIDE} for group, cells in made.items()}
        small, beside = (sum(cells.state[0] == why for cells in made.values()) for why in (SMALL, BESIDE))
        self._decided.append(Decision(name, sum(int(cells.sizes[0] > 0) for cells in made.values()), small, beside))
        counts = [
            rounded_to(int(cells.sizes[0]), self.terms.round_to) if shown[group] else None
            for group, cells in made.items()
        ]
        frame = pl.DataFrame({label: list(units), "count": counts}, schema={label: pl.String(), "count": pl.Int64()})
        return Counts(name, (label,), frame)

    def _group(self, name: str, those: pl.Series, whole: pl.Series | None, group: str) -> Cells:
        within = pl.DataFrame({"unit": those.drop_nulls().unique(maintain_order=True)})
        held = within.with_columns(cell=pl.lit(0, pl.Int64)).select("cell", "unit")
        if whole is not None:
            rest = pl.DataFrame({"unit": whole.drop_nulls().unique(maintain_order=True)})
            others = rest.join(within, on="unit", how="anti", maintain_order="left")
            held = pl.concat([held, others.select(pl.lit(1, pl.Int64).alias("cell"), "unit")])
        cells = Cells.of(held, 1 if whole is None else 2, self.terms)
        return hidden_again(cells, _group_names(group, cells), self._hidden_before(name))

    def number(self, name: str, size: int) -> int | None:
        """One count by itself, of units that no table counts."""
        hides = 0 < size < self.terms.smallest_count
        self._decided.append(Decision(name, 1, int(hides), 0))
        return None if hides else rounded_to(size, self.terms.round_to)

    def estimate(
        self, value: float, low: float | None = None, high: float | None = None, *, behind: Sequence[int]
    ) -> Estimate:
        """A figure that rests on so many persons or events each (4)."""
        if min(behind, default=0) < self.terms.smallest_count:
            return Estimate(None, why=NOT_TOLD)
        if not isfinite(value) or any(end is not None and not isfinite(end) for end in (low, high)):
            return Estimate(None, why="the data give no figure")
        ends = (None if end is None else significant(end) for end in (low, high))
        return Estimate(significant(value), next(ends), next(ends))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided, table by table (5)."""
        found: dict[str, Decision] = {}
        for one in self._decided:
            past = found.get(one.table, Decision(one.table, 0, 0, 0))
            sums = (past.cells + one.cells, past.small + one.small, past.beside + one.beside)
            found[one.table] = Decision(one.table, *sums)
        return tuple(found.values())

    def learnt(self) -> int:
        """Of how many hidden counts too much can be learnt from all tables together: 0, or the gate is broken."""
        return sum(len(joined.learnt()) for joined in self._joined.values())

    @property
    def told(self) -> ToldBefore:
        """All that it let through as it stands, to be held against what is told later (6)."""
        return ToldBefore(self.terms, {name: let.stood(self.terms) for name, let in self._let.items()})

    @property
    def let(self) -> Mapping[str, Let]:
        """Every table that it let through, by name."""
        return self._let

    def _let_through(self, name: str, held: pl.DataFrame, table: Table, unit: str) -> list[str]:
        names = tuple(cell if inner else () for cell, inner in zip(table.cells, table.inner, strict=True))
        cells = hidden_again(Cells.of(held, len(names), self.terms), names, self._hidden_before(name))  # (1)
        self._join(unit, cells)  # (2)
        self._keep(name, Let(unit, cells, names))
        small, beside = (cells.state.count(why) for why in (SMALL, BESIDE))
        self._decided.append(Decision(name, int((cells.sizes > 0).sum()), small, beside))
        return cells.state

    def _join(self, unit: str, *cells: Cells) -> None:
        self._joined.setdefault(unit, Joined(self.terms)).add(*cells)

    def _keep(self, name: str, let: Let) -> None:
        alike = sum(other == name or other.startswith(f"{name} again") for other in self._let)
        self._let[f"{name} again {alike}" if alike else name] = let

    def _hidden_before(self, name: str) -> frozenset[tuple[str, ...]]:
        return frozenset().union(*(one.hidden(name) for one in self._before))


class Listening(Gate):
    """A gate that hides nothing for another table: it only hears which tables there are, and who is in their cells."""

    def _join(self, unit: str, *cells: Cells) -> None:
        """Nothing is held against anything."""


def share(part: int | None, whole: int | None) -> float | None:
    """A part of a whole, both as they are shown, in two significant digits (3); none if the whole is small."""
    told = part is not None and whole is not None and whole >= LEAST_WHOLE
    return significant(min(part / whole, 1.0)) if told and part is not None and whole else None


def per(count: int | None, of: int | None, each: int = 1000) -> float | None:
    """A rate of a shown count among so many, which an official figure or a shown count states (3)."""
    return significant(count / of * each) if count is not None and of else None


def significant(value: float, digits: int = 2) -> float:
    """A number in so many significant digits."""
    return 0.0 if value == 0 else round(value, digits - 1 - floor(log10(abs(value))))


def _group_names(group: str, cells: Cells) -> tuple[tuple[str, ...], ...]:
    """A group's cell, and without a name those who are not in it."""
    return ((group,), ())[: len(cells.sizes)]


def _numbered(held: pl.DataFrame, table: Table, unit: str) -> pl.DataFrame:
    """The cell of each unit by its place in the table."""
    names = [dimension.name for dimension in table.dimensions]
    schema = dict.fromkeys(names, pl.String())
    places = pl.DataFrame(list(table.cells), schema=schema, orient="row").with_row_index("cell")
    found = held.join(places, on=names, maintain_order="left")
    return found.select(pl.col("cell").cast(pl.Int64), pl.col(unit).alias("unit"))


def _shown(table: Table, state: Sequence[str], base: int) -> pl.DataFrame:
    """The table as it is shown: sums are of shown parts; a sum of hidden parts alone is hidden too."""
    hidden = pl.Series([one in {SMALL, BESIDE} for one in state]).to_numpy() & table.inner
    parts = [0 if hides else rounded_to(int(value), base) for value, hides in zip(table.values, hidden, strict=True)]
    values = table.summed_up(pl.Series(parts, dtype=pl.Float64).to_numpy())
    hides, shows = table.summed_up(hidden.astype(float)) > 0, values > 0
    return Table(table.dimensions, values).frame(~(hides & ~shows) & ~hidden).rename({"value": "count"})
