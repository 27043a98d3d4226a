"""Recording an officer's decision on a release, in the table and in the log."""

import json
from datetime import timedelta

from sqlalchemy import Connection, insert, select

from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import AuditEntry
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import open_ring
from keys.purposes import Purpose
from publish.decision import Decision, Statement, Subject, Verdict, newest, sign, verify_binding, verify_decision
from publish.errors import DecisionRefused
from publish.models import DecisionRow
from publish.officers import officers, private_key
from publish.refusals import logging_refusals
from publish.releases import Release, find

VALID_FOR = timedelta(days=14)


def decide(
    settings: Settings,
    release: str,
    *,
    verdict: Verdict,
    reason: str,
    officer: str,
    key: bytes,
    passphrase: bytes | None = None,
    valid_for: timedelta = VALID_FOR,
) -> Decision:
    """Sign a decision on a candidate with the officer's private key (PEM), and record it.

    Raises OfficerRefused for an unusable key, DecisionRefused if what is signed cannot count.
    """
    with logging_refusals(settings, release):
        with transaction(settings) as connection:
            subject = subject_of(find(connection, release), load_agreement(settings).hash)
        at = now()
        statement = Statement.of(
            subject, officer=officer, verdict=verdict, reason=reason, decided_at=at, expires_at=at + valid_for
        )
        decision = sign(statement, private_key(key, passphrase))
    return record_decision(settings, decision)


def record_decision(settings: Settings, decision: Decision) -> Decision:
    """Keep a decision that was signed here or elsewhere, and log it, in one transaction.

    One that cannot count, or is older than what is recorded, is refused, and the refusal is logged.
    """
    release = decision.statement.release
    with logging_refusals(settings, release), transaction(settings) as connection:
        found = find(connection, release, lock=True)
        _require_candidate(found)
        subject = subject_of(found, load_agreement(settings).hash)
        verify_binding(decision, subject, officers=officers(connection), now=now())
        _require_newest(decision, decisions_on(connection, release))
        connection.execute(
            insert(DecisionRow).values(
                release=release,
                statement=decision.statement.canonical().decode(),
                signature=decision.signature,
                recorded_at=now(),
            )
        )
        append(connection, _entry(settings, found, decision))
        checkpoint(connection, open_ring(settings).signer(Purpose.AUDIT))
    return decision


def approval(connection: Connection, release: Release, agreement_hash: str) -> Decision:
    """The approval that permits the release now; raises DecisionRefused naming the broken rule."""
    return verify_decision(
        decisions_on(connection, release.name),
        subject_of(release, agreement_hash),
        officers=officers(connection),
        logged=_newest_logged(connection, release.name),
        now=now(),
    )


def decisions_on(connection: Connection, release: str) -> list[Decision]:
    """Every recorded decision on a release, oldest first."""
    query = select(DecisionRow.statement, DecisionRow.signature).where(DecisionRow.release == release)
    rows = connection.execute(query.order_by(DecisionRow.id))
    return [Decision.parse(row.statement, bytes(row.signature)) for row in rows]


def subject_of(release: Release, agreement_hash: str) -> Subject:
    """What a decision on the release must name; the hash is computed from the manifest, not taken from the table."""
    return Subject(release.name, release.manifest.hash, agreement_hash)


def _require_candidate(release: Release) -> None:
    if release.state != "candidate":
        raise DecisionRefused(
            "The decision is not recorded",
            where=f"the decisions on {release.name}",
            why=f"the release is {release.state} already",
            fix="Decide on the next candidate",
        )


def _require_newest(decision: Decision, recorded: list[Decision]) -> None:
    if newest([*recorded, decision]) is not decision or decision in recorded:
        raise DecisionRefused(
            "The decision is not recorded",
            where=f"the decisions on {decision.statement.release}",
            why="a newer one, or this very one, is recorded already",
            fix="Decide anew if the word is to change",
        )


def _newest_logged(connection: Connection, release: str) -> str | None:
    """The digest in the log's newest entry of a decision on the release."""
    query = (
        select(AuditEntry.entry)
        .where(AuditEntry.action == str(Action.DECIDE), AuditEntry.release == release)
        .order_by(AuditEntry.index.desc())
        .limit(1)
    )
    entry = connection.execute(query).scalar()
    return None if entry is None else str(json.loads(entry)["detail"]["decision"])


def _entry(settings: Settings, release: Release, decision: Decision) -> Entry:
    said = decision.statement
    return Entry(
        action=Action.DECIDE,
        actor=said.officer,
        period=release.quarter,
        release=release.name,
        recipient=release.recipient,
        justification=said.reason,
        agreement_hash=said.agreement_hash,
        code_commit=settings.code_commit,
        detail={"verdict": str(said.verdict), "decision": said.digest, "manifest": said.manifest_hash},
    )
