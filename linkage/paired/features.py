"""Records in the form in which DuckDB compares them fastest, for Splink (linkage.learned.splink_view).

A token becomes a small whole number (equal tokens, equal numbers), an encoding becomes eight signed 64-bit
words and the count of its bits. Records are numbered in the order of their record ids, so that neither the
order of deliveries nor that of rows changes anything downstream.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.paired.coded import check, refused
from linkage.paired.language import WORDS, bits_of, word_of

NUMBER = "record_number"
_BYTES = 8 * WORDS


def features(records: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Number the records and turn ``columns`` into numbers; one row a record, sorted by record_id.

    Raises LinkageRefused if a record id comes twice, a column is missing or an encoding is not 512 bits.
    """
    check(records, columns)
    records = records.sort("record_id")
    tokens = [column for column in columns if column.startswith("token_")]
    frame = records.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias(NUMBER),
        *(pl.col(token).rank("dense").cast(pl.Int32) for token in tokens),
    )
    encodings = [column for column in columns if column.startswith("encoding_")]
    return frame.hstack([series for column in encodings for series in _words(records[column])])


def _words(encodings: pl.Series) -> list[pl.Series]:
    """Eight columns of words and one of bit counts; null stays null."""
    present = encodings.is_not_null()
    held = encodings.drop_nulls()
    if (held.bin.size() != _BYTES).any():
        raise refused("an encoding is not 512 bits long", "Encode them by token scheme 1")
    raw: NDArray[np.uint8] = np.frombuffer(b"".join(held.to_list()), dtype=np.uint8).reshape(-1, _BYTES)
    words = raw.view("<i8")
    bits = np.bitwise_count(raw).sum(axis=1, dtype=np.int32)
    columns = {word_of(encodings.name, number): words[:, number] for number in range(WORDS)}
    columns[bits_of(encodings.name)] = bits
    where = present.arg_true()
    return [_scatter(name, values, where, len(encodings)) for name, values in columns.items()]


def _scatter(name: str, values: NDArray[np.generic], where: pl.Series, length: int) -> pl.Series:
    spread = pl.select(pl.repeat(None, length, dtype=pl.Series(values[:0]).dtype).alias(name)).to_series()
    return spread.scatter(where, pl.Series(values)) if len(where) else spread
