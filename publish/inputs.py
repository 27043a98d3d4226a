"""What a candidate is made from: admitted deliveries, and the register of persons."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from agreement.model import Agreement
from hub.clock import now
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from ingest.barred import barred_records
from keys.purposes import Purpose
from keys.ring import KeyRing
from linkage.registered.forgetting import excluded_persons
from linkage.registered.register import read_register
from publish.errors import CandidateRefused
from publish.manifest import DeliveryEntry, FeedInput, LinkageEntry
from publish.register_state import linkage_entry, require_seen
from publish.tables import Linked
from publish.terms import publishable
from publish.told import PERIOD, latest, with_persons, without_barred, without_excluded
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, admitted_deliveries
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_table

NOBODY = pl.DataFrame(schema=dict.fromkeys(("event_id", "record_id", "feed", "role"), pl.String()))
SHAPING = (Purpose.SOURCE, Purpose.HUB, Purpose.EVENT)


@dataclass(frozen=True)
class Inputs:
    """The linked events up to a quarter, how each feed stands in it, and the linkage behind the person ids."""

    linked: Linked
    feeds: tuple[FeedInput, ...]
    linkage: LinkageEntry


def read_inputs(
    settings: Settings, connection: Connection, ring: KeyRing, quarter: Quarter, agreement: Agreement
) -> Inputs:
    """Read what was admitted for ``quarter`` or an earlier one, and may be published now.

    1. Of each delivery those columns are taken that the agreement, as it stands now, publishes.
    2. The newest link has seen every delivery that persons are taken from.
    3. Each event is as its last delivery tells it.
    4. No record is in it that its authority bars now, and no event that is about such records alone.
    5. Persons are those of feeds that may be linked; of other feeds only the events come in.
    6. Nobody is in it whose data are restricted or who rightly objected, and no event that is about such persons alone.

    Raises AgreementRefusal (1), and CandidateRefused if nothing was admitted, for (2), or if a record has
    no person.
    """
    deliveries = _admitted_until(connection, quarter)
    if not deliveries:
        raise CandidateRefused(
            "No candidate can be built",
            where=str(quarter),
            why="no delivery was admitted",
            fix="Collect the feeds first",
        )
    columns = {delivery.id: publishable(agreement, delivery, now().date()) for delivery in deliveries}  # (1)
    linkable = agreement.linkage.feeds
    require_seen(connection, linkable, quarter)  # (2)
    read = [_tables(settings, connection, ring, delivery, columns[delivery.id]) for delivery in deliveries]
    told = (pl.concat(tables, how="diagonal_relaxed") for tables in zip(*read, strict=True))
    events, parts = without_barred(*latest(*told), barred_records(connection))  # (3) (4)
    parts = with_persons(parts.filter(pl.col("feed").is_in(linkable)), read_register(connection))  # (5)
    events, parts = without_excluded(events, parts, excluded_persons(connection))  # (6)
    feeds = _feeds(settings, connection, quarter, deliveries)
    return Inputs(Linked(events, parts), feeds, linkage_entry(connection, parts))


def key_versions(ring: KeyRing, recipient: str) -> dict[str, int]:
    """The versions of the keys that shape a release's bytes; keys of other recipients do not."""
    shaping = {*map(str, SHAPING), f"{Purpose.RECIPIENT}/{recipient}"}
    return {name: version for name, version in ring.versions().items() if name in shaping}


def _admitted_until(connection: Connection, quarter: Quarter) -> list[Delivery]:
    periods = select(DeliveryRow.period).where(DeliveryRow.state == State.ADMITTED).distinct()
    known = sorted(Quarter.parse(period) for period in connection.execute(periods).scalars())
    return [delivery for period in known if period <= quarter for delivery in admitted_deliveries(connection, period)]


def _tables(
    settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery, columns: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and involvements of a delivery in these columns, with its period and its authority."""
    key, place = open_data_key(connection, ring, delivery.data_key_id), tables_name(delivery)
    events = read_table(settings, "events", f"{place}.parquet", key)
    parts = NOBODY
    if contract_for(delivery.feed).personal:
        parts = read_table(settings, "events", f"{place}.involvements.parquet", key)
    period, authority = pl.lit(str(delivery.period)).alias(PERIOD), pl.lit(delivery.authority).alias("authority")
    return _only(events, columns).with_columns(period), _only(parts, columns).with_columns(period, authority)


def _only(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    return frame.select(name for name in frame.columns if name in columns)


def _feeds(
    settings: Settings, connection: Connection, quarter: Quarter, deliveries: Sequence[Delivery]
) -> tuple[FeedInput, ...]:
    return tuple(
        FeedInput(
            feed=name,
            authority=feed.authority,
            state=_state(connection, name, quarter),
            deliveries=tuple(_entries(delivery for delivery in deliveries if delivery.feed == name)),
        )
        for name, feed in load_feeds(settings.config).items()
    )


def _state(connection: Connection, feed: str, quarter: Quarter) -> str:
    """Admitted if one delivery of the quarter is; else the state of the newest; else missing."""
    query = select(DeliveryRow.state).where(DeliveryRow.feed == feed, DeliveryRow.period == str(quarter))
    states = list(connection.execute(query.order_by(DeliveryRow.received_at)).scalars())
    if State.ADMITTED in states:
        return State.ADMITTED.value
    return states[-1] if states else "missing"


def _entries(deliveries: Iterable[Delivery]) -> Iterable[DeliveryEntry]:
    for delivery in deliveries:
        yield DeliveryEntry(
            period=str(delivery.period),
            sha256=delivery.sha256 or "",
            received=delivery.rows_received or 0,
            accepted=delivery.rows_accepted or 0,
            quarantined=delivery.rows_quarantined or 0,
        )
