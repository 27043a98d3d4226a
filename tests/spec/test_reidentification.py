"""What makes a request for re-identification count, rule by rule: who asks, who approves, and when."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agreement.model import Agreement
from agreement.policy import read_agreement
from hub.settings import PROJECT
from publish.appointment import Appointment, stated
from publish.roll import Roll
from reidentify import statements
from reidentify.errors import FulfilmentRefused, RequestRefused, WordRefused
from reidentify.proving import Standing, require_within_limit, verify_approvals, verify_request, verify_word
from reidentify.statements import Request, Signed, Word, sign
from reidentify.target import HUB, Target
from tests.agreed import KEYS, keys_of, signed

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOMEBODY, SOMEBODY_ELSE = (Target("person", HUB, letter * 32, letter.encode() * 32) for letter in "ab")


def agreed(**changed: object) -> Agreement:
    terms = read_agreement(PROJECT / "config" / "agreement.yaml").model_dump(by_alias=True, exclude_unset=True)
    terms["parties"] = [party | keys_of(party["authority"]) for party in terms["parties"]]
    return signed(Agreement.model_validate(terms | {"signatures": ()} | changed))


AGREED = agreed()
# who       key  appointed by
PEOPLE = {
    "asker": (1, ["council"]),
    "council officer": (2, ["council"]),
    "police officer": (3, ["police"]),
    "health officer": (4, ["health"]),
    "second council officer": (5, ["council"]),
    "council officer again": (2, ["police"]),  # one key under two names
    "asker again": (1, ["police"]),
    "officer of two": (6, ["council", "police"]),
}
OWN = {name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for name, (n, _) in PEOPLE.items()}
OWN["engineer"] = OWN["stranger"] = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)


def appointment(officer: str, party: str, by: Ed25519PrivateKey | None = None, **days: str) -> Appointment:
    key = base64.b64encode(OWN[officer].public_key().public_bytes_raw()).decode()
    words = {"from": "2026-10-01", "until": "2026-10-31", "public_key": key} | days
    return stated(Appointment, AGREED, officer=officer, party=party, **words).signed(by or KEYS[party])


APPOINTED = (
    *(appointment(name, party) for name, (_, parties) in PEOPLE.items() for party in parties),
    appointment("engineer", "council", by=OWN["engineer"]),  # he signed it himself
)
ROLL = Roll(AGREED, APPOINTED, frozenset(each.digest for each in APPOINTED), frozenset())
NOW = Standing(AGREED, ROLL, NOON)


def request(by: str = "asker", key: str | None = None, target: Target = SOMEBODY, **changed: object) -> Signed[Request]:
    said = {
        "agreement_hash": AGREED.hash,
        "officer": by,
        "reason": "A child may be at risk",
        "about": target.about,
        "target": target.commitment,
        "feeds": ("police.recorded_crime",),
        "purpose": "safeguarding",
        "clause": "Children Act 2004 s.11",
        "requested_at": NOON - DAY,
        "expires_at": NOON + DAY,
    }
    return sign(statements.request(**said | changed), OWN[key or by])


ASKED = request()


def word(by: str, key: str | None = None, on: Signed[Request] = ASKED, **changed: object) -> Signed[Word]:
    said = {
        "agreement_hash": AGREED.hash,
        "officer": by,
        "reason": "Necessary and proportionate",
        "request": on.statement.digest,
        "verdict": "approve",
        "said_at": NOON - HOUR,
    }
    return sign(statements.word(**said | changed), OWN[key or by])


def test_a_request_of_an_appointed_officer_counts() -> None:
    assert verify_request(ASKED, SOMEBODY, NOW)


CHANGED = Signed(request(reason="A child is at risk").statement, ASKED.signature)
OTHER = agreed(version="2")
# what was asked                                       -> the rule it breaks
REQUESTS: Sequence[tuple[str, Signed[Request], Target, int]] = (
    ("by somebody whom nobody appointed", request("stranger"), SOMEBODY, 1),
    ("by an engineer who signed his own appointment", request("engineer"), SOMEBODY, 1),
    ("in the officer's name with another key", request("asker", key="stranger"), SOMEBODY, 1),
    ("and changed after it was signed", CHANGED, SOMEBODY, 1),
    ("with a signature of the wrong length", Signed(ASKED.statement, b"short"), SOMEBODY, 1),
    ("before the officer was appointed", request(requested_at=NOON - 30 * DAY), SOMEBODY, 1),
    ("under another agreement", request(agreement_hash=OTHER.hash), SOMEBODY, 2),
    ("and expired", request(expires_at=NOON), SOMEBODY, 3),
    ("ahead of now", request(requested_at=NOON + HOUR), SOMEBODY, 3),
    ("for longer than the agreement says", request(expires_at=NOON + 7 * DAY), SOMEBODY, 3),
    ("about one, and another put in his place", ASKED, SOMEBODY_ELSE, 4),
    ("about a person, and an event put in the place", ASKED, replace(SOMEBODY, about="event"), 4),
    ("about one id, and the salt is another", ASKED, replace(SOMEBODY, salt=b"c" * 32), 4),
)


@pytest.mark.parametrize(("asked", "target", "rule"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_a_request_does_not_count(asked: Signed[Request], target: Target, rule: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        verify_request(asked, target, NOW)
    assert refused.value.why.startswith(f"rule {rule}:")


TURNED = Signed(word("police officer").statement, word("police officer", verdict="refuse").signature)
# a word                                                -> the rule it breaks
WORDS: Sequence[tuple[str, Signed[Word], int]] = (
    ("on another request", word("police officer", on=request(reason="Another")), 1),
    ("by somebody whom nobody appointed", word("stranger"), 2),
    ("by an engineer who signed his own appointment", word("engineer"), 2),
    ("in an officer's name with the engineer's key", word("police officer", key="engineer"), 2),
    ("to refuse, then turned", TURNED, 2),
    ("under another agreement", word("police officer", agreement_hash=OTHER.hash), 3),
    ("ahead of now", word("police officer", said_at=NOON + HOUR), 4),
    ("before the request was made", word("police officer", said_at=NOON - 2 * DAY), 4),
    ("by who asks", word("asker"), 5),
    ("by who asks, under another name", word("asker again"), 5),
)  # fmt: skip


@pytest.mark.parametrize(("given", "rule"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_a_word_does_not_count(given: Signed[Word], rule: int) -> None:
    with pytest.raises(WordRefused) as refused:
        verify_word(given, ASKED, NOW)
    assert refused.value.why.startswith(f"rule {rule}:")


# who approved                                  -> whether it is approved
APPROVALS = (
    ("police officer, health officer", True),
    ("council officer, police officer", True),
    ("council officer, police officer, health officer", True),
    ("officer of two, council officer", True),
    ("", False),
    ("police officer", False),
    ("council officer, second council officer", False),  # one authority
    ("police officer, police officer", False),  # one officer
    ("council officer, council officer again", False),  # one key
    ("officer of two", False),  # one officer, whom two appointed
)


@pytest.mark.parametrize(("who", "approved"), APPROVALS, ids=[who or "nobody" for who, _ in APPROVALS])
def test_two_officers_of_two_authorities_approve(who: str, approved: bool) -> None:
    words = [word(name) for name in who.split(", ") if name]
    if approved:
        verify_approvals(words, ASKED, NOW)
        return
    with pytest.raises(FulfilmentRefused, match="of 2 officers of different authorities"):
        verify_approvals(words, ASKED, NOW)


def test_one_refusal_is_enough() -> None:
    words = [word("police officer"), word("health officer"), word("council officer", verdict="refuse")]
    with pytest.raises(FulfilmentRefused, match="an officer refused it"):
        verify_approvals(words, ASKED, NOW)


def test_an_officer_dismissed_since_has_approved_nothing() -> None:
    gone = next(each.public_key for each in APPOINTED if each.officer == "police officer")
    standing = replace(NOW, roll=replace(ROLL, dismissed=frozenset({gone})))
    with pytest.raises(WordRefused, match="rule 2"):
        verify_approvals([word("police officer"), word("health officer")], ASKED, standing)


# when the officer asked before, in hours before now   -> whether he may ask again, where 3 a day are allowed
@pytest.mark.parametrize(("hours", "may"), [([], True), ([1, 2], True), ([1, 2, 3], False), ([1, 2, 24], True)])
def test_an_officer_asks_only_so_often_a_day(hours: list[int], may: bool) -> None:
    earlier = [NOON - hour * HOUR for hour in hours]
    if may:
        require_within_limit(earlier, ASKED.statement, NOW)
        return
    with pytest.raises(RequestRefused, match="no officer has more than 3 in 24 hours"):
        require_within_limit(earlier, ASKED.statement, NOW)


def test_without_terms_nobody_may_ask() -> None:
    silent = AGREED.model_copy(update={"reidentification": None})
    with pytest.raises(RequestRefused):
        require_within_limit([], ASKED.statement, replace(NOW, agreement=silent))


@pytest.mark.parametrize("given", ["", "a" * 31, "A" * 32, "Xanthippe Ó Súilleabháin", "943 476 5919"])
def test_what_is_no_id_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        Target.new("person", HUB, given)
    assert not given or given not in str(refused.value)


def test_statements_and_targets_show_no_id() -> None:
    shown = f"{SOMEBODY!r} {ASKED.statement!r} {ASKED.document()}"
    assert SOMEBODY.id not in shown
    assert SOMEBODY.salt.hex() not in shown
