"""The records that a link reads: each once, of one version of tokens, in what they may be linked by."""

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
from pseudonymise.scheme_keys import HubStage, token_key, token_version
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
    2. Each table states the newest version: tokens of two versions are never alike, and one person would
       become two.
    3. The bits of encodings stand in the order that the first version gave them: which pairs meet by them must not
       depend on how often the key was turned.
    4. They are blank in what they may not be linked by now.
    """
    records = delivered_records(settings, connection, ring, agreement, deliveries)
    if records is None or records.is_empty():
        raise LinkageRefused(
            "There is nothing to link",
            where="the records zone",
            why="no delivery of a feed that the agreement names for linkage is admitted",
            fix="Collect and admit one first: hub ingest",
        )
    return records


def delivered_records(
    settings: Settings, connection: Connection, ring: KeyRing, agreement: Agreement, deliveries: Sequence[DeliveryRow]
) -> pl.DataFrame | None:
    """The same, by the same rules, be there records or none; none at all if there is no delivery.

    ``source`` is the place of a record's delivery among them; ``earlier``: whether an older one of them has it too.
    """
    tables = [
        _table(settings, connection, ring, agreement, delivery).with_columns(source=pl.lit(place, pl.Int64))
        for place, delivery in enumerate(deliveries)
    ]
    if not tables:
        return None
    records = pl.concat(tables).join(barred_records(connection), on="record_id", how="anti")  # (1)
    twice = records["record_id"].is_duplicated() if records.height else pl.Series(dtype=pl.Boolean)
    once = records.with_columns(earlier=twice).unique("record_id", keep="last", maintain_order=True)
    later = ring.steps()[1:]
    return in_first_order(once, HubStage.of(later)) if later else once  # (3)


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
    if version != token_version(ring):
        raise LinkageRefused(
            "The records are not linked",
            where=f"delivery {delivery}",
            why=f"its tokens are under {token_key(ring, version)}, and everything new is under {token_key(ring)}",
            fix="Re-key what is stored to its end: hub keys rekey run",
        )


def tokens_are_of(ring: KeyRing) -> str:
    """The id of the newest key that lies on stored tokens: tokens of one state are all of it."""
    return token_key(ring)
