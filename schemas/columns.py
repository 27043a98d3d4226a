"""How a contract states a column: where it comes from, how it is read, what it means.

All of it is kept in pandera's field metadata, so that one line in a model is the one place
where a column is described; code and the data dictionary both read it from there.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.contract import Identifier, Stated
from schemas.readings import Reading
from schemas.reasons import Reason

Instant = Annotated[pl.Datetime, "us", "UTC"]
Condition = TypeVar("Condition", bound=Callable[..., pl.Expr])


class Rows(pa.DataFrameModel):
    """The typed rows of one feed: exactly the stated columns, of exactly the stated types."""

    class Config:
        """Nothing undeclared passes, and pandera changes nothing."""

        strict = True
        coerce = False


def column(
    source: str,
    reading: Reading,
    meaning: str,
    *,
    identifier: Identifier | None = None,
    person: bool = False,
    private: bool = False,
    may_be_missing: bool = False,
    may_lie_ahead: bool = False,
    formerly: tuple[str, ...] = (),
    **checks: Any,
) -> Any:
    """A column of the source.

    ``source`` is the authority's name for it. ``person``: it is about the person, not the event
    (so is every ``identifier``). ``private``: it may tell who somebody is, though scheme 1 has
    no field for it, and so can never be published. ``may_be_missing``: older files lack the whole column.
    ``may_lie_ahead``: a date in the future is no error. ``formerly``: names that the authority gave it before.
    ``checks`` are pandera's.
    """
    metadata = {
        "source": source,
        "reading": reading,
        "identifier": identifier,
        "person": person or identifier is not None,
        "private": private,
        "may_be_missing": may_be_missing,
        "may_lie_ahead": may_lie_ahead,
        "formerly": formerly,
    }
    return pa.Field(title=source, description=meaning, metadata=metadata, **checks)


def derived(
    value: pl.Expr | None,
    meaning: str,
    **checks: Any,
) -> Any:
    """A column made from others; no expression: the contract's ``place`` makes it."""
    checks.setdefault("nullable", True)
    return pa.Field(description=meaning, metadata={"value": Stated(value), "person": False}, **checks)


def rule(column: str, reason: Reason = Reason.INCONSISTENT) -> Callable[[Callable[[], pl.Expr]], Any]:
    """A rule over columns of one row: the decorated function gives what must not be false.

    A row for which it is false is quarantined for ``reason`` under ``column``; null passes,
    since a blank contradicts nothing. The docstring says the rule in words.
    """

    def decorate(condition: Callable[[], pl.Expr]) -> Any:
        def check(_model: type, data: PolarsData) -> pl.LazyFrame:
            return data.lazyframe.select(condition())

        check.__name__ = reason.value  # pandera loses ``name`` of a rule inherited twice, and falls back on this
        check.__doc__ = condition.__doc__
        told = {"name": reason.value, "title": column, "description": condition.__doc__}
        return pa.dataframe_check(check, statistics={"condition": condition}, **told)

    return decorate
