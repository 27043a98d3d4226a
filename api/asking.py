"""What a reader asks for, as the interface takes it, and what it means of a table. Pure.

Values to look for come in the request's body: an address is kept by every machine on the way, and holds none.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from api.errors import NotOffered, QueryRefused

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Value = bool | int | float | Annotated[str, Field(max_length=200)]
MOST_ROWS = 10_000
ROWS = 100


class Relation(StrEnum):
    """How a column stands to the value of a condition."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    BLANK = "blank"


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Condition(_Asked):
    """Rows are given whose column stands so to the value. A blank stands so to none but ``blank``.

    Days are written 2026-07-04, instants 2026-07-04T22:15:00Z.
    """

    column: Name
    is_: Relation = Field(alias="is")
    value: Value | Annotated[list[Value], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="a list for in; true or false for blank; else one value of the column's type"
    )


class Query(_Asked):
    """Rows of a table: which columns, which rows, and how many at once."""

    purpose: Annotated[str, Field(max_length=64, description="what for: one of the token's purposes")]
    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="in this order; none: all"
    )
    where: tuple[Condition, ...] = Field(default=(), max_length=20, description="all of these hold")
    limit: int | None = Field(
        default=None, ge=1, le=MOST_ROWS, description="rows of a page; none: 100 in JSON, else all"
    )
    after: int = Field(default=0, ge=0, lt=2**53, description="``next`` of the page before")


class CountQuery(_Asked):
    """How many there are of each kind, by up to three columns."""

    purpose: Annotated[str, Field(max_length=64, description="what for: one of the token's purposes")]
    by: tuple[Name, ...] = Field(default=(), max_length=3, description="columns that divide the kinds")
    where: dict[Name, Annotated[list[Value], Field(min_length=1, max_length=100)]] = Field(
        default_factory=dict, max_length=5, description="only rows whose column holds one of the values; of several all"
    )


def meaning(conditions: Iterable[Condition], types: Mapping[str, pl.DataType]) -> pl.Expr:
    """The conditions as an expression over a table; raises NotOffered or QueryRefused, which repeat no value."""
    return pl.all_horizontal(pl.lit(True), *(_one(condition, types) for condition in conditions))


def _one(condition: Condition, types: Mapping[str, pl.DataType]) -> pl.Expr:
    if condition.column not in types:
        raise no_such_column()
    column, kind = pl.col(condition.column), types[condition.column]
    if condition.is_ is Relation.BLANK:
        return column.is_null() if _flag(condition) else column.is_not_null()
    if condition.is_ is Relation.IN:
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        return column.is_in(pl.Series([typed(value, kind, condition.column) for value in values], dtype=kind).implode())
    if isinstance(condition.value, list):
        raise refused(condition.column, "a list stands with in alone")
    value = pl.lit(typed(condition.value, kind, condition.column), dtype=kind)
    return getattr(column, str(condition.is_))(value)  # type: ignore[no-any-return]  # eq, ne, lt, le, gt, ge


def _flag(condition: Condition) -> bool:
    if condition.value is None or isinstance(condition.value, bool):
        return condition.value is not False
    raise refused(condition.column, "with blank stands true or false")


def typed(value: Any, kind: pl.DataType, column: str) -> Any:
    """A value as one of a column's type; raises QueryRefused."""
    try:
        found = _READ[kind.base_type()](value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise refused(column, "the value is not of the column's type") from None
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    raise ValueError


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError


def _instant(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


_READ: Mapping[object, Any] = {
    pl.String: _text,
    pl.Int64: _whole,
    pl.Float64: _number,
    pl.Boolean: _truth,
    pl.Date: lambda value: date.fromisoformat(_text(value)),
    pl.Datetime: _instant,
}


def no_such_column() -> NotOffered:
    """Refusal of a column; its name may be anything that somebody typed, so it is not repeated."""
    return NotOffered(
        "There is no such column",
        where="the question",
        why="the release's table has none of that name for this reader",
        fix="See the dictionary of the release",
    )


def refused(column: str, why: str) -> QueryRefused:
    """Refusal of a condition on a column that there is."""
    return QueryRefused(
        "The question cannot be answered", where=f"the condition on {column}", why=why, fix="Correct it"
    )
