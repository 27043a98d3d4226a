"""From the source's text to the hub's typed columns."""

from datetime import date, timedelta

import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas, load_areas
from schemas.contract import Contract

EARLIEST = date(1900, 1, 1)
SLACK_DAYS = 31  # a delivery is made after the quarter's end and may know of later days
_NULL_WORDS = ("", "NULL", "null")


def latest(quarter: Quarter) -> date:
    """The last day that a row delivered for the quarter may speak of as past."""
    return quarter.ends_on + timedelta(days=SLACK_DAYS)


def clean(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Trimmed text under our names; null where blank, and where an optional column did not come."""
    texts = []
    for source, name in contract.source_names.items():
        raw = pl.col(source) if source in frame.columns else pl.lit(None, dtype=pl.String)
        trimmed = raw.str.strip_chars()
        texts.append(pl.when(~trimmed.is_in(_NULL_WORDS)).then(trimmed).alias(name))
    return frame.select(texts) if frame.width else pl.DataFrame(schema=dict.fromkeys(contract.readings, pl.String))


def typed(text: pl.DataFrame, contract: Contract, quarter: Quarter, areas: Areas | None = None) -> pl.DataFrame:
    """Every column of the contract, read from clean text; null where it cannot be read.

    A lenient date (a date of birth) that lies outside what is possible is taken as not read.
    """
    read = text.select(reading.typed(pl.col(name)).alias(name) for name, reading in contract.readings.items())
    bounds = (EARLIEST, latest(quarter))
    lenient_dates = [
        name for name, reading in contract.readings.items() if reading.lenient and reading.dtype == pl.Date
    ]
    read = read.with_columns(pl.when(pl.col(name).is_between(*bounds)).then(pl.col(name)) for name in lenient_dates)
    if contract.place is not None:
        read = contract.place.locate(read, areas if areas is not None else load_areas())
    for name, value in contract.derived.items():
        read = read.with_columns(value.alias(name))
    return read.select(contract.columns)
