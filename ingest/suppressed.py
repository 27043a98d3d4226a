"""Records that were erased at their person's request: they do not come back when their authority delivers them again.

1. What is kept is a digest of the record's id under a key of the hub, so that the list names nobody and nothing.
2. Of a delivery that holds such a record, its rows are not kept: no record, no involvement, and no event in which
   nobody else took part. How many there were is told in the log.
3. A record that the person never had here before is no erased one: it is kept, under the agreement as it stands.
"""

import hashlib
import hmac
import logging
from collections.abc import Collection

import polars as pl
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from hub.clock import now
from hub.database import transaction
from ingest.case import Case
from ingest.models import SuppressedRow
from keys.key import Key
from keys.purposes import Purpose
from keys.ring import KeyRing
from pseudonymise.split import Split
from store.deliveries import Delivery
from store.kept import tables_name
from store.tables import read_groups, writing_table

log = logging.getLogger(__name__)


def suppression_digests(ring: KeyRing, record_ids: Collection[str]) -> dict[str, str]:
    """Each record id with its digest: HMAC-SHA256 under the hub's event key, 64 hex digits (1)."""
    key = ring.derive(Purpose.EVENT, "suppression/1")
    return {each: hmac.new(key, each.encode(), hashlib.sha256).hexdigest() for each in record_ids}


def suppress(connection: Connection, ring: KeyRing, record_ids: Collection[str]) -> None:
    """Keep records from coming back."""
    rows = [{"digest": digest, "since": now()} for digest in suppression_digests(ring, record_ids).values()]
    if rows:
        connection.execute(insert(SuppressedRow).values(rows).on_conflict_do_nothing())


class Suppressing:
    """Leaves the suppressed records of one delivery out, part by part; nothing is done while the list is empty."""

    def __init__(self, case: Case) -> None:
        with transaction(case.settings) as connection:
            self._listed = frozenset(connection.execute(select(SuppressedRow.digest)).scalars())
        self._case = case
        self.records: set[str] = set()
        self._events: set[str] = set()

    def without(self, parts: Split) -> Split:
        """The same without suppressed records; their events are still in it."""
        found = self.among(parts.involvements["record_id"].unique().to_list()) if self._listed else set()
        if not found:
            return parts
        self.records |= found
        theirs = pl.col("record_id").is_in(pl.Series(sorted(found)).implode())
        self._events |= set(parts.involvements.filter(theirs)["event_id"])
        return Split(parts.events, parts.involvements.filter(~theirs), parts.records.filter(~theirs))

    def among(self, record_ids: Collection[str]) -> set[str]:
        """Which of these are suppressed."""
        if not self._listed:
            return set()
        digests = suppression_digests(self._case.ring, record_ids)
        return {record_id for record_id, digest in digests.items() if digest in self._listed}

    def finish(self, delivery: Delivery, key: Key) -> int:
        """Take events of suppressed records alone out of what was stored; says how many there were (2)."""
        if not self.records:
            return 0
        log.warning("delivery %s holds %d records that were erased; they are not kept", delivery.id, len(self.records))
        settings, name = self._case.settings, f"{tables_name(delivery)}.parquet"
        lost = self._events - _with_others(self._case, delivery, key)
        with writing_table(settings, "events", name, key) as add:
            for part in read_groups(settings, "events", name, key):
                add(part.filter(~pl.col("event_id").is_in(pl.Series(sorted(lost), dtype=pl.String).implode())))
        return len(lost)


def _with_others(case: Case, delivery: Delivery, key: Key) -> set[str]:
    """The events in which somebody who is kept took part."""
    name = f"{tables_name(delivery)}.involvements.parquet"
    groups = read_groups(case.settings, "events", name, key, columns=["event_id"])
    return {event_id for group in groups for event_id in group["event_id"]}
