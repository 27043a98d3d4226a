"""A delivery's tables sealed anew without some of its records: how one person is erased where one key seals many.

1. Records and involvements of these records go, and events in which nobody else took part. All other rows stay as
   they are, with what was written beside them.
2. The new tables lie under a new key and other names. That the delivery's key is now the new one, and that the old one
   is destroyed, is one change in the caller's transaction: before its end the old tables count, then the new ones.
3. Killed before the end, files are left under a key that was never kept; after it, under a key that was destroyed.
   ``store.shredding`` deletes either.
"""

from collections.abc import Callable, Collection
from functools import partial

import polars as pl
from sqlalchemy import Connection, select, update

from hub.settings import Settings, Zone
from keys.key import Key
from keys.ring import KeyRing
from store.datakeys import create_data_key, destroy_data_key, open_data_key
from store.deliveries import Delivery, find_delivery
from store.files import exists, uri
from store.kept import KEYS, tables_name
from store.models import DataKeyRow, DeliveryRow
from store.tables import read_groups, read_metadata, writing_table

Change = Callable[[pl.DataFrame], pl.DataFrame]
TABLES: tuple[tuple[Zone, str], ...] = (
    ("records", ".parquet"),
    ("events", ".involvements.parquet"),
    ("events", ".parquet"),
)


def reseal(
    settings: Settings, connection: Connection, ring: KeyRing, delivery_id: str, without: Collection[str] = ()
) -> Delivery:
    """Seal a delivery's tables anew, without these record ids. Raises DeliveryMissing, DataKeyGone and SealBroken."""
    held = find_delivery(connection, delivery_id, lock=True)
    old = open_data_key(connection, ring, held.data_key_id)
    lost = lost_events(settings, held, old, without)
    new = create_data_key(connection, ring, _next_key_id(connection, held.id))
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == held.id).values(data_key_id=new.id))
    changed = find_delivery(connection, held.id)
    keep = {
        ("records", ".parquet"): partial(_without, column="record_id", values=without),
        ("events", ".involvements.parquet"): partial(_without, column="record_id", values=without),
        ("events", ".parquet"): partial(_without, column="event_id", values=lost),
    }
    for zone, ending in TABLES:
        names = (tables_name(held) + ending, tables_name(changed) + ending)
        if exists(uri(settings, zone, names[0])):
            _copy(settings, zone, names, (old, new), keep[zone, ending])  # (1)
    destroy_data_key(connection, held.data_key_id)  # (2)
    return changed


def record_ids(settings: Settings, delivery: Delivery, key: Key) -> set[str]:
    """The ids of all records of a delivery; none where it has no such table."""
    name = f"{tables_name(delivery)}.parquet"
    if not exists(uri(settings, "records", name)):
        return set()
    groups = read_groups(settings, "records", name, key, columns=["record_id"])
    return {record_id for group in groups for record_id in group["record_id"]}


def lost_events(settings: Settings, delivery: Delivery, key: Key, without: Collection[str]) -> set[str]:
    """The events of a delivery in which nobody but these records took part."""
    name = f"{tables_name(delivery)}.involvements.parquet"
    if not without or not exists(uri(settings, "events", name)):
        return set()
    theirs: set[str] = set()
    others: set[str] = set()
    for part in read_groups(settings, "events", name, key, columns=["event_id", "record_id"]):
        is_theirs = part["record_id"].is_in(pl.Series(list(without), dtype=pl.String).implode())
        theirs |= set(part.filter(is_theirs)["event_id"])
        others |= set(part.filter(~is_theirs)["event_id"])  # of as many as a delivery has, 40 bytes each
    return theirs - others


def _without(frame: pl.DataFrame, column: str, values: Collection[str]) -> pl.DataFrame:
    return frame.filter(~pl.col(column).is_in(pl.Series(list(values), dtype=pl.String).implode()))


def _copy(settings: Settings, zone: Zone, names: tuple[str, str], keys: tuple[Key, Key], change: Change) -> None:
    stated = read_metadata(settings, zone, names[0], keys[0])
    with writing_table(settings, zone, names[1], keys[1], metadata=stated) as add:
        for part in read_groups(settings, zone, names[0], keys[0]):
            add(change(part))


def _next_key_id(connection: Connection, delivery_id: str) -> str:
    """Numbers are not used twice, so that no file of a killed run is in the way."""
    first = KEYS + delivery_id
    taken = set(connection.execute(select(DataKeyRow.id).where(DataKeyRow.id.startswith(f"{first}/"))).scalars())
    return next(key_id for number in range(2, len(taken) + 3) if (key_id := f"{first}/{number}") not in taken)
