"""Linking a quarter: all records that the hub holds become persons of the register, in one transaction."""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from agreement.archive import enact
from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_linkage
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub import clock
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from linkage.changes import NewPersonId
from linkage.config import LinkageConfig, load_linkage
from linkage.model import Model, train
from linkage.persons import find_persons
from linkage.quality import Estimate, estimate
from linkage.register import RegisterChange, lock_register, newest_linked, update_register
from linkage.reviewing import keep_questions, words
from linkage.seen import deliveries_digest
from linkage.stored import stored_records
from linkage.trained import keep_model, newest_model, serves
from store.deliveries import State
from store.models import DeliveryRow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LinkSummary:
    """What one link did: counts, the model that decided, and how right it thinks it is."""

    records: int
    persons: int
    pairs: int
    model_version: str
    trained: bool
    changes: dict[str, int]
    estimate: Estimate


@leaving_no_values
def link(settings: Settings, ring: KeyRing, quarter: Quarter) -> LinkSummary:
    """Bring the person register to all records of deliveries up to a quarter; run again, it changes nothing.

    1. The agreement permits linking these feeds for the quarter, or it is refused and the refusal is logged. It is
       asked before the records are read, and again of the feeds that these very records are from.
    2. A quarter before the newest that was linked brings the register to that newest one again: a correction
       of the past withdraws nothing of what came later.
    3. The stored model serves if it was trained by these rules on about as many records; else one is trained.
    4. Register, model and log entry are kept together or not at all; two links wait for each other.
    5. A record that its authority bars, in whatever quarter, is left out and so withdrawn from its person.
    6. Records are compared by what the agreement lets be tokenised now: a token of a column whose terms were narrowed
       since is left out.
    7. All records are under the newest version of the hub key (``stored_records``).
    8. What reviewers decided outranks the model; what it is in doubt about takes the last link's place in the queue.

    Raises AgreementRefusal, and LinkageRefused if there is no record, or one under another version.
    """
    config, agreement, ring = load_linkage(settings.config), load_agreement(settings), ring.serving(Service.LINK)
    with transaction(settings) as connection:
        lock_register(connection)  # (4)
        asked, quarter = quarter, max(quarter, newest_linked(connection) or quarter)  # (2)
        deliveries = _deliveries(connection, agreement, quarter)
        _permit(settings, agreement, asked, sorted({delivery.feed for delivery in deliveries}))  # (1)
        records = stored_records(settings, connection, ring, agreement, deliveries)  # (5) (6) (7)
        _permit(settings, agreement, asked, records["feed"].unique().sort().to_list())  # (1)
        model, trained = _model(connection, records, config, quarter)  # (3)
        found = find_persons(records, model, config, words(connection))  # (8)
        change = update_register(
            connection,
            found.clusters,
            quarter,
            person_ids(ring),
            pairs=found.pairs,
            model_version=model.version,
        )
        about = {"period": str(quarter), "model_version": model.version}
        keep_questions(connection, found.questions, records, tuple(config.comparisons), **about)  # (8)
        summary = _summary(change, found.pairs.height, model, estimate(found.pairs, found.clusters), trained=trained)
        append(connection, _entry(settings, agreement, quarter, summary, [delivery.id for delivery in deliveries]))
        checkpoint(connection, log_signer(settings, ring))
    log.info("%s is linked: %d records, %d persons", quarter, summary.records, summary.persons)
    return summary


def person_ids(ring: KeyRing) -> NewPersonId:
    """What names a new person after its founding record: a digest under the ring's event key, 32 hex digits."""
    key = ring.derive(Purpose.EVENT, "person/1")
    return lambda record: hmac.new(key, record.encode(), hashlib.sha256).hexdigest()[:32]


def _deliveries(connection: Connection, agreement: Agreement, quarter: Quarter) -> Sequence[DeliveryRow]:
    asked = select(DeliveryRow).where(
        DeliveryRow.state == State.ADMITTED,
        DeliveryRow.period <= str(quarter),
        DeliveryRow.feed.in_(agreement.linkage.feeds),
    )
    rows: Sequence[DeliveryRow] = connection.execute(asked.order_by(DeliveryRow.period, DeliveryRow.id)).all()  # type: ignore[assignment]
    return rows


def _permit(settings: Settings, agreement: Agreement, quarter: Quarter, feeds: Sequence[str]) -> None:
    try:
        permit_linkage(agreement, feeds, quarter, clock.now().date())
        with transaction(settings) as connection:  # its own, so that the log is not held while persons are sought
            enact(connection, agreement, settings.actor, settings.code_commit, clock.now())
    except AgreementRefusal as refusal:
        with transaction(settings) as connection:
            append(
                connection,
                Entry(
                    action=Action.REFUSE_AGREEMENT,
                    actor=settings.actor,
                    period=str(quarter),
                    clause=refusal.clause,
                    agreement_hash=agreement.hash,
                    code_commit=settings.code_commit,
                ),
            )
        raise


def _model(
    connection: Connection, records: pl.DataFrame, config: LinkageConfig, quarter: Quarter
) -> tuple[Model, bool]:
    stored = newest_model(connection)
    if stored is not None and serves(stored, config, records.height):
        return stored, False
    model = train(records, config)
    keep_model(connection, model, quarter)
    return model, True


def _summary(change: RegisterChange, pairs: int, model: Model, quality: Estimate, *, trained: bool) -> LinkSummary:
    return LinkSummary(
        records=change.records,
        persons=change.persons,
        pairs=pairs,
        model_version=model.version,
        trained=trained,
        changes=change.counts,
        estimate=quality,
    )


def _entry(
    settings: Settings, agreement: Agreement, quarter: Quarter, summary: LinkSummary, deliveries: Sequence[str]
) -> Entry:
    return Entry(
        action=Action.LINK,
        actor=settings.actor,
        period=str(quarter),
        table="membership",
        rows=summary.records,
        purpose="linkage",
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail={
            "persons": summary.persons,
            "pairs": summary.pairs,
            "model_version": summary.model_version,
            "trained": summary.trained,
            "deliveries": deliveries_digest(deliveries),
            "estimated_precision": round(summary.estimate.precision, 4),
            "estimated_recall": round(summary.estimate.recall, 4),
            **summary.changes,
        },
    )
