"""The quarantine as people see it: which deliveries have rows there, which rows, and why; never a value."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import ColumnElement, Connection, exists, or_, select
from sqlalchemy.orm import aliased

from agreement.model import Agreement
from agreement.policy import load_agreement, permit_collection
from audit.events import Action
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from ingest.case import Case
from ingest.outcome import reason_counts, refusal
from keys.home import log_signer
from schemas.contract import Contract
from schemas.findings import Finding, Findings
from schemas.formats import ROW_NUMBER
from schemas.quarantine import COLUMNS, REASONS, ReasonCount
from schemas.validation import PAGE
from store.deliveries import Delivery, State, find_delivery
from store.errors import DataKeyGone, FileMissing
from store.kept import open_key
from store.models import DeliveryRow
from store.sealing import read_sealed

_READ = 4 << 20


@dataclass(frozen=True)
class Waiting:
    """A delivery with rows in quarantine, or one that was refused whole; ``why`` says why, if it was.

    ``erased_on`` is the day by which the agreement has the sealed rows erased.
    """

    delivery: Delivery
    counts: tuple[ReasonCount, ...]
    why: str | None
    erased_on: date | None

    @property
    def refused(self) -> bool:
        """Whether nothing of the delivery was taken."""
        return self.delivery.state is State.REFUSED


def waiting(settings: Settings, feed: str | None = None, *, past: bool = False) -> list[Waiting]:
    """Deliveries with rows in quarantine, newest first.

    1. One in force that has such rows; one that was refused whole, as long as none was admitted after it.
    2. ``past``: those too in whose place another has come since.
    """
    held = DeliveryRow.rows_quarantined > 0
    refused = (DeliveryRow.state == State.REFUSED) & DeliveryRow.closed_at.is_not(None)
    asked = select(DeliveryRow.id).where(or_(held, refused))
    if not past:
        asked = asked.where(_unanswered())  # (1)
    if feed is not None:
        asked = asked.where(DeliveryRow.feed == feed)
    agreement = load_agreement(settings)
    with transaction(settings) as connection:
        ids = connection.execute(asked.order_by(DeliveryRow.received_at.desc(), DeliveryRow.id)).scalars().all()
        return [_waiting(connection, agreement, delivery_id) for delivery_id in ids]


def find_waiting(settings: Settings, delivery_id: str) -> Waiting:
    """One delivery, whether rows of it wait or not; raises DeliveryMissing."""
    agreement = load_agreement(settings)
    with transaction(settings) as connection:
        return _waiting(connection, agreement, delivery_id)


def _unanswered() -> ColumnElement[bool]:
    later = aliased(DeliveryRow)
    same = (later.feed == DeliveryRow.feed, later.period == DeliveryRow.period)
    admitted = exists().where(*same, later.state == State.ADMITTED, later.received_at > DeliveryRow.received_at)
    return or_(DeliveryRow.state == State.ADMITTED, (DeliveryRow.state == State.REFUSED) & ~admitted)


def _waiting(connection: Connection, agreement: Agreement, delivery_id: str) -> Waiting:
    delivery = find_delivery(connection, delivery_id)
    why = refusal(connection, delivery_id)
    days = agreement.retention_days.get("quarantine")
    kept_from = delivery.closed_at or delivery.received_at
    erased_on = None if days is None else kept_from.date() + timedelta(days=days)
    return Waiting(delivery, reason_counts(connection, delivery_id), why, erased_on)


def findings(case: Case, contract: Contract, waits: Waiting) -> tuple[Finding, ...]:
    """The rows of a delivery that wait, by reason and column, in the provider's own row numbers.

    Where the sealed rows are gone, or never were, the counts that were kept are told without row numbers.
    """
    found = Findings()
    try:
        for rows in quarantined(case, contract, waits.delivery):
            found.add(rows)
    except (DataKeyGone, FileMissing):
        return tuple(Finding(count.reason, count.column, count.rows, ()) for count in waits.counts)
    return found.found()


def quarantined(case: Case, contract: Contract, delivery: Delivery) -> Iterator[pl.DataFrame]:
    """The sealed rows as the source sent them, with their reasons: for the hub alone, in batches.

    Raises FileMissing, DataKeyGone and SealBroken.
    """
    with transaction(case.settings) as connection:
        key = open_key(connection, case.ring, delivery, "quarantine")
    texts = dict.fromkeys(contract.source_names, pl.String())
    numbers = {ROW_NUMBER: pl.Int64(), PAGE: pl.Int64()}
    schema = texts | numbers | {REASONS: pl.List(pl.String), COLUMNS: pl.List(pl.String)}
    for lines in _lines(read_sealed(case.settings, "quarantine", f"{delivery.feed}/{delivery.id}.sealed", key)):
        yield pl.read_ndjson(io.BytesIO(lines), schema=schema)


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Parts of any size as parts that end where a line ends."""
    held = bytearray()
    for part in parts:
        held += part
        end = held.rfind(b"\n") + 1
        if len(held) >= _READ and end:
            yield bytes(held[:end])
            del held[:end]
    if held:
        yield bytes(held)


def disclose_report(case: Case, delivery: Delivery, rows: int) -> None:
    """Have the agreement permit that a delivery's provider is told what is wrong with it, and log that it is.

    1. The agreement permits the feed and the quarter today; a refusal is logged with its clause.
    2. The disclosure is logged and signed before anything of it lies anywhere: to the authority that sent the rows,
       for the feed's own purposes, by its gateway (DPA 2018 s.62(2)).

    Raises AgreementRefusal.
    """
    with case.logging_refusal(delivery.id):
        permit_collection(case.agreement, delivery.feed, delivery.period, now().date())  # (1)
        case.enact()
    entry = case.entry(Action.REPORT_ROWS, delivery.id, rows=rows, recipient=delivery.authority)
    with transaction(case.settings) as connection:
        append(connection, entry)  # (2)
        checkpoint(connection, log_signer(case.settings, case.ring))
