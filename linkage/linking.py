"""Linking a quarter: all records that the hub holds become persons of the register, in one transaction."""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.database import transaction
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from linkage.assessed.assessing import Basis, assess
from linkage.assessed.kept_reports import before as before_this
from linkage.assessed.kept_reports import keep_report, told
from linkage.assessed.report import Report
from linkage.assessed.sampling import reviewed
from linkage.clustered.decided import Decided
from linkage.config import load_linkage
from linkage.engines.chosen import engine
from linkage.kept.asked import asked as ask
from linkage.kept.step import decided_rows
from linkage.outcome import Job, Outcome, follow_on, start_anew
from linkage.reading import Asked, permitted_deliveries
from linkage.registered.agreeing import Agreeing, agreement_of
from linkage.registered.changes import NewPersonId
from linkage.registered.register import lock_register, newest_linked, read_register, update_register
from linkage.registered.seen import deliveries_digest
from linkage.reviewed.reviewing import keep_questions, words

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LinkSummary:
    """What one link did: counts, the model that decided, and how right it thinks it is.

    ``pairs``: how many were compared. ``full``: whether all records were looked at, not only those that the link could
    touch. ``agreement``: what a full link made other than it was, where one was asked for.
    """

    records: int
    persons: int
    pairs: int
    model_version: str
    trained: bool
    full: bool
    changes: dict[str, int]
    report: Report
    agreement: Agreeing | None = None


@leaving_no_values
def link(settings: Settings, ring: KeyRing, quarter: Quarter, *, full: bool = False) -> LinkSummary:
    """Bring the person register to all records of deliveries up to a quarter; run again, it changes nothing.

    1. Only records that the agreement lets be linked are read (linkage.reading).
    2. A quarter before the newest that was linked brings the register to that newest one again: a correction
       of the past withdraws nothing of what came later.
    3. The stored model serves if it was trained by these rules on about as many records; else one is trained.
    4. Register, model and log entry are kept together or not at all; two links wait for each other.
    5. What reviewers decided outranks the model; what it is in doubt about takes the last link's place in the queue.
    6. Only what came or went since the last link is looked at, and what that touches; all records, if ``full`` is
       asked for or nothing that the last link kept serves (linkage.kept). The persons are the same.

    Raises AgreementRefusal, and LinkageRefused if there is no record, or one under another version.
    """
    config, agreement, ring = load_linkage(settings.config), load_agreement(settings), ring.serving(Service.LINK)
    with transaction(settings) as connection, engine(settings):
        lock_register(connection)  # (4)
        asked = Asked(quarter, max(quarter, newest_linked(connection) or quarter))  # (2)
        deliveries = permitted_deliveries(settings, connection, agreement, asked)  # (1)
        job = Job(settings, connection, ring, agreement, config, asked, deliveries)
        before = read_register(connection) if full else None
        outcome = (None if full else follow_on(job)) or start_anew(job)  # (3), (6)
        changed = update_register(
            connection,
            outcome.clusters,
            asked.up_to,
            person_ids(ring),
            pairs=outcome.pairs,
            model_version=outcome.model.version,
            withdrawn=outcome.withdrawn,
            ahead=outcome.ahead,
        )
        about = {"period": str(asked.up_to), "model_version": outcome.model.version}
        said = words(connection)
        doubts = ask(outcome.kept, said, outcome.model, config, outcome.about.feeds)
        keep_questions(connection, doubts.questions, doubts.feeds, tuple(config.comparisons), **about)  # (5)
        report = assess(outcome.kept, outcome.model, config, _basis(job, outcome, decided_rows(outcome.kept, said)))
        keep_report(connection, report)
        compared = None if before is None else agreement_of(before, read_register(connection))
        summary = _summary(changed, outcome, report, compared)
        append(connection, _entry(settings, agreement, asked.up_to, summary, [row.id for row in deliveries]))
        checkpoint(connection, log_signer(settings, ring))
    log.info("%s is linked: %d records, %d persons", asked.up_to, summary.records, summary.persons)
    return summary


def person_ids(ring: KeyRing) -> NewPersonId:
    """What names a new person after its founding record: a digest under the ring's event key, 32 hex digits."""
    key = ring.derive(Purpose.EVENT, "person/1")
    return lambda record: hmac.new(key, record.encode(), hashlib.sha256).hexdigest()[:32]


def _basis(job: Job, outcome: Outcome, decided: Decided) -> Basis:
    """What the link is assessed by, beside what it kept."""
    return Basis(
        period=job.asked.up_to,
        light=outcome.about.light,
        feeds=outcome.about.feeds,
        authority={name: feed.authority for name, feed in load_feeds(job.settings.config).items()},
        traits=outcome.about.traits,
        smallest=job.agreement.disclosure.smallest_count,
        round_to=job.agreement.disclosure.round_to,
        before=before_this(job.connection),
        reviewed=reviewed(job.connection, outcome.model.version),
        decided=decided,
    )


def _summary(changed: dict[str, int], outcome: Outcome, report: Report, compared: Agreeing | None) -> LinkSummary:
    return LinkSummary(
        records=outcome.kept.records,
        persons=outcome.kept.persons,
        pairs=outcome.compared,
        model_version=outcome.model.version,
        trained=outcome.trained,
        full=outcome.withdrawn is None,
        changes=changed,
        report=report,
        agreement=compared,
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
            "full": summary.full,
            "deliveries": deliveries_digest(deliveries),
            **told(summary.report),
            **summary.changes,
        },
    )
