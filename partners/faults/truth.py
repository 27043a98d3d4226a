"""What a hub has of a delivery, and what it should have: what another makes of the same data undisturbed."""

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import func, select

from hub.database import transaction
from hub.settings import Settings
from keys.ring import KeyRing
from partners.faults.serving import QUARTER
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, admitted_delivery
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_table


@dataclass(frozen=True)
class Kept:
    """What a hub has in force: its counts, and its events as they are stored."""

    delivery: str
    received: int
    standing: int
    quarantined: int
    pages: int
    events: pl.DataFrame

    def same(self, other: "Kept") -> bool:
        """Whether the same rows stand in both, however they came."""
        counts = (self.standing, self.quarantined) == (other.standing, other.quarantined)
        return counts and self.events.equals(other.events)


@dataclass(frozen=True)
class Truth:
    """What an undisturbed hub has, and what its ingest took: by this the troubles are placed in another's course."""

    kept: Kept
    steps: int
    seconds: float
    cpu_s: float
    requests: int
    sent: int


def kept(said: dict[str, Any], ring: KeyRing, feed: str) -> Kept | None:
    """What is in force in a hub; None: nothing is."""
    settings = Settings(**said)
    with transaction(settings) as connection:
        delivery = admitted_delivery(connection, feed, QUARTER)
        if delivery is None:
            return None
        key = open_data_key(connection, ring, delivery.data_key_id)
    events = read_table(settings, "events", f"{tables_name(delivery)}.parquet", key).sort("event_id")
    return _kept(delivery, events)


def _kept(delivery: Delivery, events: pl.DataFrame) -> Kept:
    accepted, quarantined = delivery.rows_accepted or 0, delivery.rows_quarantined or 0
    received = delivery.rows_received or 0
    return Kept(delivery.id, received, accepted + quarantined, quarantined, delivery.pages, events)


def in_force(said: dict[str, Any], feed: str) -> int:
    """How many deliveries of the quarter are in force: one, or something is wrong."""
    asked = select(func.count()).where(DeliveryRow.feed == feed, DeliveryRow.state == State.ADMITTED)
    with transaction(Settings(**said)) as connection:
        return int(connection.execute(asked).scalar_one())


def sealed(said: dict[str, Any], feed: str) -> tuple[int, int]:
    """How many deliveries were begun, and how many pages of all of them are sealed."""
    asked = select(func.count(), func.coalesce(func.sum(DeliveryRow.pages), 0)).where(DeliveryRow.feed == feed)
    with transaction(Settings(**said)) as connection:
        begun, pages = connection.execute(asked).one()
        return int(begun), int(pages)
