"""Linking a quarter: all records that the hub holds become persons of the register, in one transaction."""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
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
from linkage.reading import Asked, read_permitted
from linkage.register import RegisterChange, lock_register, newest_linked, update_register
from linkage.reviewing import keep_questions, words
from linkage.seen import deliveries_digest
from linkage.trained import keep_model, newest_model, serves

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

    1. Only records that the agreement lets be linked are read (linkage.reading).
    2. A quarter before the newest that was linked brings the register to that newest one again: a correction
       of the past withdraws nothing of what came later.
    3. The stored model serves if it was trained by these rules on about as many records; else one is trained.
    4. Register, model and log entry are kept together or not at all; two links wait for each other.
    5. What reviewers decided outranks the model; what it is in doubt about takes the last link's place in the queue.

    Raises AgreementRefusal, and LinkageRefused if there is no record, or one under another version.
    """
    config, agreement, ring = load_linkage(settings.config), load_agreement(settings), ring.serving(Service.LINK)
    with transaction(settings) as connection:
        lock_register(connection)  # (4)
        asked, quarter = quarter, max(quarter, newest_linked(connection) or quarter)  # (2)
        read = read_permitted(settings, connection, ring, agreement, Asked(asked, quarter))  # (1)
        model, trained = _model(connection, read.records, config, quarter)  # (3)
        found = find_persons(read.records, model, config, words(connection))  # (5)
        change = update_register(
            connection,
            found.clusters,
            quarter,
            person_ids(ring),
            pairs=found.pairs,
            model_version=model.version,
        )
        about = {"period": str(quarter), "model_version": model.version}
        keep_questions(connection, found.questions, read.records, tuple(config.comparisons), **about)  # (5)
        summary = _summary(change, found.pairs.height, model, estimate(found.pairs, found.clusters), trained=trained)
        append(connection, _entry(settings, agreement, quarter, summary, read.deliveries))
        checkpoint(connection, log_signer(settings, ring))
    log.info("%s is linked: %d records, %d persons", quarter, summary.records, summary.persons)
    return summary


def person_ids(ring: KeyRing) -> NewPersonId:
    """What names a new person after its founding record: a digest under the ring's event key, 32 hex digits."""
    key = ring.derive(Purpose.EVENT, "person/1")
    return lambda record: hmac.new(key, record.encode(), hashlib.sha256).hexdigest()[:32]


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
