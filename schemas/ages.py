"""Full years of life between two dates."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.gathered import held_where
from schemas.local_time import FIRST_YEAR, LAST_YEAR

_FIRST_DAY = int(np.datetime64(f"{FIRST_YEAR}-01-01", "D").astype(np.int64))


def full_years(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Years of life from one date to another: both written as YYYYMMDD, their difference by 10,000."""
    return pl.map_batches([born, on], lambda days: _between(*days), return_dtype=pl.Int32)


def _between(born: pl.Series, on: pl.Series) -> pl.Series:
    years = pl.Series(on.name, (_written(on) - _written(born)) // 10_000)
    if not (born.null_count() or on.null_count()):
        return years
    return held_where(years, (born.is_not_null() & on.is_not_null()).to_numpy())


def _written(days: pl.Series) -> NDArray[np.int32]:
    """Dates as YYYYMMDD: looked up, or reckoned where one lies outside the table's years; of a blank, any."""
    place = days.cast(pl.Int32).fill_null(_FIRST_DAY).to_numpy() - np.int32(_FIRST_DAY)
    table = _table()
    if len(place) and (place.min() < 0 or place.max() >= len(table)):
        reckoned = days.dt.year() * 10_000 + days.dt.month().cast(pl.Int32) * 100 + days.dt.day().cast(pl.Int32)
        return reckoned.fill_null(0).to_numpy()
    return table.take(place.astype(np.intp), mode="clip")


@cache
def _table() -> NDArray[np.int32]:
    days = np.arange(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR + 1}-01-01", dtype="datetime64[D]")
    year, month = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
    parts: NDArray[np.int64] = (
        (year.astype(int) + 1970) * 10_000 + ((month - year).astype(int) + 1) * 100 + (days - month).astype(int) + 1
    )
    return parts.astype(np.int32)
