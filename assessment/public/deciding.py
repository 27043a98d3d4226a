"""An officer's decision on a public release: signed, held to bind, recorded and logged. Edge."""

from sqlalchemy import Connection

from agreement.signing import private_key
from assessment.public import kept
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.deciding import VALID_FOR
from publish.decision import Decision, Statement, Subject, Verdict, newest, sign, verify_binding
from publish.errors import DecisionRefused
from publish.officers import agreement_in_force, roll
from publish.refusals import logging_refusals


def decide_public(
    settings: Settings, name: str, *, verdict: Verdict, reason: str, officer: str, key: bytes
) -> Decision:
    """Sign a decision on a candidate for the public with the officer's private key (PEM), and record it.

    1. It binds: ``publish.decision.verify_binding``, for this very manifest under the agreement in force.
    2. The release is a candidate still, and no newer decision is recorded.
    3. Table and log know it in one transaction.

    Raises SigningRefused, DecisionRefused, AssessmentRefused and AgreementRefusal; each is logged.
    """
    with logging_refusals(settings, action=Action.REFUSE_PUBLIC), transaction(settings) as connection:
        found = kept.find(connection, name, lock=True)
        agreement = agreement_in_force(settings)
        subject, at = Subject(found.name, found.manifest.hash, agreement.hash), now()
        said = {"officer": officer, "verdict": verdict, "reason": reason}
        statement = Statement.of(subject, **said, decided_at=at, expires_at=at + VALID_FOR)
        decision = sign(statement, private_key(key))
        verify_binding(decision, subject, roll=roll(connection, agreement), now=at)  # (1)
        _require_newest(connection, found, decision)  # (2)
        kept.keep_decision(connection, decision)  # (3)
        append(connection, _entry(settings, found, decision))
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
    return decision


def _require_newest(connection: Connection, found: kept.PublicRelease, decision: Decision) -> None:
    if found.state != kept.CANDIDATE or newest([*kept.decisions_on(connection, found.name), decision]) is not decision:
        raise DecisionRefused(
            "The decision is not recorded",
            where=f"the decisions on {found.name}",
            why=f"the release is {found.state} already, or a newer decision is recorded",
            fix="Decide on the next candidate",
        )


def _entry(settings: Settings, found: kept.PublicRelease, decision: Decision) -> Entry:
    said = decision.statement
    return Entry(
        action=Action.DECIDE,
        actor=said.officer,
        period=found.quarter,
        release=found.name,
        recipient="the public",
        justification=said.reason,
        agreement_hash=said.agreement_hash,
        code_commit=settings.code_commit,
        detail={"verdict": str(said.verdict), "decision": said.digest, "manifest": said.manifest_hash},
    )
