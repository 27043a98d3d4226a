"""From the source's text to the hub's typed columns."""

from datetime import date, timedelta

import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas, load_areas
from schemas.contract import Contract
from schemas.plain_text import PlainText
from schemas.readings import Reading

EARLIEST = date(1900, 1, 1)
SLACK_DAYS = 31  # a delivery is made after the quarter's end and may know of later days


def latest(quarter: Quarter) -> date:
    """The last day that a row delivered for the quarter may speak of as past."""
    return quarter.ends_on + timedelta(days=SLACK_DAYS)


def values_of(text: PlainText, reading: Reading, quarter: Quarter) -> pl.Series:
    """The typed values of one column's clean text; null where it cannot be read.

    1. What the reading's shortcut is sure of is taken from it; all else is read by its expression.
    2. A lenient date (a date of birth) that lies outside what is possible is taken as not read.
    """
    sure = reading.shortcut(text) if reading.shortcut is not None else None
    if sure is None:
        values = _read(text.values, reading)
    else:
        values, left = sure
        if len(left):
            values = values.scatter(left, _read(text.values.gather(left), reading))  # (1)
    if reading.lenient and reading.dtype == pl.Date:
        possible = values.is_between(EARLIEST, latest(quarter))
        values = values if possible.all() else values.to_frame().select(pl.when(possible).then(pl.first())).to_series()
    return values  # (2)


def completed(read: pl.DataFrame, contract: Contract, areas: Areas | None = None) -> pl.DataFrame:
    """Every column of the contract, from those that were read: the area, then what is made from others."""
    if contract.place is not None:
        read = contract.place.locate(read, areas if areas is not None else load_areas())
    for name, value in contract.derived.items():
        read = read.with_columns(value.alias(name))
    return read.select(contract.columns)


def _read(text: pl.Series, reading: Reading) -> pl.Series:
    return text.to_frame("text").select(reading.typed(pl.col("text"))).to_series()
