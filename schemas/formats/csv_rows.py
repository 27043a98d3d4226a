"""CSV (RFC 4180) in the agreed encoding and with the agreed delimiter, read block by block.

1. The header names each column once, and the columns are the contract's (``names.py``).
2. Every record is whole (``records.py``). One that is not stops the document: which of its fields belongs to which
   column cannot be known, nor how many rows it has swallowed.
3. Every field is text as it was written.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress

import polars as pl

from schemas.formats.expected import Expected
from schemas.formats.names import check_header
from schemas.formats.records import Block, blocks, bytes_of_whole_records, check_widths, record_name
from schemas.formats.rows import ROW_NUMBER
from schemas.formats.text import check_utf8, utf8

_WHAT = "A document is not a CSV table"


def csv_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """Frames of text under the header's names, with ROW_NUMBER; raises FormatError and ContractError."""
    names: list[str] = []
    for block in blocks(utf8(parts, expected), expected):
        check_utf8(block.body, block.record_at, expected)
        if names:
            yield _frame(block, names, expected)
        else:
            names = _header(block, expected)  # (1)
            yield _frame(block.between(1, len(block.ends)), names, expected)


def _header(block: Block, expected: Expected) -> list[str]:
    if not len(block.ends):
        raise expected.refusal(_WHAT, "it is empty")
    line = block.body[: block.ends[0]].decode()
    try:
        (names,) = csv.reader(io.StringIO(line, newline=""), delimiter=expected.form.delimiter, strict=True)
    except (csv.Error, ValueError):
        raise expected.refusal(_WHAT, "its header cannot be read, or its line ends are not LF or CRLF") from None
    check_header(names, expected)
    return names


def _frame(block: Block, names: list[str], expected: Expected) -> pl.DataFrame:
    plain = [f"c{number}" for number in range(len(names))]  # polars reads a header into each block: its own, not theirs
    header = expected.form.delimiter.join(plain).encode() + b"\n"
    rows = None
    with suppress(pl.exceptions.PolarsError):  # its own words may quote a row: no refusal is raised while it is held
        rows = pl.read_csv(
            header + block.body, separator=expected.form.delimiter, infer_schema=False, empty_string_is_null=False
        )  # (3)
    if rows is None:
        check_widths(block, len(names), expected)
    if rows is None or rows.height != len(block.ends):
        raise _unreadable(block, expected)
    content: int = rows.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item()
    if not bytes_of_whole_records(block, content, len(names)):
        check_widths(block, len(names), expected)  # (2)
    rows.columns = names
    return rows.with_row_index(ROW_NUMBER, offset=block.first)


def _unreadable(block: Block, expected: Expected) -> Exception:
    place = record_name(block.first + max(len(block.ends) - 1, 0))
    return expected.refusal(_WHAT, f"its quotation marks or line ends are not balanced, up to {place}")
