"""Tables as they may be given to a recipient, written as the files of a candidate."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from agreement.grants import Portion
from agreement.model import Agreement
from publish.disclosure import TOLD, disclosed
from publish.granted import SEEN, passing
from publish.manifest import DisclosureEntry, TableEntry
from publish.numbered import Numbered
from publish.parquet import arrow_schema, written
from schemas.published import NOT_MADE_UP, as_declared, check_published, published_schema


@dataclass(frozen=True)
class Written:
    """The files of a candidate, what the manifest says of each, and what it says of how alike persons are."""

    entries: tuple[TableEntry, ...]
    files: Mapping[str, bytes]
    disclosure: DisclosureEntry


def write_tables(
    tables: Iterable[tuple[str, Numbered]], granted: Mapping[str, Portion], agreement: Agreement, recipient: str
) -> Written:
    """Each table as it may be given, in Parquet, one after the other; those whose persons must be alike last.

    Each whole table is held against its contract before any column is left out. An attribute that no feed has delivered
    yet is there all the same, blank: a table's columns stay as they are from quarter to quarter. Harm is not there
    where no weights are loaded.

    Millions of rows are checked and written a group at a time: only then are ids text, and blank columns there.
    """
    writing = _Writing(granted)
    of_persons: dict[str, Numbered] = {}
    for name, table in tables:
        require_kept(name, table)
        if name in TOLD:
            of_persons[name] = Numbered(with_all_columns(name, table.rows), table.names)
        else:
            writing.add(name, table)
        del table  # or it were there until the next is made
    alike = disclosed({name: table.rows for name, table in of_persons.items()}, granted, agreement, recipient)
    for name, rows in alike.tables.items():
        writing.add(name, Numbered(rows, of_persons[name].names))
    entries = tuple(writing.entries[name] for name in granted if name in writing.entries)
    return Written(entries, writing.files, alike.entry)


@dataclass(frozen=True, repr=False)
class _Writing:
    """Files as they are written, and what the manifest says of each."""

    granted: Mapping[str, Portion]
    files: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, TableEntry] = field(default_factory=dict)

    def add(self, name: str, table: Numbered) -> None:
        """Write a table's rows and columns that are granted, if any are."""
        portion = self.granted.get(name)
        if portion is None:
            return
        if portion.rows and name not in SEEN:
            table = Numbered(passing(with_all_columns(name, table.text), portion.rows))
        whole = (as_declared(name, with_all_columns(name, part)) for part in table.parts())
        shown = (part.select(column for column in part.columns if column in portion.columns) for part in whole)
        self.files[f"{name}.parquet"] = written(shown)
        self.entries[name] = table_entry(name, table.rows.height, portion, self.files)


def require_kept(name: str, table: Numbered) -> None:
    """Hold a whole table against its contract; raises ContractError."""
    for part in table.parts():
        check_published(name, with_all_columns(name, part))
    for column, stated in published_schema(name).columns.items():
        if stated.unique and table.rows[column].is_duplicated().any():  # in two parts of the table
            again = table.rows.filter(table.rows[column].is_duplicated())
            check_published(name, with_all_columns(name, Numbered(again, table.names).text))


def with_all_columns(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with every attribute of its contract, blank where it was missing."""
    declared = published_schema(table).columns
    blank = [name for name in declared if name not in frame.columns and not declared[name].required]
    blank = [name for name in blank if (table, name) not in NOT_MADE_UP]
    return frame.with_columns(pl.lit(None, declared[name].dtype.type).alias(name) for name in blank)


def table_entry(name: str, rows: int, portion: Portion, files: Mapping[str, bytes]) -> TableEntry:
    """What the manifest says of a table whose file is among ``files``."""
    content = files[f"{name}.parquet"]
    return TableEntry(
        name=name,
        file=f"{name}.parquet",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        rows=rows,
        columns=tuple(arrow_schema(content).names),
        purposes=portion.purposes,
        narrowed_by=portion.rows,
    )
