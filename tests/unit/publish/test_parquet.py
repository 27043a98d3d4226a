"""Parquet whose bytes depend on nothing but the rows."""

import io
from datetime import UTC, date, datetime

import polars as pl
import pyarrow.parquet as pq
from polars.testing import assert_frame_equal

from publish.parquet import ROWS_PER_GROUP, from_parquet, to_parquet, written

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


def test_groups_of_rows_that_come_one_by_one_give_the_bytes_of_the_whole() -> None:
    rows = pl.DataFrame({"n": range(ROWS_PER_GROUP + 5)}).with_columns(
        id=pl.format("id {}", "n"), even=pl.col("n") % 2 == 0
    )
    plain = io.BytesIO()
    form = {"version": "2.6", "compression": "zstd", "compression_level": 3, "store_schema": False}
    pq.write_table(rows.to_arrow(), plain, row_group_size=ROWS_PER_GROUP, **form)
    assert to_parquet(rows) == plain.getvalue()
    assert to_parquet(rows) == written(iter([rows[:ROWS_PER_GROUP], rows[ROWS_PER_GROUP:]]))
    assert_frame_equal(from_parquet(to_parquet(rows.clear())), rows.clear())
