"""What deliveries tell, read a group of rows at a time, ids as numbers from the first: no id is held as text twice."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection

from hub.settings import Settings
from keys.key import Key
from keys.ring import KeyRing
from linkage.bulk import read_parts
from linkage.models import Membership
from publish.numbered import EVENT, PERSON, Numbering
from publish.told import PERIOD, Told
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.deliveries import Delivery
from store.kept import tables_name
from store.tables import read_groups

RECORD = "record_id"
_SHORT = 12  # bytes of text that need no memory besides
_NOBODY = pl.DataFrame(schema=dict.fromkeys((EVENT, RECORD, "feed", "role"), pl.String()))


@dataclass(frozen=True, repr=False)
class Numberings:
    """The numbers of events, records and persons."""

    event: Numbering = field(default_factory=Numbering)
    record: Numbering = field(default_factory=Numbering)
    person: Numbering = field(default_factory=Numbering)

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with numbers for whatever ids they have."""
        known = {EVENT: self.event, RECORD: self.record, PERSON: self.person}
        return rows.with_columns(known[name].of(rows[name]).alias(name) for name in known if name in rows.columns)


@dataclass(frozen=True, repr=False)
class Reading:
    """How deliveries are read: ``columns``, by a delivery's id, are those that may be taken of it."""

    settings: Settings
    connection: Connection
    ring: KeyRing
    columns: Mapping[str, Collection[str]]
    numbers: Numberings

    def told(self, deliveries: Sequence[Delivery]) -> Told:
        """Events and involvements of all, with period and authority."""
        periods = sorted({delivery.period for delivery in deliveries})
        read = [self._delivery(delivery, periods.index(delivery.period)) for delivery in deliveries]
        events, parts = ([frame for frames in kind for frame in frames] for kind in zip(*read, strict=True))
        pa.default_memory_pool().release_unused()
        return pl.concat(events, how="diagonal_relaxed"), pl.concat(parts, how="diagonal_relaxed")

    def register(self) -> pl.DataFrame:
        """Of each record its person."""
        read = read_parts(self.connection, Membership, [RECORD, PERSON])
        none = pl.DataFrame(schema={RECORD: pl.UInt32, PERSON: pl.UInt32})
        return pl.concat([none, *(self.numbers.of(part) for part in read)])

    def _delivery(self, delivery: Delivery, period: int) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
        key, place = open_data_key(self.connection, self.ring, delivery.data_key_id), tables_name(delivery)
        of_period = pl.lit(period, pl.UInt16).alias(PERIOD)
        of_authority = pl.lit(delivery.authority).alias("authority")
        events = [rows.with_columns(of_period) for rows in self._groups(f"{place}.parquet", key, delivery)]
        if not contract_for(delivery.feed).personal:
            return events, [self.numbers.of(_NOBODY).with_columns(of_period, of_authority)]
        parts = self._groups(f"{place}.involvements.parquet", key, delivery)
        return events, [rows.with_columns(of_period, of_authority) for rows in parts]

    def _groups(self, name: str, key: Key, delivery: Delivery) -> Iterator[pl.DataFrame]:
        columns = self.columns[delivery.id]
        for rows in read_groups(self.settings, "events", name, key):
            taken = self.numbers.of(rows.select(name for name in rows.columns if name in columns))
            yield taken.with_columns(_once_each(taken))


def _once_each(rows: pl.DataFrame) -> Iterator[pl.Series]:
    """Columns of long text, in which each different value is held once, however many rows have it."""
    for column in rows.iter_columns():
        if column.dtype == pl.String and (column.str.len_bytes() > _SHORT).any():
            numbering = Numbering()
            numbers = numbering.of(column)
            names, to = numbering.ended()
            yield names.texts(to.gather(numbers)).alias(column.name)
