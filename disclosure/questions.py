"""A question for counts, and its answer. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl
import rfc8785

from disclosure.errors import QuestionRefused

MOST_COLUMNS = 3
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


class AgreedTerms(Protocol):
    """The part of an agreement that says when a count is too small."""

    @property
    def smallest_count(self) -> int:
        """The least count that is shown."""

    @property
    def round_to(self) -> int:
        """To a multiple of what counts are rounded."""


@dataclass(frozen=True)
class Terms:
    """The least count that is shown, and to a multiple of what it is rounded."""

    smallest_count: int
    round_to: int

    @classmethod
    def of(cls, agreed: AgreedTerms) -> "Terms":
        """The terms of an agreement's ``disclosure``."""
        return cls(agreed.smallest_count, agreed.round_to)


@dataclass(frozen=True)
class Question:
    """How many there are, for each combination of values of ``by``, of the rows that ``where`` narrows to.

    ``unit``: the id column whose different values are counted, such as person_id. ``where``: a column and the values,
    as text, of which a row must hold one; of several columns all must. Raises QuestionRefused for more than 3 columns.
    """

    table: str
    by: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str = "person_id"

    def __post_init__(self) -> None:
        """Hold it to be small enough to be looked through."""
        if len(self.by) > MOST_COLUMNS or len(set(self.by)) != len(self.by) or self.unit in self.by:
            raise QuestionRefused(
                "The question is too wide",
                where=f"by of the table {self.table}",
                why=f"it counts by more than {MOST_COLUMNS} columns, by one twice, or by the id that is counted",
                fix="Ask for fewer columns",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed to answer it."""
        return tuple(dict.fromkeys([self.unit, *self.by, *self.where]))

    @property
    def canonical(self) -> str:
        """The same text for the same question, whatever the order of its parts."""
        where = {column: sorted(set(values)) for column, values in self.where.items()}
        stated: dict[str, Any] = {"table": self.table, "by": sorted(self.by), "where": where, "unit": self.unit}
        return rfc8785.dumps(stated).decode()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text: what the log says of it."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def counted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of the table's rows: the columns of ``by`` in their sorted order, as text, and the unit; one row a pair."""
        missing = sorted(set(self.columns) - set(rows.columns))
        if missing:
            raise QuestionRefused(
                "The question cannot be answered",
                where=f"the table {self.table}",
                why="it has no column " + ", ".join(missing),
                fix="Ask for columns that the catalogue names",
            )
        held = [as_text(rows, column).is_in(list(values)) for column, values in sorted(self.where.items())]
        kept = rows.filter(pl.all_horizontal(pl.lit(True), *held)).drop_nulls(self.unit)
        return kept.select(*(as_text(rows, name).alias(name) for name in sorted(self.by)), self.unit).unique()


def as_text(rows: pl.DataFrame, column: str) -> pl.Expr:
    """A column as the agreement writes its values: true, 12, 2026-07-04, 2026-07-04T22:15:00Z; blanks are blank."""
    if isinstance(rows.schema[column], pl.Datetime):
        return pl.col(column).dt.strftime(INSTANT)
    return pl.col(column).cast(pl.String)


@dataclass(frozen=True)
class Answer:
    """What may be told: the combinations of values that occur, each with its count, None where it is hidden."""

    question: Question
    counts: Mapping[tuple[str | None, ...], int | None]
    asked_before: bool

    @property
    def hidden(self) -> int:
        """How many counts are hidden."""
        return sum(count is None for count in self.counts.values())

    @property
    def digest(self) -> str:
        """The question's digest."""
        return self.question.digest

    def frame(self) -> pl.DataFrame:
        """The columns of ``by`` as they were asked for, as text, and ``count``."""
        names = sorted(self.question.by)
        schema: dict[str, pl.DataType] = {name: pl.String() for name in names}
        rows = [(*values, count) for values, count in self.counts.items()]
        return pl.DataFrame(rows, schema=schema | {"count": pl.Int64()}, orient="row").select(
            *self.question.by, "count"
        )
