"""Turning the bytes of a page into a frame of text under the source's own names.

Nothing is interpreted here: numbers stay as they were written, nested JSON and XML is flattened
to paths joined by dots, and what is absent is null.
"""

from collections.abc import Callable, Mapping

import polars as pl

from schemas.contract import Contract
from schemas.errors import FormatError
from schemas.formats.delimited import parse_csv
from schemas.formats.header import check_columns
from schemas.formats.json_rows import parse_json, parse_ndjson
from schemas.formats.xml_rows import parse_xml

ROW_NUMBER = "row_number"

_PARSERS: Mapping[str, Callable[[bytes, Contract], pl.DataFrame]] = {
    "csv": parse_csv,
    "json": parse_json,
    "ndjson": parse_ndjson,
    "xml": parse_xml,
}


def parse(format: str, body: bytes, contract: Contract) -> pl.DataFrame:  # noqa: A002 - the feed's own word
    """Read one page.

    Returns ``row_number`` (Int64, from 1 within the page) and every column that the contract
    declares (String), in the contract's order; optional columns that the page lacks are null.
    Raises FormatError for bytes that are not ``format``, and ContractError for columns that are
    undeclared or missing.
    """
    if format not in _PARSERS:
        raise FormatError(
            f"The format {format!r} is unknown",
            where=f"feed {contract.feed}",
            why="known formats are " + ", ".join(_PARSERS),
            fix="Correct the feed's entry",
        )
    rows = _PARSERS[format](body, contract)
    check_columns(rows.columns, contract)
    numbered = rows.with_row_index(ROW_NUMBER, offset=1).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))
    declared = [
        pl.col(name) if name in rows.columns else pl.lit(None, dtype=pl.String).alias(name)
        for name in contract.source_names
    ]
    content = [name for name in rows.columns if name in contract.source_names]
    blank_line = pl.all_horizontal(pl.col(content).fill_null("") == "")
    return numbered.filter(~blank_line).select(ROW_NUMBER, *declared)
