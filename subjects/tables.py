"""What the stored tables hold of some records, delivery by delivery."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from hub.settings import Settings, Zone
from keys.key import Key
from keys.ring import KeyRing
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, find_delivery
from store.files import exists, uri
from store.kept import tables_name
from store.models import DataKeyRow, DeliveryRow
from store.tables import read_groups

STORED = (State.ADMITTED, State.SUPERSEDED)


@dataclass(frozen=True)
class Tables:
    """The tables of one delivery that can be read."""

    settings: Settings
    delivery: Delivery
    key: Key

    def rows(self, zone: Zone, ending: str, column: str, values: Collection[str]) -> pl.DataFrame:
        """The rows of a table whose column holds one of the values; an empty frame where there is no such table."""
        name = f"{tables_name(self.delivery)}{ending}"
        if not exists(uri(self.settings, zone, name)):
            return pl.DataFrame()
        wanted = pl.Series(sorted(values), dtype=pl.String).implode()
        groups = read_groups(self.settings, zone, name, self.key)
        return pl.concat([part.filter(pl.col(column).is_in(wanted)) for part in groups])

    def involvements(self, record_ids: Collection[str]) -> pl.DataFrame:
        """What the delivery says of these records' part in events."""
        return self.rows("events", ".involvements.parquet", "record_id", record_ids)

    def records(self, record_ids: Collection[str]) -> pl.DataFrame:
        """These records' tokens and encodings."""
        return self.rows("records", ".parquet", "record_id", record_ids)


def stored_tables(settings: Settings, connection: Connection, ring: KeyRing) -> Iterator[Tables]:
    """The tables of every delivery that has any: in force, or superseded and not yet erased. Oldest first."""
    asked = select(DeliveryRow.id).join(DataKeyRow, DataKeyRow.id == DeliveryRow.data_key_id)
    kept = asked.where(DeliveryRow.state.in_(STORED), DataKeyRow.wrapped.is_not(None))
    for delivery_id in connection.execute(kept.order_by(DeliveryRow.period, DeliveryRow.id)).scalars().all():
        delivery = find_delivery(connection, delivery_id)
        yield Tables(settings, delivery, open_data_key(connection, ring, delivery.data_key_id))
