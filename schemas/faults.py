"""What is wrong with which row. Every rule of a contract is asked here, each for all rows at once.

The rules are the pandera model's own checks, called one by one, because pandera's error report
copies the failing values into messages, and the hub wants row numbers and no values.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from pandera.constants import CHECK_OUTPUT_KEY

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.readings import LOCAL_ZONE
from schemas.reasons import Reason
from schemas.transform import EARLIEST, latest

FAULTS = {"row": pl.UInt32, "column": pl.String, "reason": pl.String}
ANY_IDENTIFIER = "(identifiers)"
CONTROL = r"[\x00-\x1f]"
_CONTROL_IN_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"  # all but tab and ends of line

_CHECK_REASONS = {
    "isin": Reason.UNKNOWN_CODE,
    "str_matches": Reason.WRONG_FORM,
    "in_range": Reason.OUT_OF_RANGE,
    "greater_than_or_equal_to": Reason.OUT_OF_RANGE,
    "less_than_or_equal_to": Reason.OUT_OF_RANGE,
}


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column (our name): a boolean for each row; null is no fault."""

    column: str
    reason: Reason
    rows: pl.Series


def find_faults(text: pl.DataFrame, typed: pl.DataFrame, contract: Contract, quarter: Quarter) -> pl.DataFrame:
    """All faults that a row has by itself: ``row`` (0-based), ``column`` (the source's name), ``reason``, by columns.

    1. A value must be readable, and present where every row must have one.
    2. The model's checks hold: code lists, forms, ranges, rules across columns.
    3. No date lies before 1900, nor in the future unless its column says that it may.
    4. The row belongs to the quarter.
    5. The row says whom it is about.
    6. No text holds a control character: a database takes none. In a key not even a tab or an end of line,
       since the parts of a reference are joined by a control character.

    What rows say of each other is asked by ``schemas.crossing``.
    """
    faults = [
        *_unread(text, typed, contract),  # (1)
        *_checked(typed, contract),  # (2)
        *_dated(typed, contract, quarter),  # (3)
        *_period(typed, contract, quarter),  # (4)
        *_unidentified(typed, contract),  # (5)
        *_controls(typed, contract),  # (6)
    ]
    place = {name: number for number, name in enumerate(contract.columns)}
    faults.sort(key=lambda fault: place.get(fault.column, len(place)))
    numbered = [(fault, fault.rows.fill_null(value=False).arg_true()) for fault in faults]
    found = [_rows(rows, fault.column, fault.reason, contract) for fault, rows in numbered if len(rows)]
    return pl.concat([pl.DataFrame(schema=FAULTS), *found])


def barred_rows(typed: pl.DataFrame, contract: Contract) -> pl.Series:
    """Numbers (0-based) of the rows to which their authority bars access."""
    if contract.blocked_by is None:
        return pl.Series([], dtype=pl.UInt32)
    return typed[contract.blocked_by].fill_null(value=False).arg_true()


def _unread(text: pl.DataFrame, typed: pl.DataFrame, contract: Contract) -> Iterator[Fault]:
    for name, reading in contract.readings.items():
        if reading.fallible and not reading.lenient:
            yield Fault(name, reading.reason, text[name].is_not_null() & typed[name].is_null())
        if not contract.schema.columns[name].nullable:
            yield Fault(name, Reason.MISSING, text[name].is_null() & typed[name].is_null())


def _checked(typed: pl.DataFrame, contract: Contract) -> Iterator[Fault]:
    rows = typed.lazy()
    for name, column in contract.schema.columns.items():
        for check in column.checks:
            passed = check(rows, name).check_output.collect().to_series()
            yield Fault(name, _CHECK_REASONS.get(check.name, Reason.INCONSISTENT), ~passed)
    for check in contract.schema.checks:
        passed = check(rows).check_output.collect()[CHECK_OUTPUT_KEY]
        yield Fault(check.title, Reason(check.name), ~passed)


def _dated(typed: pl.DataFrame, contract: Contract, quarter: Quarter) -> Iterator[Fault]:
    for name, reading in contract.readings.items():
        if reading.dtype.is_temporal() and reading.dtype != pl.Time and not reading.lenient:
            day = _local_day(typed[name])
            yield Fault(name, Reason.OUT_OF_RANGE, day < EARLIEST)
            if name not in contract.may_lie_ahead:
                yield Fault(name, Reason.OUT_OF_RANGE, day > latest(quarter))


def _period(typed: pl.DataFrame, contract: Contract, quarter: Quarter) -> Iterator[Fault]:
    if contract.period_column is not None:
        day = _local_day(typed[contract.period_column])
        outside = ~day.is_between(quarter.starts_on, quarter.ends_on)
        yield Fault(contract.period_column, Reason.OUTSIDE_PERIOD, outside)


def _unidentified(typed: pl.DataFrame, contract: Contract) -> Iterator[Fault]:
    if contract.telling:
        nobody = typed.select(pl.all_horizontal(pl.col(contract.telling).is_null())).to_series()
        yield Fault(ANY_IDENTIFIER, Reason.NO_IDENTIFIERS, nobody)


def _controls(typed: pl.DataFrame, contract: Contract) -> Iterator[Fault]:
    for name in contract.readings:
        if typed.schema[name] == pl.String:
            refused = CONTROL if name in contract.row_key else _CONTROL_IN_TEXT
            yield Fault(name, Reason.WRONG_FORM, typed[name].str.contains(refused))


def _local_day(values: pl.Series) -> pl.Series:
    return values if values.dtype == pl.Date else values.dt.convert_time_zone(LOCAL_ZONE).dt.date()


def _rows(rows: pl.Series, column: str, reason: Reason, contract: Contract) -> pl.DataFrame:
    """Make a fault of one kind for each of these row numbers."""
    source = pl.lit(contract.source_name(column))
    return pl.DataFrame({"row": rows.cast(pl.UInt32)}).with_columns(column=source, reason=pl.lit(reason.value))
