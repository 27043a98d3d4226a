"""Deliveries: one feed's data for one quarter, from the first page to the place it takes among the others.

States: open → closed → admitted, refused or repeated; open → refused, when its source changed under it;
admitted → superseded, when a later one of its period is admitted; both → erased, when their time is over.

A delivery that *continues* another holds only what was changed since: its rows come after those of the other, a later
row takes the place of an earlier one with the same key, and a row that is marked deleted takes it away (``chain``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.clock import now
from hub.feeds import Feed
from hub.periods import Quarter
from keys.ring import KeyRing
from store.errors import DeliveryMissing, StateRefused
from store.kept import create_keys
from store.models import DeliveryRow


class State(StrEnum):
    """How far a delivery has come."""

    OPEN = "open"
    CLOSED = "closed"
    ADMITTED = "admitted"
    REFUSED = "refused"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"
    ERASED = "erased"


STEPS: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.CLOSED, State.REFUSED}),
    State.CLOSED: frozenset({State.ADMITTED, State.REFUSED, State.REPEATED}),
    State.ADMITTED: frozenset({State.SUPERSEDED, State.ERASED}),
    State.REFUSED: frozenset(),
    State.REPEATED: frozenset(),
    State.SUPERSEDED: frozenset({State.ERASED}),
    State.ERASED: frozenset(),
}


@dataclass(frozen=True)
class Delivery:
    """One delivery as the database has it.

    ``pages`` are sealed so far; ``cursor``, where the connector goes on, and ``watermark``, up to where it has read a
    source that tells of changes, are sealed too (``store.landing`` opens them). ``continues_id``: see ``chain``.
    """

    id: str
    feed: str
    authority: str
    period: Quarter
    state: State
    received_at: datetime
    closed_at: datetime | None
    pages: int
    bytes: int
    sha256: str | None
    rows_received: int | None
    rows_accepted: int | None
    rows_quarantined: int | None
    data_key_id: str
    cursor: str | None
    receipt: str | None
    previous_id: str | None
    continues_id: str | None = None
    watermark: str | None = None


def open_delivery(
    connection: Connection, ring: KeyRing, feed: Feed, quarter: Quarter, *, continues: str | None = None
) -> Delivery:
    """The open delivery of a feed and quarter, to go on with; or a new one with data keys of its own.

    ``continues``: the id of the delivery that a new one continues.
    """
    mine = (DeliveryRow.feed == feed.name, DeliveryRow.period == str(quarter))
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{feed.name} {quarter}", 0))))
    held = connection.execute(select(DeliveryRow).where(*mine, DeliveryRow.state == State.OPEN)).one_or_none()
    if held is not None:
        return _delivery(held)
    number = connection.execute(select(func.count()).select_from(DeliveryRow).where(*mine)).scalar_one() + 1
    delivery_id = f"{feed.name}_{quarter}_{number:03}"
    key = create_keys(connection, ring, delivery_id)
    before = admitted_delivery(connection, feed.name, quarter)
    connection.execute(
        insert(DeliveryRow).values(
            id=delivery_id,
            feed=feed.name,
            authority=feed.authority,
            period=str(quarter),
            state=State.OPEN,
            received_at=now(),
            data_key_id=key.id,
            previous_id=before.id if before else None,
            continues_id=continues,
        )
    )
    return find_delivery(connection, delivery_id)


def find_delivery(connection: Connection, delivery_id: str, *, lock: bool = False) -> Delivery:
    """A delivery by its id; ``lock`` keeps it from changing until the transaction ends. Raises DeliveryMissing."""
    asked = select(DeliveryRow).where(DeliveryRow.id == delivery_id)
    row = connection.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None:
        raise DeliveryMissing(
            "There is no such delivery", where=f"delivery {delivery_id}", why="its id is unknown", fix="See hub status"
        )
    return _delivery(row)


def chain(connection: Connection, delivery: Delivery) -> tuple[Delivery, ...]:
    """The deliveries that a delivery is read from, oldest first: a whole one, those that continue it, and itself last.

    Raises DeliveryMissing.
    """
    found = [delivery]
    while found[-1].continues_id is not None:
        found.append(find_delivery(connection, found[-1].continues_id))
    return tuple(reversed(found))


def admitted_delivery(connection: Connection, feed: str, quarter: Quarter) -> Delivery | None:
    """The delivery of a feed and quarter that counts now, if there is one."""
    found = admitted_deliveries(connection, quarter, [feed])
    return found[0] if found else None


def admitted_deliveries(connection: Connection, quarter: Quarter, feeds: Sequence[str] | None = None) -> list[Delivery]:
    """The admitted deliveries of a quarter (of some feeds, or all), in order of feed."""
    asked = select(DeliveryRow).where(DeliveryRow.period == str(quarter), DeliveryRow.state == State.ADMITTED)
    if feeds is not None:
        asked = asked.where(DeliveryRow.feed.in_(feeds))
    return [_delivery(row) for row in connection.execute(asked.order_by(DeliveryRow.feed))]


def advance(connection: Connection, delivery_id: str, state: State, **counts: int) -> Delivery:
    """Bring a delivery to its next state, with ``rows_received``, ``rows_accepted`` and ``rows_quarantined`` if known.

    An admitted delivery supersedes the one admitted before it. Raises DeliveryMissing and StateRefused.
    """
    held = find_delivery(connection, delivery_id, lock=True)
    if state not in STEPS[held.state]:
        raise StateRefused(
            f"The delivery does not become {state}",
            where=f"delivery {delivery_id}",
            why=f"it is {held.state}",
            fix="Collect a new delivery",
        )
    if state is State.ADMITTED:
        before = admitted_delivery(connection, held.feed, held.period)
        if before is not None:
            advance(connection, before.id, State.SUPERSEDED)
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(state=state, **counts))
    return find_delivery(connection, delivery_id)


def _delivery(row: Row[Any]) -> Delivery:
    held = dict(row._mapping)
    return Delivery(**held | {"period": Quarter.parse(held["period"]), "state": State(held["state"])})
