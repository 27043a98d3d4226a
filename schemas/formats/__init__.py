"""Turning the bytes of a document into frames of text under the source's own names, as a stream.

Nothing is interpreted here: numbers stay as they were written, nested JSON and XML is flattened to paths joined by
dots, and what is absent is null. A cell that a spreadsheet would take for a formula is text like any other, since
nothing here runs it; its row is at fault (``schemas.formulas``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl

from hub.feeds import Form
from schemas.contract import Contract
from schemas.formats.bounds import BOUNDS, Bounds
from schemas.formats.columnar import parquet_rows
from schemas.formats.csv_rows import csv_rows
from schemas.formats.expected import CSV_UTF8, Drift, Expected
from schemas.formats.json_rows import json_rows, ndjson_rows
from schemas.formats.packing import unpacked
from schemas.formats.rows import ROW_NUMBER, as_agreed
from schemas.formats.workbook import workbook_rows
from schemas.formats.xml_rows import xml_rows

__all__ = ["BOUNDS", "ROW_NUMBER", "Bounds", "Form", "frames", "parse"]

_READERS: Mapping[str, Callable[[Iterable[bytes], Expected], Iterator[pl.DataFrame]]] = {
    "csv": csv_rows,
    "json": json_rows,
    "ndjson": ndjson_rows,
    "xml": xml_rows,
    "xlsx": workbook_rows,
    "parquet": parquet_rows,
}


def frames(
    format: str,  # noqa: A002 - the feed's own word
    form: Form,
    document: Iterable[bytes],
    contract: Contract,
    *,
    drift: Drift = "refuse",
    marker: str | None = None,
    bounds: Bounds = BOUNDS,
) -> Iterator[pl.DataFrame]:
    """Read one document, which comes in parts of any size, batch by batch; at least one frame.

    Each has ROW_NUMBER (Int64: the provider's own, from 1 for the first row after a header, blank lines counted) and
    every column that the contract declares (String), in the contract's order; those that did not come are null. After
    them come ``marker`` and, where ``drift`` is to report, new columns and those under a former name, as they came.
    Raises FormatError for bytes that are not ``format`` in this form, or that are more than the bounds allow, and
    ContractError for columns that are undeclared or missing, some of it only after frames have been given.
    """
    expected = Expected(contract, form, bounds, drift, marker)
    if format not in _READERS:
        known = "known formats are " + ", ".join(_READERS)
        raise expected.refusal(f"The format {format!r} is unknown", known, "Correct the feed's entry")
    plain = unpacked(document, expected, may_be_zip=format == "xlsx")
    for found in _READERS[format](plain, expected):
        yield from as_agreed(found, expected)


def parse(format: str, body: bytes, contract: Contract, form: Form = CSV_UTF8) -> pl.DataFrame:  # noqa: A002
    """A document that fits into memory, as one frame; see ``frames``."""
    return pl.concat(frames(format, form, (body,), contract))
