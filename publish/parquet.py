"""A frame as Parquet bytes that are the same for the same frame.

Nothing but rows and schema goes in: no pandas or Arrow metadata, no time. The bytes name the
version of the Parquet library, which ``uv.lock`` pins.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import chain

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 262_144


def to_parquet(frame: pl.DataFrame) -> bytes:
    """The frame as one Parquet file (format 2.6, zstd); its rows in the order given."""
    return written(frame.slice(start, ROWS_PER_GROUP) for start in range(0, max(frame.height, 1), ROWS_PER_GROUP))


def written(parts: Iterable[pl.DataFrame]) -> bytes:
    """The file of a table that comes so many rows at a time, each a group of rows; there is one part at least."""
    sink = io.BytesIO()
    tables = (part.rechunk().to_arrow() for part in parts)
    first = next(tables)
    with pq.ParquetWriter(
        sink, first.schema, version="2.6", compression="zstd", compression_level=3, store_schema=False
    ) as writer:
        for table in chain([first], tables):
            writer.write_table(table, row_group_size=ROWS_PER_GROUP)
    return sink.getvalue()


def from_parquet(content: bytes) -> pl.DataFrame:
    """The frame in Parquet bytes; instants come back in UTC."""
    return pl.read_parquet(io.BytesIO(content))


def scan(content: bytes) -> pl.LazyFrame:
    """The same frame, of which only what is asked for is read."""
    return pl.scan_parquet(io.BytesIO(content))


def batches(content: bytes, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows in Parquet bytes, so many at a time."""
    yield from pq.ParquetFile(pa.BufferReader(content)).iter_batches(rows, use_threads=False)


def arrow_schema(content: bytes) -> pa.Schema:
    """The Arrow types of the rows in Parquet bytes."""
    return pq.read_schema(pa.BufferReader(content))
