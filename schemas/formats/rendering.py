"""Typed values of a workbook or a Parquet file, as the text that the contract would read them from.

1. A date, an instant or a time is written in the form that its column is read in, else in ISO 8601 (RFC 3339).
   One without a zone is London's.
2. A truth value is written in the word that the column's code list has for it, else as true or false.
3. A whole number has no point; a float that is whole is written without one.
4. Bytes are written in base64.
"""

import re
from collections.abc import Mapping

import polars as pl

from schemas.contract import Contract
from schemas.formats.expected import Expected
from schemas.readings import LOCAL_ZONE, Reading

_INSTANT, _DAY, _CLOCK = "%Y-%m-%dT%H:%M:%S%.f+00:00", "%Y-%m-%d", "%H:%M:%S"
_RFC_3339 = "%+"
_DATED = re.compile(r"%[YymdbBj]")
_EXACT = 2.0**53  # beyond it a float no longer tells whole numbers apart


def readings_of(contract: Contract, names: list[str]) -> Mapping[str, Reading]:
    """How the columns that came are read, by the name that came: today's or a former one."""
    today = {**contract.formerly, **{name: name for name in contract.source_names}}
    return {name: contract.readings[contract.source_names[today[name]]] for name in names if name in today}


def as_text(frame: pl.DataFrame, expected: Expected) -> pl.DataFrame:
    """Every column as text; raises FormatError for a type that has none (a list, an object)."""
    readings = readings_of(expected.contract, frame.columns)
    return frame.select(_written(column, readings.get(column.name), expected).alias(column.name) for column in frame)


def _written(column: pl.Series, reading: Reading | None, expected: Expected) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind in (pl.Date, pl.Datetime, pl.Time):
        return moments(column, reading.form if reading else None)  # (1)
    if kind == pl.Boolean:
        return _truths(column, reading)  # (2)
    if kind.is_float():
        return _numbers(column)  # (3)
    if kind == pl.Binary:
        return column.bin.encode("base64")  # (4)
    if kind.is_integer() or kind.is_decimal() or kind in (pl.Null, pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    raise expected.refusal("A document cannot be read", f"a column holds {kind.base_type()}, which is no single value")


def moments(column: pl.Series, form: str | None) -> pl.Series:
    """Dates, times or instants in a form; none: ISO 8601 (1)."""
    if column.dtype == pl.Time:
        return column.dt.strftime(_CLOCK if form is None or _DATED.search(form) or form == _RFC_3339 else form)
    if column.dtype == pl.Date:
        plain = form is None or form == _RFC_3339
        return column.dt.strftime(_DAY) if plain else column.cast(pl.Datetime("us")).dt.strftime(form or _DAY)
    zoned = column
    if column.dtype == pl.Datetime("us") or getattr(column.dtype, "time_zone", None) is None:
        zoned = column.dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    if form is None or form == _RFC_3339:
        return zoned.dt.convert_time_zone("UTC").dt.strftime(_INSTANT)
    return zoned.dt.convert_time_zone(LOCAL_ZONE).dt.strftime(form)


def truth_words(reading: Reading | None) -> tuple[str, str]:
    """The words of a column for yes and no."""
    codes = reading.codes if reading and reading.codes else {}
    words = {meaning: code for code, meaning in codes.items()}
    return words.get("yes", "true"), words.get("no", "false")


def _truths(column: pl.Series, reading: Reading | None) -> pl.Series:
    yes, no = truth_words(reading)
    return column.replace_strict({True: yes, False: no}, default=None, return_dtype=pl.String)


def _numbers(column: pl.Series) -> pl.Series:
    wide = column.cast(pl.Float64)
    whole = (wide == wide.round()) & (wide.abs() < _EXACT)
    integers = pl.select(pl.when(whole).then(wide)).to_series().cast(pl.Int64).cast(pl.String)
    return pl.select(pl.when(whole).then(integers).otherwise(column.cast(pl.String))).to_series()
