"""CSV (RFC 4180), UTF-8 with or without a byte order mark."""

import codecs
import csv
import io

import polars as pl

from schemas.contract import Contract
from schemas.formats.flat import refusal

_WHAT = "A page is not a CSV table"
_NOT_TEXT = "it is not UTF-8 text"


def parse_csv(body: bytes, contract: Contract) -> pl.DataFrame:
    """Every field as text; raises FormatError if the bytes are no table of equally long rows."""
    plain = body.removeprefix(codecs.BOM_UTF8)
    if b"\x00" in plain:  # UTF-16, or no text at all
        raise refusal(_WHAT, _NOT_TEXT, contract)
    try:
        rows = pl.read_csv(io.BytesIO(plain), infer_schema=False, empty_string_is_null=False)
        short = _first_short(plain, rows)
    except (pl.exceptions.PolarsError, csv.Error, UnicodeError) as error:
        raise refusal(_WHAT, _why(error), contract) from None  # the cause may quote a row
    if short is not None:
        raise refusal(_WHAT, f"row {short} has fewer fields than the header, as if the file were cut off", contract)
    return rows


def _first_short(body: bytes, rows: pl.DataFrame) -> int | None:
    """The number of the first row with too few fields, which polars fills with blanks.

    Such a row has a blank at its end; where no row has, there is nothing to look for.
    """
    if not (rows.to_series(-1) == "").any():
        return None
    lines = csv.reader(io.StringIO(body.decode(), newline=""), strict=True)
    next(lines)
    return next((number for number, line in enumerate(lines, start=1) if line and len(line) < rows.width), None)


def _why(error: Exception) -> str:
    message = str(error)
    if isinstance(error, pl.exceptions.NoDataError):
        return "it is empty"
    if isinstance(error, UnicodeError) or "utf-8" in message:
        return _NOT_TEXT
    if "more fields" in message:
        return "a row has more fields than the header"
    return "its quotation marks or line ends are not balanced"
