"""Labelled files, read: all columns as text, empty text as missing."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from linkage.errors import LabelledRefused
from linkage.labelled.columns import ColumnMap

TRUTH = "true_person_id"
_PARQUET = {".parquet", ".pq"}
_MIDNIGHT = r"[T ]00:00:00(\.0+)?$"  # which programs that know no days write behind one


@dataclass(frozen=True)
class Labelled:
    """``rows``: the mapped columns by their own names; ``truth``: who each row is about."""

    rows: pl.DataFrame
    truth: pl.Series


def read_labelled(paths: list[Path], columns: ColumnMap, truth: str) -> Labelled:
    """Rows of one file or of two, one below the other. Raises LabelledRefused."""
    table = pl.concat(_read(path, [*columns.columns, truth]) for path in paths)
    unknown = table[truth].null_count()
    if unknown or table.is_empty():
        why = f"{unknown:,} rows have no {truth}" if unknown else "there is no row"
        raise _refused(paths[0], why, "Leave out what is not labelled")
    born = columns.fields.get("date_of_birth")
    days = [pl.col(born).str.replace(_MIDNIGHT, "")] if born else []
    return Labelled(table.select(list(columns.columns)).with_columns(days), table[truth].alias(TRUTH))


def _read(path: Path, wanted: list[str]) -> pl.DataFrame:
    if not path.is_file():
        raise _refused(path, "there is no such file", "Correct the path")
    try:
        table = pl.read_parquet(path) if path.suffix.lower() in _PARQUET else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        kind = type(error).__name__  # its text may quote the file
        raise _refused(
            path, f"it is neither a CSV nor a Parquet file ({kind})", "Give one of these, in UTF-8"
        ) from None
    table = table.rename({column: column.strip() for column in table.columns})
    if missing := [column for column in dict.fromkeys(wanted) if column not in table.columns]:
        fix = "Correct the map or --truth" if len(table.columns) > 1 else "Separate its columns by commas"
        raise _refused(path, f"it has no column {', '.join(missing)}", fix)
    texts = [pl.col(column).cast(pl.String).str.strip_chars() for column in dict.fromkeys(wanted)]
    return table.select(texts).with_columns(pl.when(pl.all() != "").then(pl.all()))


def _refused(path: Path, why: str, fix: str) -> LabelledRefused:
    return LabelledRefused("The labelled file cannot be used", where=str(path), why=why, fix=fix)
