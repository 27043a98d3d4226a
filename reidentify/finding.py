"""From a request's target to the records that are meant, and to their sealed references."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from hub.periods import Quarter
from hub.settings import Settings
from ingest.barred import barred_records
from keys.ring import KeyRing
from linkage.models import Membership
from linkage.registered.forgetting import excluded_persons
from publish.disclosed_persons import own_id
from publish.recipient_ids import RecipientIds, keyed
from reidentify.target import HUB, Target
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, admitted_deliveries
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_groups

_COLUMNS = ("record_id", "reference_sealed")


@dataclass(frozen=True, repr=False)
class Found:
    """The records of one feed that are meant: their persons in the register, and their references, still sealed."""

    feed: str
    persons: tuple[str, ...]
    sealed: tuple[bytes, ...]


def find_records(
    settings: Settings, connection: Connection, ring: KeyRing, target: Target, feeds: Sequence[str]
) -> tuple[Found, ...]:
    """The records of these feeds that a target means, by feed; none of a feed that has none.

    1. Of a person, all records that the register gives the person now; of an event, all that take part in it.
    2. Only of deliveries that are admitted now, and of the feeds that are named.
    3. No record to which its authority bars access, and none without a person in the register.
    4. Nobody whose data are restricted, or who rightly objected (UK GDPR Art 18 and 21): an officer lifts that first.
    5. A recipient's id counts under every version of its key that was not retired, as older releases have it.
    """
    deliveries = _admitted(connection, feeds)  # (2)
    persons = _persons(settings, connection, ring, target, deliveries)  # (1)
    persons = persons.join(barred_records(connection), on="record_id", how="anti")  # (3)
    persons = persons.filter(~pl.col("person_id").is_in(sorted(excluded_persons(connection))))  # (4)
    found = (_of_feed(settings, connection, ring, feed, deliveries, persons) for feed in feeds)
    return tuple(each for each in found if each.sealed)


def _persons(
    settings: Settings, connection: Connection, ring: KeyRing, target: Target, deliveries: Sequence[Delivery]
) -> pl.DataFrame:
    """``record_id`` and ``person_id`` of what is meant, as the register has it now."""
    if target.about == "person":
        return _members(connection, Membership.person_id, _own_persons(connection, ring, target))
    records = [target.id]
    if target.about == "event":
        records = _of_event(settings, connection, ring, target, deliveries)
    return _members(connection, Membership.record_id, records)


def _own_persons(connection: Connection, ring: KeyRing, target: Target) -> list[str]:
    if target.under == HUB:
        return [target.id]
    known = own_id(connection, ring, target.under, target.id)  # (5)
    return [] if known is None else [known]


def _of_event(
    settings: Settings, connection: Connection, ring: KeyRing, target: Target, deliveries: Sequence[Delivery]
) -> list[str]:
    found: set[str] = set()
    keys = [] if target.under == HUB else [each.event for each in RecipientIds.each(ring, target.under)]  # (5)
    for delivery in deliveries:
        name = f"{tables_name(delivery)}.involvements.parquet"
        opened = open_data_key(connection, ring, delivery.data_key_id)
        for group in read_groups(settings, "events", name, opened):
            own = group.select("event_id", "record_id")
            for parts in (keyed(own, "event_id", key) for key in keys) if keys else [own]:
                found |= set(parts.filter(pl.col("event_id") == target.id)["record_id"])
    return sorted(found)


def _members(connection: Connection, column: object, ids: Collection[str]) -> pl.DataFrame:
    asked = select(Membership.record_id, Membership.person_id)
    rows = connection.execute(asked.where(column == any_(literal(list(ids), ARRAY(Text))))).all()
    return pl.DataFrame(
        [tuple(row) for row in rows], schema={"record_id": pl.String, "person_id": pl.String}, orient="row"
    )


def _admitted(connection: Connection, feeds: Sequence[str]) -> list[Delivery]:
    """Every admitted delivery of these feeds, the newest quarter first."""
    periods = select(DeliveryRow.period).where(DeliveryRow.state == State.ADMITTED).distinct()
    known = sorted(map(Quarter.parse, connection.execute(periods).scalars()), reverse=True)
    return [delivery for period in known for delivery in admitted_deliveries(connection, period, feeds)]


def _of_feed(
    settings: Settings,
    connection: Connection,
    ring: KeyRing,
    feed: str,
    deliveries: Sequence[Delivery],
    persons: pl.DataFrame,
) -> Found:
    """A record that several deliveries tell of has the same reference in each."""
    sealed: dict[str, bytes] = {}
    wanted = persons["record_id"].implode()
    for delivery in (delivery for delivery in deliveries if delivery.feed == feed and not persons.is_empty()):
        opened = open_data_key(connection, ring, delivery.data_key_id)
        for group in read_groups(settings, "records", f"{tables_name(delivery)}.parquet", opened):
            sealed = dict(group.select(_COLUMNS).filter(pl.col("record_id").is_in(wanted)).iter_rows()) | sealed
    whose = persons.filter(pl.col("record_id").is_in(list(sealed)))["person_id"].unique().sort()
    return Found(feed, tuple(whose), tuple(sealed[record] for record in sorted(sealed)))
