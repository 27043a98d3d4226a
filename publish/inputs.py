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
from publish.delivered import Numberings, Reading
from publish.errors import CandidateRefused
from publish.manifest import DeliveryEntry, FeedInput, LinkageEntry
from publish.numbered import PERSON
from publish.register_state import linkage_entry, require_seen
from publish.tables import Linked, ended
from publish.terms import publishable
from publish.told import latest, of_these, with_persons, without_barred, without_excluded
from store.deliveries import Delivery, State, admitted_deliveries
from store.models import DeliveryRow

SHAPING = (Purpose.SOURCE, Purpose.HUB, Purpose.EVENT)


@dataclass(frozen=True)
class Inputs:
    """How each feed stands in a quarter, and the linkage behind the person ids."""

    feeds: tuple[FeedInput, ...]
    linkage: LinkageEntry


def read_inputs(
    settings: Settings, connection: Connection, ring: KeyRing, quarter: Quarter, agreement: Agreement
) -> tuple[Linked, Inputs]:
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
    linked = _linked(Reading(settings, connection, ring, columns, Numberings()), deliveries, linkable)
    entry = linkage_entry(connection, linked.involvements)
    return linked, Inputs(_feeds(settings, connection, quarter, deliveries), entry)


def _linked(reading: Reading, deliveries: Sequence[Delivery], linkable: Collection[str]) -> Linked:
    """Rules 3 to 6 of ``read_inputs``."""
    numbers, connection = reading.numbers, reading.connection
    barred = numbers.of(barred_records(connection))
    events, parts = without_barred(*latest(*reading.told(deliveries)), barred)  # (3) (4)
    parts = of_these(parts, pl.DataFrame({"feed": linkable}, schema={"feed": pl.String}), ["feed"])  # (5)
    parts = with_persons(parts, reading.register())  # (5)
    excluded = pl.DataFrame({PERSON: sorted(excluded_persons(connection))}, schema={PERSON: pl.String})
    events, parts = without_excluded(events, parts, numbers.of(excluded))  # (6)
    event, person = numbers.event, numbers.person
    del reading, numbers  # and with them the text of millions of record ids
    return ended(events, parts, event, person)


def key_versions(ring: KeyRing, recipient: str) -> dict[str, int]:
    """The versions of the keys that shape a release's bytes; keys of other recipients do not."""
    shaping = {*map(str, SHAPING), f"{Purpose.RECIPIENT}/{recipient}"}
    return {name: version for name, version in ring.versions().items() if name in shaping}


def _admitted_until(connection: Connection, quarter: Quarter) -> list[Delivery]:
    periods = select(DeliveryRow.period).where(DeliveryRow.state == State.ADMITTED).distinct()
    known = sorted(Quarter.parse(period) for period in connection.execute(periods).scalars())
    return [delivery for period in known if period <= quarter for delivery in admitted_deliveries(connection, period)]


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
