"""What became of a delivery, kept in the database and told again whenever it is asked for."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from hub.clock import now
from ingest.case import Case
from ingest.errors import DeliveryRefused
from ingest.models import AdmissionRow, QuarantineCountRow, RefusalRow
from pseudonymise.scheme_keys import token_version
from schemas.quarantine import ReasonCount
from schemas.reasons import Reason
from store.deliveries import Delivery, State, find_delivery


@dataclass(frozen=True)
class Admission:
    """What became of a delivery's rows. Counts only: fit for an XCom, a log or a page."""

    delivery: str
    state: str
    received: int
    accepted: int
    quarantined: int
    reasons: tuple[ReasonCount, ...]


def remember_admission(
    connection: Connection, case: Case, delivery: Delivery, source_keys: Collection[str] = ()
) -> None:
    """Keep under which agreement, by which code and of which version its tokens are."""
    row = {"agreement_hash": case.agreement.hash, "code_commit": case.settings.code_commit, "admitted_at": now()}
    under = {"hub_version": token_version(case.ring), "source_keys": " ".join(sorted(source_keys)) or None}
    connection.execute(insert(AdmissionRow).values(delivery_id=delivery.id, **under, **row))


def remember_counts(connection: Connection, delivery: Delivery, counts: tuple[ReasonCount, ...]) -> None:
    """Keep how many rows were quarantined, by reason and column, in place of what was kept before."""
    connection.execute(delete(QuarantineCountRow).where(QuarantineCountRow.delivery_id == delivery.id))
    rows = [{"delivery_id": delivery.id, "reason": c.reason, "column": c.column, "rows": c.rows} for c in counts]
    if rows:
        connection.execute(insert(QuarantineCountRow), rows)


def remember_refusal(connection: Connection, delivery: Delivery, ground: str, why: str) -> None:
    """Keep why a delivery was refused whole, in words that its provider is told too."""
    connection.execute(insert(RefusalRow).values(delivery_id=delivery.id, ground=ground, why=why))


def refusal(connection: Connection, delivery_id: str) -> str | None:
    """Why a delivery was refused whole; None if it was not, or for no fault of its own."""
    return connection.execute(select(RefusalRow.why).where(RefusalRow.delivery_id == delivery_id)).scalar()


def known_outcome(connection: Connection, delivery: Delivery) -> Admission:
    """What the database says of a delivery that is decided; a repeated one is told by the one in force.

    Raises DeliveryRefused if it was refused.
    """
    told = delivery
    if delivery.state is State.REPEATED and delivery.previous_id is not None:
        told = find_delivery(connection, delivery.previous_id)
    if told.state is State.REFUSED:
        raise DeliveryRefused(
            "The delivery was refused whole",
            where=f"delivery {told.id}",
            why=refusal(connection, told.id) or "its entry in the log says why",
            fix="Collect a mended one",
        )
    return Admission(
        delivery=delivery.id,
        state=str(delivery.state),
        received=told.rows_received or 0,
        accepted=told.rows_accepted or 0,
        quarantined=told.rows_quarantined or 0,
        reasons=reason_counts(connection, told.id),
    )


def reason_counts(connection: Connection, delivery_id: str) -> tuple[ReasonCount, ...]:
    """Quarantined rows of a delivery by reason and column, most first."""
    count = QuarantineCountRow
    asked = select(count.reason, count.column, count.rows).where(count.delivery_id == delivery_id)
    rows = connection.execute(asked.order_by(count.rows.desc(), count.reason, count.column))
    return tuple(ReasonCount(Reason(row.reason), row.column, row.rows) for row in rows)
