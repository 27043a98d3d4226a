"""Tables as they may be given to a recipient, written as the files of a candidate."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from agreement.grants import Portion
from agreement.model import Agreement
from publish.disclosure import TOLD, disclosed
from publish.granted import given
from publish.manifest import DisclosureEntry, TableEntry
from publish.parquet import to_parquet
from schemas.published import NOT_MADE_UP, check_published, published_schema


@dataclass(frozen=True)
class Written:
    """The files of a candidate, what the manifest says of each, and what it says of how alike persons are."""

    entries: tuple[TableEntry, ...]
    files: Mapping[str, bytes]
    disclosure: DisclosureEntry


def write_tables(
    tables: Iterable[tuple[str, pl.DataFrame]], granted: Mapping[str, Portion], agreement: Agreement, recipient: str
) -> Written:
    """Each table as it may be given, in Parquet, one after the other; those whose persons must be alike last.

    Each whole table is held against its contract before any column is left out. An attribute that no feed has delivered
    yet is there all the same, blank: a table's columns stay as they are from quarter to quarter. Harm is not there
    where no weights are loaded.
    """
    files: dict[str, bytes] = {}
    entries: dict[str, TableEntry] = {}
    of_persons: dict[str, pl.DataFrame] = {}

    def write(name: str, whole: pl.DataFrame) -> None:
        for frame in given({name: whole}, {table: granted[table] for table in granted if table == name}).values():
            files[f"{name}.parquet"] = to_parquet(frame)
            entries[name] = table_entry(name, frame, granted[name], files)

    for name, frame in tables:
        whole = check_published(name, with_all_columns(name, frame))
        if name in TOLD:
            of_persons[name] = whole
        else:
            write(name, whole)
    alike = disclosed(of_persons, granted, agreement, recipient)
    for name, whole in alike.tables.items():
        write(name, whole)
    return Written(tuple(entries[name] for name in granted if name in entries), files, alike.entry)


def with_all_columns(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with every attribute of its contract, blank where it was missing."""
    declared = published_schema(table).columns
    blank = [name for name in declared if name not in frame.columns and not declared[name].required]
    blank = [name for name in blank if (table, name) not in NOT_MADE_UP]
    return frame.with_columns(pl.lit(None, declared[name].dtype.type).alias(name) for name in blank)


def table_entry(name: str, frame: pl.DataFrame, portion: Portion, files: Mapping[str, bytes]) -> TableEntry:
    """What the manifest says of a table whose file is among ``files``."""
    content = files[f"{name}.parquet"]
    return TableEntry(
        name=name,
        file=f"{name}.parquet",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        rows=frame.height,
        columns=tuple(frame.columns),
        purposes=portion.purposes,
        narrowed_by=portion.rows,
    )
