"""What a candidate is made from: admitted deliveries, and the register of persons."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from audit.events import Action
from audit.models import AuditEntry
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from keys.purposes import Purpose
from keys.ring import KeyRing
from linkage.register import read_register
from linkage.trained import newest_model
from publish.errors import CandidateRefused
from publish.manifest import DeliveryEntry, FeedInput, LinkageEntry
from publish.tables import Linked
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, admitted_deliveries
from store.models import DeliveryRow
from store.tables import read_table

PERIOD = "_period"  # of the delivery that a row came with
QUALITY = ("estimated_precision", "estimated_recall")
SHAPING = (Purpose.SOURCE, Purpose.HUB, Purpose.EVENT)


@dataclass(frozen=True)
class Inputs:
    """The linked events up to a quarter, how each feed stands in it, and the linkage behind the person ids."""

    linked: Linked
    feeds: tuple[FeedInput, ...]
    linkage: LinkageEntry


def read_inputs(
    settings: Settings, connection: Connection, ring: KeyRing, quarter: Quarter, linkable: Collection[str]
) -> Inputs:
    """Read everything that was admitted for ``quarter`` or an earlier one.

    ``linkable`` are the feeds whose persons may be combined; of others only the events come in. Raises
    CandidateRefused if nothing was admitted, or a record has no person yet.
    """
    deliveries = _admitted_until(connection, quarter)
    if not deliveries:
        raise CandidateRefused(
            "No candidate can be built",
            where=str(quarter),
            why="no delivery was admitted",
            fix="Collect the feeds first",
        )
    read = [(delivery, *_tables(settings, connection, ring, delivery, linkable)) for delivery in deliveries]
    events = pl.concat([_stamped(delivery, events) for delivery, events, _ in read], how="diagonal_relaxed")
    stated = [parts.with_columns(authority=pl.lit(delivery.authority)) for delivery, _, parts in read]
    parts = pl.concat(map(_stamped, deliveries, stated), how="diagonal_relaxed")
    linked = latest(events, parts, read_register(connection))
    return Inputs(linked, _feeds(settings, connection, quarter, deliveries), _linkage(connection, linked, quarter))


def latest(events: pl.DataFrame, involvements: pl.DataFrame, register: pl.DataFrame) -> Linked:
    """Each event as its last delivery tells it, with the persons of that delivery.

    Both frames have the column PERIOD. Raises CandidateRefused if a record has no person.
    """
    last = events.filter(pl.col(PERIOD) == pl.col(PERIOD).max().over("event_id"))
    linked = involvements.join(last.select("event_id", PERIOD), on=["event_id", PERIOD], how="semi").join(
        register.select("record_id", "person_id"), on="record_id", how="left"
    )
    unlinked = linked["person_id"].null_count()
    if unlinked:
        raise CandidateRefused(
            "The candidate cannot be built",
            where="the register of persons",
            why=f"{unlinked} of {linked.height} involvements have no person yet",
            fix="Run hub link for the quarter, then build again",
        )
    return Linked(last.drop(PERIOD), linked.drop(PERIOD))


def key_versions(ring: KeyRing, recipient: str) -> dict[str, int]:
    """The versions of the keys that shape a release's bytes; keys of other recipients do not."""
    shaping = {*map(str, SHAPING), f"{Purpose.RECIPIENT}/{recipient}"}
    return {name: version for name, version in ring.versions().items() if name in shaping}


def _admitted_until(connection: Connection, quarter: Quarter) -> list[Delivery]:
    periods = select(DeliveryRow.period).where(DeliveryRow.state == State.ADMITTED).distinct()
    known = sorted(Quarter.parse(period) for period in connection.execute(periods).scalars())
    return [delivery for period in known if period <= quarter for delivery in admitted_deliveries(connection, period)]


def _tables(
    settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery, linkable: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    key, place = open_data_key(connection, ring, delivery.data_key_id), f"{delivery.feed}/{delivery.id}"
    events = read_table(settings, "events", f"{place}.parquet", key)
    if delivery.feed not in linkable or not contract_for(delivery.feed).personal:
        return events, pl.DataFrame(schema=dict.fromkeys(("event_id", "record_id", "feed", "role"), pl.String()))
    return events, read_table(settings, "events", f"{place}.involvements.parquet", key)


def _stamped(delivery: Delivery, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the delivery's period, under a name that no feed's column has."""
    return frame.with_columns(pl.lit(str(delivery.period)).alias(PERIOD))


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


def _linkage(connection: Connection, linked: Linked, quarter: Quarter) -> LinkageEntry:
    model, said = newest_model(connection), _last_link(connection, quarter)
    return LinkageEntry(
        model=model.version if model else "",
        records=linked.involvements["record_id"].n_unique(),
        persons=linked.involvements["person_id"].n_unique(),
        quality={name: round(float(said[name]), 4) for name in QUALITY if name in said},
    )


def _last_link(connection: Connection, quarter: Quarter) -> dict[str, float]:
    """What the log's newest entry of a link of the quarter says of it."""
    query = (
        select(AuditEntry.entry)
        .where(AuditEntry.action == str(Action.LINK), AuditEntry.period == str(quarter), AuditEntry.outcome == "done")
        .order_by(AuditEntry.index.desc())
        .limit(1)
    )
    entry = connection.execute(query).scalar()
    return {} if entry is None else dict(json.loads(entry).get("detail", {}))
