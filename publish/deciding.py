"""Recording an officer's decision on a release, in the table and in the log."""

from datetime import timedelta

from sqlalchemy import Connection, insert, select

from agreement.model import Agreement
from agreement.signing import private_key
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.decision import Decision, Statement, Subject, Verdict, newest, sign, verify_binding, verify_decision
from publish.errors import DecisionRefused
from publish.logged import logged_decisions
from publish.models import DecisionRow
from publish.officers import agreement_in_force, roll
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

    Raises SigningRefused for an unusable key, DecisionRefused if what is signed cannot count, AgreementRefusal where
    no agreement is in force.
    """
    with logging_refusals(settings, release):
        with transaction(settings) as connection:
            subject = subject_of(find(connection, release), agreement_in_force(settings).hash)
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
        agreement = agreement_in_force(settings)
        verify_binding(decision, subject_of(found, agreement.hash), roll=roll(connection, agreement), now=now())
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
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
    return decision


def approval(connection: Connection, release: Release, agreement: Agreement) -> Decision:
    """The approval that permits the release now; raises DecisionRefused naming the broken rule.

    The caller has seen to it that the agreement is in force, and that the log, which is believed here, verifies.
    """
    return verify_decision(
        decisions_on(connection, release.name),
        subject_of(release, agreement.hash),
        roll=roll(connection, agreement),
        logged=logged_decisions(connection, release.name),
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
