"""A table of a release as it was published: its bytes are held against the manifest before a row of them is given."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from publish.disclosed_persons import PERSON_ID
from publish.manifest import TableEntry
from publish.parquet import scan
from publish.reading import published_file
from publish.releases import Release

ROWS_OF_A_PAGE, ROWS_OF_A_PART = 4_096, 65_536
MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Opened:
    """A table's file, as bytes: a row's number in it never changes, so a page can begin after any row."""

    entry: TableEntry
    content: bytes

    @cached_property
    def empty(self) -> pl.DataFrame:
        """The table without its rows."""
        table = pq.ParquetFile(pa.BufferReader(self.content)).schema_arrow.empty_table()
        return _frame(table)

    @cached_property
    def rows(self) -> int:
        """How many rows it has."""
        return int(pq.ParquetFile(pa.BufferReader(self.content)).metadata.num_rows)

    @cached_property
    def persons(self) -> pl.Series:
        """Whose rows they are, each person once; nobody where it tells of none. They are found when first asked for."""
        if PERSON_ID not in self.entry.columns:
            return pl.Series(PERSON_ID, [], pl.String)
        return scan(self.content).select(pl.col(PERSON_ID).unique()).collect()[PERSON_ID]

    def parts(self, columns: Sequence[str], after: int = 0, size: int = ROWS_OF_A_PART) -> Iterator[pl.DataFrame]:
        """The rows from the one with that number on, some at a time, with their numbers as ``_row``."""
        file = pq.ParquetFile(pa.BufferReader(self.content))
        first = 0
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number).num_rows
            if first + group > after:
                yield from self._group(file, number, first, columns, after=after, size=size)
            first += group

    def _group(
        self, file: pq.ParquetFile, number: int, first: int, columns: Sequence[str], *, after: int, size: int
    ) -> Iterator[pl.DataFrame]:
        for batch in file.iter_batches(batch_size=size, row_groups=[number], columns=list(columns)):
            part = _frame(pa.Table.from_batches([batch])).select(columns).with_row_index("_row", first)
            first += part.height
            if first > after:
                yield part.filter(pl.col("_row") >= after) if first - part.height < after else part


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table of Arrow is a frame")
    return frame


class Files:
    """The files that were opened, of releases that are still published; no more than a gibibyte of them.

    1. A file's bytes are those that the manifest states, and they have its columns and rows, when they are first read
       from their place; from then on they are those of memory, which nobody changes.
    2. What is published no more is forgotten, here too.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Opened] = {}

    @property
    def held(self) -> frozenset[str]:
        """The manifests whose files are held."""
        return frozenset(manifest for manifest, _ in self._held)

    def open(self, release: Release, entry: TableEntry, published: Collection[str]) -> Opened:
        """A table's file; raises ReadingRefused if it is not the one that was published."""
        kept = {key: opened for key, opened in self._held.items() if key[0] in published}  # (2)
        found = kept.get((release.manifest_hash, entry.name))
        if found is None:
            found = Opened(entry, published_file(release, entry))  # (1)
            while kept and sum(len(each.content) for each in kept.values()) + len(found.content) > MOST_BYTES:
                kept.pop(next(iter(kept)))
            kept[release.manifest_hash, entry.name] = found
        self._held = kept
        return found
