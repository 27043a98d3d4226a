"""Rows that come one by one as flat objects, whose keys are paths joined by dots, gathered into frames of text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from schemas.formats.expected import Expected
from schemas.formats.names import check_columns, check_number
from schemas.formats.rows import ROW_NUMBER

FlatRow = Mapping[str, str | None]
_BATCH_ROWS, _BATCH_BYTES = 10_000, 8 << 20  # an object of Python's takes ten times its bytes


def text_frames(rows: Iterable[tuple[FlatRow, int]], expected: Expected) -> Iterator[pl.DataFrame]:
    """Frames of text from rows, each with how many bytes it was written in; numbered from 1.

    A column is missing if no row of the whole document has it, which is known only at the document's end.
    Raises FormatError and ContractError.
    """
    declared, seen, number = expected.contract.source_names, dict[str, None](), 1
    for batch in _batches(rows):
        frame = _frame(batch, expected)
        seen |= dict.fromkeys(frame.columns)
        check_columns({*declared, *frame.columns}, expected)
        yield frame.with_row_index(ROW_NUMBER, offset=number)
        number += len(batch)
    if number > 1:
        check_columns(seen, expected)


def _batches(rows: Iterable[tuple[FlatRow, int]]) -> Iterator[list[FlatRow]]:
    """At least one batch, be it without rows."""
    batch: list[FlatRow] = []
    size = 0
    for row, length in rows:
        batch.append(row)
        size += length
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _frame(rows: Sequence[FlatRow], expected: Expected) -> pl.DataFrame:
    """The rows as a table.

    An object or element that is empty in a row leaves its own name behind; its declared inner columns are then null.
    Raises FormatError if such a name bears a value, which would be lost.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    check_number(names, expected)
    for parent, inner in [(name, _inside(name, expected)) for name in names]:
        if inner and any(row.get(parent) for row in rows):
            raise expected.refusal("A row cannot be read", f"{parent} is a single value")
        if inner:
            del names[parent]
            names |= dict.fromkeys(inner)
    columns = {name: [row.get(name) for row in rows] for name in names}
    try:
        return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String), height=len(rows))
    except UnicodeError:
        raise expected.refusal("A document is not text", "it holds half a character (a lone surrogate)") from None


def _inside(name: str, expected: Expected) -> list[str]:
    """The declared columns inside an object that stands empty in its place."""
    if name in expected.contract.source_names:
        return []
    return [known for known in expected.contract.source_names if known.startswith(f"{name}.")]
