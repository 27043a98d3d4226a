"""Parquet whose bytes depend on nothing but the rows."""

from datetime import UTC, date, datetime

import polars as pl
import pyarrow.parquet as pq
from polars.testing import assert_frame_equal

from publish.parquet import from_parquet, to_parquet

FRAME = pl.DataFrame(
    {
        "event_id": ["a", "b", None],
        "occurred_on": [date(2026, 7, 1), None, date(2026, 7, 2)],
        "occurred_at": [datetime(2026, 7, 1, 23, 30, tzinfo=UTC), None, None],
        "knife": [True, False, None],
        "persons": [1, 2, 3],
    },
    schema_overrides={"occurred_at": pl.Datetime("us", "UTC")},
)


def test_the_same_rows_give_the_same_bytes_however_they_lie_in_memory() -> None:
    pieces = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    assert pieces.n_chunks() == 2
    assert to_parquet(FRAME) == to_parquet(pieces) == to_parquet(FRAME.clone())


def test_it_reads_back_as_it_was() -> None:
    assert_frame_equal(from_parquet(to_parquet(FRAME)), FRAME)


def test_no_metadata_but_the_schema(tmp_path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(to_parquet(FRAME))
    assert pq.read_metadata(path).metadata is None
