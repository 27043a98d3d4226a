"""Between London's clock and UTC, for many values at once.

On most days one offset holds from midnight to midnight: it is looked up. On days when the clocks change, and outside
the years of the table, polars is asked, which knows the rules of the time zone.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.gathered import held_where

INSTANT = pl.Datetime("us", "UTC")
LOCAL_ZONE = "Europe/London"
FIRST_YEAR, LAST_YEAR = 1900, 2100
DAY_S, DAY_US = 86_400, 86_400_000_000
CHANGES = np.int64(-1)  # in place of an offset, on a day when the clocks change
_FIRST_DAY = int(np.datetime64(f"{FIRST_YEAR}-01-01", "D").astype(np.int64))
_DAYS = int(np.datetime64(f"{LAST_YEAR + 1}-01-01", "D").astype(np.int64)) - _FIRST_DAY
Integers = NDArray[np.int64]


def to_utc(local: pl.Expr) -> pl.Expr:
    """London time to UTC; the hour that comes twice in October is taken as the first of the two."""
    return local.map_batches(_quickly(_to_utc, _by_local_day), return_dtype=INSTANT)


def second_reading(instant: pl.Expr) -> pl.Expr:
    """The latest instant that the same London time can mean: an hour on in October's repeated hour, else the same."""
    return instant.map_batches(_quickly(_second_reading, lambda values, _: values), return_dtype=INSTANT)


def local_day(instant: pl.Expr) -> pl.Expr:
    """The day in London."""
    return instant.map_batches(_quickly(_local_day, _by_utc_day), return_dtype=pl.Date)


def offsets(days: NDArray[np.int32] | Integers) -> Integers:
    """How many microseconds London is ahead of UTC on each of these days since 1970; CHANGES where it varies."""
    place = days - _FIRST_DAY
    within = (place >= 0) & (place < _DAYS)
    found: Integers = _table().take(place.astype(np.intp), mode="clip")
    return found if within.all() else np.where(within, found, CHANGES)


@cache
def _table() -> Integers:
    """The offset of each day that has one from midnight to midnight, both by UTC and by London's clock."""
    midnights = pl.Series(np.arange(_FIRST_DAY, _FIRST_DAY + _DAYS + 1) * DAY_US).cast(pl.Datetime("us"))
    zoned = midnights.dt.replace_time_zone("UTC").dt.convert_time_zone(LOCAL_ZONE).dt.replace_time_zone(None)
    ahead = (zoned - midnights).cast(pl.Int64).to_numpy()
    steady = (ahead[1:] == ahead[:-1]) & (np.append(ahead[0], ahead[:-2]) == ahead[:-1])
    return np.where(steady, ahead[:-1], CHANGES)


def _quickly(
    slowly: Callable[[pl.Series], pl.Series], quick: Callable[[Integers, Integers], Integers]
) -> Callable[[pl.Series], pl.Series]:
    """Do it by looking up the day's offset, and for the values of days that have none as polars does it."""

    def act(values: pl.Series) -> pl.Series:
        whole = values.cast(pl.Int64).fill_null(0).to_numpy()
        ahead = offsets(whole // DAY_US)
        changing = ahead == CHANGES
        if 4 * np.count_nonzero(changing) > len(changing) or values.dtype.time_unit != "us":  # type: ignore[attr-defined]
            return slowly(values)
        kind = pl.Date if slowly is _local_day else INSTANT
        found = pl.Series(values.name, quick(whole, ahead)).cast(pl.Int32 if kind == pl.Date else pl.Int64).cast(kind)
        if values.null_count():
            found = held_where(found, values.is_not_null().to_numpy())
        rows = np.flatnonzero(changing)
        return found.scatter(rows, slowly(values.gather(rows))) if len(rows) else found.alias(values.name)

    return act


def _by_local_day(local: Integers, ahead: Integers) -> Integers:
    return local - ahead


def _by_utc_day(instant: Integers, ahead: Integers) -> Integers:
    return (instant + ahead) // DAY_US


def _to_utc(local: pl.Series) -> pl.Series:
    zoned = local.dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC")


def _second_reading(instant: pl.Series) -> pl.Series:
    local = instant.dt.convert_time_zone(LOCAL_ZONE).dt.replace_time_zone(None)
    return local.dt.replace_time_zone(LOCAL_ZONE, ambiguous="latest").dt.convert_time_zone("UTC")


def _local_day(instant: pl.Series) -> pl.Series:
    return instant.dt.convert_time_zone(LOCAL_ZONE).dt.date()
