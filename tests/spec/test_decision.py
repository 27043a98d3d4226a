"""What makes a decision count: rule by rule, a decision in, a verdict out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from publish.decision import (
    INFORMATION_GOVERNANCE,
    Decision,
    Officer,
    Statement,
    Subject,
    newest,
    sign,
    verify_decision,
)
from publish.errors import DecisionRefused

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SUBJECT = Subject("2026-Q3-v1", manifest_hash="a" * 64, agreement_hash="b" * 64)
OFFICER_KEY, ENGINEER_KEY, STRANGER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


OFFICERS = (
    Officer("ig officer", public(OFFICER_KEY), INFORMATION_GOVERNANCE, NOON - 100 * DAY),
    Officer("engineer", public(ENGINEER_KEY), "engineer", NOON - 100 * DAY),
)


def statement(**changed: object) -> Statement:
    said = {
        "officer": "ig officer",
        "verdict": "approve",
        "reason": "Checked against the checklist",
        "decided_at": NOON - DAY,
        "expires_at": NOON + DAY,
    }
    subject = Subject(
        str(changed.pop("release", SUBJECT.release)),
        str(changed.pop("manifest_hash", SUBJECT.manifest_hash)),
        str(changed.pop("agreement_hash", SUBJECT.agreement_hash)),
    )
    return Statement.of(subject, **(said | changed))


def decision(key: Ed25519PrivateKey = OFFICER_KEY, **changed: object) -> Decision:
    return sign(statement(**changed), key)


def verify(*decisions: Decision, now: datetime = NOON, logged: str | None = None) -> Decision:
    last = newest(decisions)
    logged = logged or (last.statement.digest if last else None)
    return verify_decision(decisions, SUBJECT, officers=OFFICERS, logged=logged, now=now)


def test_an_approval_by_an_officer_of_this_very_candidate_permits_its_release() -> None:
    approval = decision()
    assert verify(approval) == approval


# what was decided, how it was signed                                                      -> the rule it breaks
REFUSED: Sequence[tuple[str, tuple[Decision, ...], int]] = (
    ("nobody decided", (), 1),
    ("by somebody who is not registered", (decision(STRANGER_KEY, officer="stranger"),), 2),
    ("by an engineer with a key of their own", (decision(ENGINEER_KEY, officer="engineer"),), 2),
    ("in the officer's name with another key", (decision(STRANGER_KEY),), 3),
    ("in the officer's name with the engineer's key", (decision(ENGINEER_KEY),), 3),
    ("with a signature of the wrong length", (Decision(statement(), b"short"),), 3),
    ("signed as a refusal, then turned", (Decision(statement(), decision(verdict="refuse").signature),), 3),
    ("on another candidate of this name", (decision(manifest_hash="c" * 64),), 4),
    ("on another release", (decision(release="2026-Q2-v1"),), 4),
    ("under another agreement", (decision(agreement_hash="d" * 64),), 5),
    ("and expired", (decision(expires_at=NOON - timedelta(seconds=1)),), 6),
    ("and expiring at this very instant", (decision(expires_at=NOON),), 6),
    ("ahead of now", (decision(decided_at=NOON + timedelta(seconds=1)),), 6),
    ("to refuse", (decision(verdict="refuse"),), 8),
    ("to approve, and later to refuse", (decision(decided_at=NOON - 2 * DAY), decision(verdict="refuse")), 8),
    ("to approve and to refuse at one instant", (decision(), decision(verdict="refuse")), 8),
)


@pytest.mark.parametrize(("decisions", "rule"), [pytest.param(d, rule, id=case) for case, d, rule in REFUSED])
def test_a_decision_does_not_count_that_was(decisions: tuple[Decision, ...], rule: int) -> None:
    with pytest.raises(DecisionRefused, match=f"rule {rule}:"):
        verify(*decisions)


def test_of_several_decisions_the_newest_counts_in_whatever_order_they_are_stored() -> None:
    refusal, approval = decision(verdict="refuse", decided_at=NOON - 2 * DAY), decision()
    assert verify(refusal, approval) == verify(approval, refusal) == approval


def test_an_old_approval_does_not_count_again_when_the_newer_refusal_is_taken_away() -> None:
    approval, refusal = decision(decided_at=NOON - 2 * DAY), decision(verdict="refuse")
    with pytest.raises(DecisionRefused, match="rule 7:"):
        verify(approval, logged=refusal.statement.digest)


def test_a_decision_that_the_log_does_not_know_does_not_count() -> None:
    with pytest.raises(DecisionRefused, match="rule 7:"):
        verify_decision([decision()], SUBJECT, officers=OFFICERS, logged=None, now=NOON)


@given(bit=st.integers(0, 8 * 64 - 1))
def test_one_changed_bit_of_the_signature_voids_it(bit: int) -> None:
    signed = decision()
    flipped = bytearray(signed.signature)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecisionRefused, match="rule 3:"):
        verify(replace(signed, signature=bytes(flipped)))


@given(
    field=st.sampled_from(["reason", "manifest_hash", "agreement_hash", "expires_at", "decided_at", "release"]),
)
def test_one_changed_entry_of_the_statement_voids_the_signature(field: str) -> None:
    other = {
        "reason": "Another reason",
        "manifest_hash": "c" * 64,
        "agreement_hash": "d" * 64,
        "release": "2026-Q2-v1",
        "expires_at": NOON + 300 * DAY,
        "decided_at": NOON - 2 * DAY,
    }
    with pytest.raises(DecisionRefused, match="rule 3:"):
        verify(Decision(statement(**{field: other[field]}), decision().signature))


def test_the_statement_survives_its_stored_form_byte_for_byte() -> None:
    signed = decision()
    assert Decision.parse(signed.statement.canonical(), signed.signature) == signed
    assert signed.statement.canonical().startswith(b'{"agreement_hash":"bbb')


@pytest.mark.parametrize("reason", ["", "two\nlines", "x" * 301])
def test_a_reason_is_one_line_since_it_goes_into_the_log(reason: str) -> None:
    with pytest.raises(DecisionRefused, match="reason"):
        statement(reason=reason)


@pytest.mark.parametrize("text", ["{}", "not json", '{"verdict": "approve"}'])
def test_what_is_not_a_decision_is_refused_when_read(text: str) -> None:
    with pytest.raises(DecisionRefused):
        Decision.parse(text, b"")
