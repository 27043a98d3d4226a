"""Workbooks (XLSX, ECMA-376): one sheet, its first row the header, every cell as text.

A workbook is a zip file that is read whole, and its sheet is laid out as a full rectangle. So before it is opened:

1. It is small enough, is not encrypted, and unpacks to what its directory says and to no more than is sensible.
2. Every cell says its place, and the rectangle around them is small enough: two cells far apart would fill the memory.

A date that a cell holds is written in the form that its column is read in (``rendering.py``).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

import fastexcel
import polars as pl

from schemas.errors import FormatError
from schemas.formats.expected import Expected
from schemas.formats.names import check_header
from schemas.formats.rendering import moments, readings_of, truth_words
from schemas.formats.rows import ROW_NUMBER
from schemas.formats.stream import whole
from schemas.readings import Reading

_WHAT = "A document is not the agreed workbook"
_PIECE = 1 << 20
_ENCRYPTED = 0x1
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_PLACE = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"  # as fastexcel writes a date


def workbook_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """One frame of text under the header's names, with ROW_NUMBER; raises FormatError and ContractError."""
    body = whole(parts, expected)
    _check_archive(body, expected)
    cells = _cells(body, expected)
    if not cells.height:
        raise _refusal("it is empty", expected)
    names = [name or "" for name in cells.row(0)]
    check_header(names, expected)
    rows = cells.slice(1)
    rows.columns = names
    readings = readings_of(expected.contract, names)
    written = rows.select(_as_read(column, readings.get(column.name)) for column in rows)
    yield written.with_row_index(ROW_NUMBER, offset=1)


def _cells(body: bytes, expected: Expected) -> pl.DataFrame:
    try:
        book = fastexcel.read_excel(body)
        sheet = _sheet(book.sheet_names, expected)
        return book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except FormatError:
        raise
    except Exception:  # noqa: BLE001  # its own words may quote a cell
        raise _refusal("it cannot be read", expected) from None


def _sheet(names: list[str], expected: Expected) -> str:
    wanted = expected.form.sheet
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None:
        raise _refusal(f"it has {len(names)} sheets, and the feed does not say which", expected)
    if wanted not in names:
        raise _refusal(f"it has no sheet {wanted}", expected)
    return wanted


def _as_read(column: pl.Series, reading: Reading | None) -> pl.Series:
    """A column with dates in its own form and its own words for yes and no."""
    if reading is None:
        return column
    if reading.form is not None:
        dated = column.str.contains(_MOMENT)
        found = moments(column.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us"), reading.form)
        return pl.select(pl.when(dated).then(found).otherwise(column).alias(column.name)).to_series()
    if reading.codes and not {"true", "false"} & set(reading.codes):
        yes, no = truth_words(reading)
        return column.replace({"true": yes, "false": no})
    return column


def _check_archive(body: bytes, expected: Expected) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _check_members(archive, len(body), expected)  # (1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError):
        raise _refusal("it is no workbook, or was damaged", expected) from None


def _check_members(archive: zipfile.ZipFile, size: int, expected: Expected) -> None:
    bounds, made = expected.bounds, 0
    for member in archive.infolist():
        if member.flag_bits & _ENCRYPTED:
            raise _refusal("it is encrypted", expected)
        with archive.open(member) as file:
            sheet = _Sheet(expected) if "worksheets/" in member.filename.lower() else None
            for piece in _pieces(file):
                made += len(piece)
                if made > bounds.ratio_from_bytes and made > min(bounds.ratio * size, bounds.unpacked_workbook_bytes):
                    raise _refusal("it unpacks to far more than its size (a zip bomb)", expected)
                if sheet is not None:
                    sheet.see(piece)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_PIECE), b"")


class _Sheet:
    """The rectangle around all cells of a sheet, seen piece by piece (2)."""

    def __init__(self, expected: Expected) -> None:
        self._expected, self._held, self._rows, self._columns = expected, b"", 0, 0

    def see(self, piece: bytes) -> None:
        """Look at the places of more cells; raises FormatError."""
        text, cut, held = (self._held + piece).rpartition(b"<")
        self._held = cut + held
        places = _PLACE.findall(text)
        if len(places) != len(_CELL.findall(text)) or len(self._held) > _PIECE:
            raise _refusal("a cell of it does not say its place", self._expected)
        self._rows = max(self._rows, max((int(row) for _, row in places), default=0))
        self._columns = max(self._columns, max((_number(letters) for letters in {one for one, _ in places}), default=0))
        if self._rows * self._columns > self._expected.bounds.cells:
            why = f"its cells span more than {self._expected.bounds.cells:,}"
            raise self._expected.refusal(_WHAT, why, "Ask the provider for CSV, or to remove what lies far off")


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _refusal(why: str, expected: Expected) -> FormatError:
    return expected.refusal(_WHAT, why)
