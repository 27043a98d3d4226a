"""Parquet: read row group by row group, every value as text (``rendering.py``).

1. It is held whole, so its size is bounded; what its footer says of rows and bytes is held against it.
2. Texts stay dictionaries until their length is known: one long text in all rows takes little room in the file.
"""

from collections.abc import Iterable, Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.errors import FormatError
from schemas.formats.expected import Expected
from schemas.formats.names import check_header
from schemas.formats.rendering import as_text
from schemas.formats.rows import ROW_NUMBER
from schemas.formats.stream import whole

_WHAT = "A document is not the agreed Parquet"
_BATCH_ROWS = 50_000


def parquet_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """Frames of text under the columns' names, with ROW_NUMBER; raises FormatError and ContractError."""
    body, number = whole(parts, expected), 1
    try:
        file = _opened(body, expected)
        for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
            _check_length(batch, expected)  # (2)
            frame = as_text(pl.DataFrame(batch), expected)
            yield frame.with_row_index(ROW_NUMBER, offset=number)
            number += batch.num_rows
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError):  # their own words may quote what they read
        raise expected.refusal(_WHAT, "it cannot be read, or was damaged") from None
    if number == 1:
        yield pl.DataFrame(schema={ROW_NUMBER: pl.Int64} | dict.fromkeys(file.schema_arrow.names, pl.String))


def _opened(body: bytes, expected: Expected) -> pq.ParquetFile:
    footer = pq.ParquetFile(pa.BufferReader(body))
    names, bounds = footer.schema_arrow.names, expected.bounds
    check_header(names, expected)
    groups = [footer.metadata.row_group(number) for number in range(footer.num_row_groups)]
    most = max(bounds.ratio * len(body), bounds.ratio_from_bytes)
    if sum(group.total_byte_size for group in groups) > most or footer.metadata.num_rows > most:  # (1)
        raise expected.refusal(_WHAT, "it unpacks to far more than its size")
    texts = [one.name for one in footer.schema_arrow if pa.types.is_string(one.type) or pa.types.is_binary(one.type)]
    return pq.ParquetFile(pa.BufferReader(body), read_dictionary=texts)


def _check_length(batch: pa.RecordBatch, expected: Expected) -> None:
    length = sum(_length(column) for column in batch.columns if pa.types.is_dictionary(column.type))
    if length > expected.bounds.batch_bytes * 4:
        raise _too_long(expected)


def _length(column: pa.DictionaryArray) -> int:
    each = pc.binary_length(column.dictionary)
    return int(pc.sum(each.take(column.indices)).as_py() or 0)


def _too_long(expected: Expected) -> FormatError:
    return expected.refusal(_WHAT, "its texts are longer than any row's can be")
