"""What makes a decision count: rule by rule, a decision in, a verdict out."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from agreement.model import Agreement
from agreement.policy import read_agreement
from hub.settings import PROJECT
from publish.appointment import Appointment, stated
from publish.decision import Decision, Statement, Subject, newest, sign, verify_decision
from publish.errors import DecisionRefused
from publish.roll import Roll
from tests.agreed import KEYS, keys_of, signed

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SUBJECT = Subject("2026-Q3-v1", manifest_hash="a" * 64, agreement_hash="b" * 64)
OFFICER_KEY, ENGINEER_KEY, STRANGER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def agreed(**changed: object) -> Agreement:
    """The project's agreement, signed by all six parties; in it the council alone appoints officers."""
    terms = read_agreement(PROJECT / "config" / "agreement.yaml").model_dump(by_alias=True, exclude_unset=True)
    terms["parties"] = [party | keys_of(party["authority"]) for party in terms["parties"]]
    return signed(Agreement.model_validate(terms | {"signatures": (), "officers_appointed_by": ("council",)} | changed))


AGREED = agreed()


def appointment(
    officer: str = "ig officer",
    key: Ed25519PrivateKey = OFFICER_KEY,
    party: str = "council",
    party_key: Ed25519PrivateKey | None = None,
    **said: str,
) -> Appointment:
    words = {"from": "2026-10-01", "until": "2026-10-31", "public_key": public(key)} | said
    unsigned = stated(Appointment, AGREED, officer=officer, party=party, **words)
    return unsigned.signed(party_key or KEYS[party])


def roll(*appointments: Appointment, agreement: Agreement = AGREED, dismissed: Sequence[str] = ()) -> Roll:
    registered = frozenset(each.digest for each in appointments)
    return Roll(agreement, appointments, registered, frozenset(dismissed))


ROLL = roll(appointment(), appointment("engineer", ENGINEER_KEY, party_key=ENGINEER_KEY))


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


def verify(
    *decisions: Decision, now: datetime = NOON, logged: Sequence[str] | None = None, roll: Roll = ROLL
) -> Decision:
    last = newest(decisions)
    known = ([last.statement.digest] if last else []) if logged is None else logged
    return verify_decision(decisions, SUBJECT, roll=roll, logged=known, now=now)


def test_an_approval_by_an_officer_of_this_very_candidate_permits_its_release() -> None:
    approval = decision()
    assert verify(approval) == approval


# what was decided, how it was signed                                                      -> the rule it breaks
REFUSED: Sequence[tuple[str, tuple[Decision, ...], int]] = (
    ("nobody decided", (), 1),
    ("by somebody whom nobody appointed", (decision(STRANGER_KEY, officer="stranger"),), 2),
    ("by an engineer who signed his own appointment", (decision(ENGINEER_KEY, officer="engineer"),), 2),
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
        verify(approval, logged=[approval.statement.digest, refusal.statement.digest])


def test_an_old_approval_does_not_count_again_when_the_log_is_told_of_it_twice() -> None:
    approval, refusal = decision(decided_at=NOON - 2 * DAY), decision(verdict="refuse")
    with pytest.raises(DecisionRefused, match="rule 7:"):
        verify(approval, logged=[approval.statement.digest, refusal.statement.digest, approval.statement.digest])


def test_a_decision_that_the_log_does_not_know_does_not_count() -> None:
    with pytest.raises(DecisionRefused, match="rule 7:"):
        verify(decision(), logged=[])


# The appointment -----------------------------------------------------------------------------------------------------

FORGED = appointment().model_copy(update={"public_key": public(ENGINEER_KEY)})
# what the roll holds, and why the officer's approval does not count under it
NOT_APPOINTED: Sequence[tuple[str, Roll, str]] = (
    ("nobody", roll(), "no appointment is known"),
    ("himself", roll(appointment(party_key=OFFICER_KEY)), "not by the key that the agreement states for council"),
    ("a party that may not", roll(appointment(party="police")), "does not let police appoint"),
    (
        "a party that may, with another's key",
        roll(appointment(party_key=KEYS["police"])),
        "not by the key that the agreement states for council",
    ),
    ("a word that was altered", roll(FORGED), "not by the key that the agreement states for council"),
    (
        "a word for longer than was signed",
        roll(appointment(until="2026-10-10").model_copy(update={"until_on": (NOON + 9 * DAY).date()})),
        "not by the key",
    ),
    (
        "another agreement's party",
        roll(appointment(), agreement=agreed(id="another-isa")),
        "it is about another agreement",
    ),
    ("a word that begins tomorrow", roll(appointment(**{"from": "2026-10-21"})), "it begins on 2026-10-21"),
    ("a word that ended yesterday", roll(appointment(until="2026-10-19")), "it ended on 2026-10-19"),
    (
        "a word that began after the decision",
        roll(appointment(**{"from": "2026-10-20"})),
        "it began after the decision was made",
    ),
    ("a word that was withdrawn", roll(appointment(), dismissed=[public(OFFICER_KEY)]), "has been dismissed"),
    (
        "a row that the log does not know",
        Roll(AGREED, (appointment(),), frozenset(), frozenset()),
        "the log does not know that it was registered",
    ),
)


@pytest.mark.parametrize(("held", "why"), [pytest.param(r, why, id=by) for by, r, why in NOT_APPOINTED])
def test_an_approval_does_not_count_if_its_officer_was_appointed_by(held: Roll, why: str) -> None:
    with pytest.raises(DecisionRefused, match=f"rule 2: .*{why}"):
        verify(decision(), roll=held)


def test_an_appointment_counts_from_its_first_day_to_its_last() -> None:
    held = roll(appointment(**{"from": "2026-10-19", "until": "2026-10-20"}))
    assert verify(decision(), roll=held)


def test_a_party_with_a_new_key_in_a_new_version_has_to_appoint_anew() -> None:
    fresh = Ed25519PrivateKey.from_private_bytes(bytes([4]) * 32)
    parties = [party.model_dump() for party in AGREED.parties]
    parties = [
        party | {"signing_key": public(fresh)} if party["authority"] == "council" else party for party in parties
    ]
    newer = Agreement.model_validate(AGREED.model_dump(by_alias=True) | {"parties": parties, "version": "2.0"})
    with pytest.raises(DecisionRefused, match=r"rule 2: .*not by the key that the agreement states for council"):
        verify(decision(), roll=roll(appointment(), agreement=newer))
    assert verify(decision(), roll=roll(appointment(party_key=fresh), agreement=newer))


def test_a_renewed_appointment_counts_beside_the_one_that_ended() -> None:
    ended, renewed = appointment(until="2026-10-10"), appointment(**{"from": "2026-10-11"})
    assert verify(decision(), roll=roll(renewed, ended))


@given(bit=st.integers(0, 8 * 64 - 1))
def test_one_changed_bit_of_the_partys_signature_voids_an_appointment(bit: int) -> None:
    signature = bytearray(base64.b64decode(appointment().signature))
    signature[bit // 8] ^= 1 << bit % 8
    altered = appointment().model_copy(update={"signature": base64.b64encode(signature).decode()})
    with pytest.raises(DecisionRefused, match="rule 2:"):
        verify(decision(), roll=roll(altered))


# The statement -------------------------------------------------------------------------------------------------------


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
