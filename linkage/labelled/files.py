"""Labelled files, read: all columns as text, what says that there is no value as missing, dates as ISO 8601.

1. A CSV is UTF-8, UTF-16 if it begins so, or else Windows-1252, which Latin-1 is a part of.
2. Blanks and the words that programs write for no value are missing. Only just these words: Null and Na are surnames.
3. Each file has its own form of dates (linkage.labelled.dates).
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from linkage.errors import LabelledRefused
from linkage.labelled.columns import ColumnMap
from linkage.labelled.dates import iso_dates

TRUTH = "true_person_id"
_PARQUET = {".parquet", ".pq"}
_MAGIC = b"PAR1"
_NO_VALUE = ["", "NULL", "null", "None", "NaN", "nan", "NaT", "NA", "N/A", "n/a", "<NA>"]  # (2)


@dataclass(frozen=True)
class Labelled:
    """``rows``: the mapped columns by their own names; ``truth``: who each row is about."""

    rows: pl.DataFrame
    truth: pl.Series


def read_labelled(paths: list[Path], columns: ColumnMap, truth: str) -> Labelled:
    """Rows of one file or of two, one below the other. Raises LabelledRefused."""
    if truth in columns.columns:
        raise _refused(paths[0], f"the map names {truth}, which is the truth", "Leave it out of the map")
    born = columns.fields.get("date_of_birth")
    table = pl.concat(_read(path, [*columns.columns, truth], born) for path in paths)
    unknown = table[truth].null_count()
    if unknown or table.is_empty():
        why = f"{unknown:,} rows have no {truth}" if unknown else "there is no row"
        raise _refused(paths[0], why, "Leave out what is not labelled")
    return Labelled(table.select(list(columns.columns)), table[truth].alias(TRUTH))


def _read(path: Path, wanted: list[str], born: str | None) -> pl.DataFrame:
    if not path.is_file():
        raise _refused(path, "there is no such file", "Correct the path")
    try:
        table = _parsed(path)
        table = table.rename({column: column.strip() for column in table.columns})
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        kind = type(error).__name__  # its text may quote the file
        fix = "Give one of these, each row with as many columns as the first"
        raise _refused(path, f"it is neither a CSV nor a Parquet file ({kind})", fix) from None
    if missing := [column for column in dict.fromkeys(wanted) if column not in table.columns]:
        fix = "Correct the map or --truth" if len(table.columns) > 1 else "Separate its columns by commas"
        raise _refused(path, f"it has no column {', '.join(missing)}", fix)
    texts = pl.DataFrame([_text(path, table[column]) for column in dict.fromkeys(wanted)])
    return texts.with_columns(iso_dates(texts[born], str(path))) if born else texts  # (3)


def _parsed(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        begin = file.read(len(_MAGIC))
    if begin == _MAGIC or path.suffix.lower() in _PARQUET:
        return pl.read_parquet(path)
    try:
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return pl.read_csv(path, infer_schema=False, encoding="utf-16")  # (1)
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.ComputeError:
        if _is_utf_8(path):
            raise
    return pl.read_csv(path, infer_schema=False, encoding="windows-1252")  # (1)


def _is_utf_8(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(path: Path, values: pl.Series) -> pl.Series:
    """A column as text, without blanks at its ends; raises LabelledRefused if it holds no single values."""
    if isinstance(values.dtype, pl.Datetime):
        values = values.dt.replace_time_zone(None)
    try:
        text = values.cast(pl.String).str.strip_chars()
    except pl.exceptions.PolarsError:
        why = f"column {values.name} holds {values.dtype.base_type()}, which is no text, number or date"
        raise _refused(path, why, "Write it as text") from None
    return text.set(text.is_in(_NO_VALUE), None)


def _refused(path: Path, why: str, fix: str) -> LabelledRefused:
    return LabelledRefused("The labelled file cannot be used", where=str(path), why=why, fix=fix)
