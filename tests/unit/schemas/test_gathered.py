"""Columns that are put together from Arrow's buffers, beside what polars gives for the same."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from schemas.gathered import gathered, held_where

COLUMNS = {
    "short text": pl.Series(["", "a", "twelve bytes", None, "thirteen byte"], dtype=pl.String),
    "long text": pl.Series([f"{'é' * 20}{number}" for number in range(5)], dtype=pl.String),
    "whole numbers": pl.Series([1, None, -3, 2**31 - 1, 0], dtype=pl.Int32),
    "large numbers": pl.Series([2**63 - 1, 0, -(2**63), 4, 5], dtype=pl.Int64),
    "real numbers": pl.Series([1.5, float("nan"), None, float("inf"), -0.0], dtype=pl.Float64),
    "flags": pl.Series([True, False, None, True, False], dtype=pl.Boolean),
    "days": pl.Series([date(2026, 7, 1), None, date(1900, 1, 1), date(1, 1, 1), date(9999, 12, 31)], dtype=pl.Date),
    "instants": pl.Series(
        [datetime(2026, 7, 1, 12, tzinfo=UTC), None, None, None, None], dtype=pl.Datetime("us", "UTC")
    ),
}
KINDS = pytest.mark.parametrize("values", [pytest.param(series, id=name) for name, series in COLUMNS.items()])


@KINDS
@pytest.mark.parametrize("first", [0, 1, 3])
def test_values_are_looked_up_as_polars_does(values: pl.Series, first: int) -> None:
    some = values[first:]  # begins within a buffer
    numbers = np.random.default_rng(first).integers(0, some.len(), 1_000)
    assert gathered(some, numbers).equals(some.gather(numbers.tolist()), check_dtypes=True, null_equal=True)


@KINDS
def test_nothing_is_looked_up_where_there_are_no_numbers(values: pl.Series) -> None:
    found = gathered(values, np.zeros(0, dtype=np.intp))
    assert (found.len(), found.dtype) == (0, values.dtype)


@KINDS
@pytest.mark.parametrize("first", [0, 2])
def test_values_are_held_where_a_flag_is_set(values: pl.Series, first: int) -> None:
    some = values[first:].alias("value")
    flags = np.arange(some.len()) % 2 == 0
    expected = some.to_frame().select(pl.when(pl.Series(flags)).then(pl.col("value"))).to_series()
    assert held_where(some, flags).equals(expected, check_dtypes=True, null_equal=True)


def test_parts_of_a_column_are_one_column() -> None:
    parted = pl.concat([COLUMNS["short text"], COLUMNS["long text"]], rechunk=False)
    assert parted.n_chunks() > 1
    assert gathered(parted, np.array([9, 0, 3])).to_list() == [f"{'é' * 20}4", "", None]
