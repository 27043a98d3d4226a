"""What is wrong with which row: every rule of a contract, asked for all values of a column or all rows at once.

The rules are the pandera model's own checks, called one by one, because pandera's error report copies the failing
values into messages, and the hub wants row numbers and no values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.formulas import FORMULA, may_be_formulas
from schemas.gathered import Flags
from schemas.local_time import to_utc
from schemas.plain_text import PlainText
from schemas.reasons import Reason
from schemas.transform import EARLIEST, latest

FAULTS = {"row": pl.UInt32, "column": pl.String, "reason": pl.String}
ANY_IDENTIFIER = "(identifiers)"
CONTROL = r"[\x00-\x1f]"
_CONTROL_IN_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"  # all but tab and ends of line
_CHECKS, _RULES, _DATES, _PERIOD, _PLACE, _CONTROLS, _FORMULAS = 10, 50, 100, 102, 103, 104, 105  # the order of telling

_CHECK_REASONS = {
    "isin": Reason.UNKNOWN_CODE,
    "str_matches": Reason.WRONG_FORM,
    "in_range": Reason.OUT_OF_RANGE,
    "greater_than_or_equal_to": Reason.OUT_OF_RANGE,
    "less_than_or_equal_to": Reason.OUT_OF_RANGE,
}


@dataclass(frozen=True, order=True)
class Kind:
    """One kind of fault of one column; ``order`` is its place among the column's kinds."""

    order: int
    reason: Reason


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column (our name), and the numbers (0-based) of the rows that have it."""

    column: str
    kind: Kind
    rows: NDArray[np.intp]


def value_faults(
    name: str, text: PlainText, values: pl.Series, contract: Contract, quarter: Quarter
) -> dict[Kind, Flags]:
    """What is wrong with values by themselves, a flag for each; kinds that none has are left out.

    1. A value must be readable, and present where every row must have one.
    2. The column's checks hold: code lists, forms, ranges; and the rules that ask of this column alone.
    3. No date lies before 1900, nor in the future unless its column says that it may.
    4. The date that says to which quarter a row belongs lies in the delivery's.
    5. No text holds a control character: a database takes none. In a key not even a tab or an end of line,
       since the parts of a reference are joined by a control character.
    6. No text is a formula of a spreadsheet (``schemas.formulas``).
    """
    asked = [
        *_unread(name, text, values, contract),  # (1)
        *_checked(name, values, contract),  # (2)
        *((kind, broken) for _, kind, broken in _ruled(values.to_frame(name), name, contract)),  # (2)
        *_dated(name, values, contract, quarter),  # (3), (4)
        *_controls(name, text, values, contract),  # (5)
        *_formulas(name, text, values, contract),  # (6)
    ]
    return {kind: flags.fill_null(value=False).to_numpy() for kind, flags in asked if flags.any()}


def row_faults(rows: pl.DataFrame, elsewhere: pl.Series | None, contract: Contract) -> Iterator[Fault]:
    """What is wrong with rows whose values may all be right.

    1. The model's rules across columns hold; those that ask of one column alone are asked with it.
    2. The row says whom it is about.
    3. A feed that is about the borough alone names no place ``elsewhere``.

    What rows say of each other is asked by ``schemas.crossing``.
    """
    for column, kind, broken in _ruled(rows, None, contract):  # (1)
        yield from _fault(column, kind, broken)
    if contract.telling:  # (2)
        nobody = rows.select(pl.all_horizontal(pl.col(contract.telling).is_null())).to_series()
        yield from _fault(ANY_IDENTIFIER, Kind(0, Reason.NO_IDENTIFIERS), nobody)
    if elsewhere is not None and contract.place is not None and contract.place.must_be_near:  # (3)
        yield from _fault(contract.place.given, Kind(_PLACE, Reason.OUTSIDE_AREA), elsewhere)


def told_as_table(faults: list[Fault], contract: Contract) -> pl.DataFrame:
    """Faults as a table, in the order of the columns: ``row``, ``column`` (the source's name), ``reason``."""
    place = {name: number for number, name in enumerate(contract.columns)}
    ordered = sorted(faults, key=lambda fault: (place.get(fault.column, len(place)), fault.kind.order))
    found = [_rows(fault, contract.source_name(fault.column)) for fault in ordered]
    return pl.concat([pl.DataFrame(schema=FAULTS), *found])


def _unread(name: str, text: PlainText, values: pl.Series, contract: Contract) -> Iterator[tuple[Kind, pl.Series]]:
    reading = contract.readings[name]
    if not values.null_count():
        return
    if reading.fallible and not reading.lenient:
        yield Kind(0, reading.reason), text.values.is_not_null() & values.is_null()
    if not contract.schema.columns[name].nullable:
        yield Kind(1, Reason.MISSING), text.values.is_null() & values.is_null()


def _checked(name: str, values: pl.Series, contract: Contract) -> Iterator[tuple[Kind, pl.Series]]:
    rows = values.to_frame(name).lazy()
    for order, check in enumerate(contract.schema.columns[name].checks, _CHECKS):
        passed = check(rows, name).check_output.collect().to_series()
        yield Kind(order, _CHECK_REASONS.get(check.name, Reason.INCONSISTENT)), ~passed


def _ruled(rows: pl.DataFrame, name: str | None, contract: Contract) -> Iterator[tuple[str, Kind, pl.Series]]:
    """What breaks the rules that ask of one column alone; of none: the rules across columns."""
    rules = contract.rules_by_column.get(name, ())
    passed = rows.select(rule.condition.alias(str(place)) for place, rule in rules) if rules else rows
    for place, rule in rules:
        yield rule.column, Kind(_RULES + place, rule.reason), ~passed[str(place)]


def _dated(name: str, values: pl.Series, contract: Contract, quarter: Quarter) -> Iterator[tuple[Kind, pl.Series]]:
    reading = contract.readings[name]
    if not reading.dtype.is_temporal() or reading.dtype == pl.Time or reading.lenient:
        return
    numbers = values.to_physical()
    yield from _outside(Kind(_DATES, Reason.OUT_OF_RANGE), numbers, first=_start(EARLIEST, values.dtype))
    if name not in contract.may_lie_ahead:
        after = _start(latest(quarter) + timedelta(days=1), values.dtype)
        yield from _outside(Kind(_DATES + 1, Reason.OUT_OF_RANGE), numbers, after=after)
    if name == contract.period_column:
        first, after = _start(quarter.starts_on, values.dtype), _start(quarter.next().starts_on, values.dtype)
        yield from _outside(Kind(_PERIOD, Reason.OUTSIDE_PERIOD), numbers, first=first, after=after)


def _outside(
    kind: Kind, numbers: pl.Series, first: int | None = None, after: int | None = None
) -> Iterator[tuple[Kind, pl.Series]]:
    """Which numbers lie before the first, or are not below the last; nearly always none, which the extremes say."""
    least, most = cast(int | None, numbers.min()), cast(int | None, numbers.max())
    if least is None or most is None:
        return
    first, after = least if first is None else first, most + 1 if after is None else after
    if least < first or most >= after:
        yield kind, ~numbers.is_between(first, after, closed="left")


def _controls(name: str, text: PlainText, values: pl.Series, contract: Contract) -> Iterator[tuple[Kind, pl.Series]]:
    if values.dtype == pl.String and text.may_hold_controls:
        refused = CONTROL if name in contract.row_key else _CONTROL_IN_TEXT
        yield Kind(_CONTROLS, Reason.WRONG_FORM), values.str.contains(refused)


def _formulas(name: str, text: PlainText, values: pl.Series, contract: Contract) -> Iterator[tuple[Kind, pl.Series]]:
    if values.dtype == pl.String and contract.readings[name].codes is None and may_be_formulas(text):
        yield Kind(_FORMULAS, Reason.WRONG_FORM), values.str.contains(FORMULA)


@cache
def _start(day: date, kind: pl.DataType) -> int:
    """The first moment of a day in London, as values of a type are counted."""
    if kind == pl.Date:
        return cast(int, pl.Series([day]).to_physical()[0])
    midnight = pl.Series([datetime.combine(day, time())]).to_frame("midnight")
    return cast(int, midnight.select(to_utc(pl.col("midnight"))).to_series().to_physical()[0])


def _fault(column: str, kind: Kind, rows: pl.Series) -> Iterator[Fault]:
    if rows.any():
        yield Fault(column, kind, rows.fill_null(value=False).arg_true().to_numpy())


def _rows(fault: Fault, source: str) -> pl.DataFrame:
    rows = pl.Series("row", fault.rows.astype(np.uint32))
    return rows.to_frame().with_columns(column=pl.lit(source), reason=pl.lit(fault.kind.reason.value))
