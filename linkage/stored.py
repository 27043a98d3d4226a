"""The records that a link reads: each once, of one version of the hub key, in what they may be linked by."""

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection

from agreement.model import Agreement
from hub.settings import Settings
from ingest.barred import barred_records
from ingest.storing import not_tokenised, stated_version, uncovered
from keys.purposes import Purpose
from keys.ring import KeyRing
from linkage.errors import LinkageRefused
from pseudonymise.linkage_columns import in_first_order
from pseudonymise.scheme_keys import HubStage, hub_version
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_stating


def stored_records(
    settings: Settings, connection: Connection, ring: KeyRing, agreement: Agreement, deliveries: Sequence[DeliveryRow]
) -> pl.DataFrame:
    """Every record once, as the delivery of the latest period has it. Raises LinkageRefused.

    1. None is among them to which access is barred.
    2. Each table states the newest version of the hub key: tokens of two versions are never alike, so that one person
       would become two.
    3. The bits of encodings stand in the order that the first version gave them: which pairs meet by them must not
       depend on how often the key was turned.
    4. They are blank in what they may not be linked by now.
    """
    tables = [_table(settings, connection, ring, agreement, delivery) for delivery in deliveries]
    records = pl.concat(tables).join(barred_records(connection), on="record_id", how="anti") if tables else None  # (1)
    if records is None or records.is_empty():
        raise LinkageRefused(
            "There is nothing to link",
            where="the records zone",
            why="no delivery of a feed that the agreement names for linkage is admitted",
            fix="Collect and admit one first: hub feed run",
        )
    once = records.unique("record_id", keep="last", maintain_order=True)
    first = _first_version(ring)
    if first == hub_version(ring):
        return once
    return in_first_order(once, HubStage.of(ring.chain(Purpose.HUB, after=first)))  # (3)


def _table(
    settings: Settings, connection: Connection, ring: KeyRing, agreement: Agreement, delivery: DeliveryRow
) -> pl.DataFrame:
    key = open_data_key(connection, ring, delivery.data_key_id)
    records, stated = read_stating(settings, "records", f"{tables_name(delivery)}.parquet", key)
    _require_newest(ring, delivery.id, stated_version(stated))  # (2)
    records = uncovered(records, stated, ring.key(Purpose.HUB), delivery.id)
    hidden = not_tokenised(agreement, contract_for(delivery.feed))  # (4)
    return records.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in records.schema.items() if name in hidden
    )


def _require_newest(ring: KeyRing, delivery: str, version: int) -> None:
    if version != hub_version(ring):
        raise LinkageRefused(
            "The records are not linked",
            where=f"delivery {delivery}",
            why=f"its tokens are under hub/{version}, and everything new is under hub/{hub_version(ring)}",
            fix="Re-key what is stored to its end: hub keys rekey run",
        )


def _first_version(ring: KeyRing) -> int:
    """The oldest version of the hub key that tokens are still made under."""
    held = ring.held()
    of_hub = (int(key_id.rpartition("/")[2]) for key_id in held if key_id.startswith(f"{Purpose.HUB}/"))
    return min(version for version in of_hub if held[f"{Purpose.HUB}/{version}"].retired_at is None)
