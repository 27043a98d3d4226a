"""Who lets stored tokens be re-keyed: officers of two authorities, on this very rotation, now."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agreement.model import Agreement
from agreement.policy import read_agreement
from agreement.signing import private_key
from hub.clock import now
from publish.appointing import appoint, new_key
from publish.appointment import Appointment
from publish.roll import Roll
from rotation.errors import WordRefused
from rotation.word import Rotation, SignedWord, require_two, sign, stated
from tests.agreed import pem

AT = now()
ROTATION = Rotation(from_version=1, to_version=2, reason="A year has passed", asked_by="user:keeper", asked_at=AT)
PARTY = {"Ann Officer": "council", "Bob Officer": "police", "Cy Officer": "council"}
PEMS = {officer: new_key() for officer in PARTY}


@pytest.fixture(scope="module")
def agreement(signed_agreement) -> Agreement:
    return read_agreement(signed_agreement)


@pytest.fixture(scope="module")
def roll(agreement: Agreement) -> Roll:
    year = timedelta(days=365)
    days: tuple[date, date] = (AT.date() - year, AT.date() + year)
    words = tuple(appoint(agreement, who, PEMS[who][1], PARTY[who], pem(PARTY[who]), *days) for who in PARTY)
    assert all(isinstance(word, Appointment) for word in words)
    return Roll(agreement, words, registered=frozenset(word.digest for word in words), dismissed=frozenset())


def key(officer: str) -> Ed25519PrivateKey:
    return private_key(PEMS[officer][0])


@pytest.fixture
def word(agreement: Agreement) -> Callable[..., SignedWord]:
    def said(officer: str, signer: str | None = None, **changed: object) -> SignedWord:
        about = {
            "rotation": ROTATION.digest, "agreement_hash": agreement.hash, "officer": officer, "verdict": "approve",
            "reason": "Due", "said_at": AT, "expires_at": AT + timedelta(days=14),
        }  # fmt: skip
        return sign(stated(**about | changed), key(signer or officer))

    return said


def counted(words, roll, logged=None, at=AT):
    known = {signed.word.digest for signed in words} if logged is None else logged
    return require_two(words, ROTATION.digest, roll.agreement.hash, roll=roll, logged=known, now=at)


def test_two_officers_of_two_authorities_let_it_go_on(word, roll):
    assert counted([word("Ann Officer"), word("Bob Officer")], roll) == ("council", "police")


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        pytest.param("Cy Officer", {}, id="the same authority twice"),
        pytest.param("Bob Officer", {"signer": "Ann Officer"}, id="signed by another"),
        pytest.param("Bob Officer", {"rotation": "0" * 64}, id="of another rotation"),
        pytest.param("Bob Officer", {"agreement_hash": "0" * 64}, id="under another agreement"),
        pytest.param("Bob Officer", {"expires_at": AT}, id="expired"),
        pytest.param("Bob Officer", {"said_at": AT + timedelta(hours=1)}, id="dated ahead"),
        pytest.param("Di Nobody", {"signer": "Bob Officer"}, id="nobody appointed"),
    ],
)
def test_any_other_second_word_is_none(word, roll, who, changed):
    with pytest.raises(WordRefused, match="two different authorities must approve it, and words of council count"):
        counted([word("Ann Officer"), word(who, **changed)], roll)


def test_a_word_that_the_log_does_not_know_counts_for_nothing(word, roll):
    first, second = word("Ann Officer"), word("Bob Officer")
    with pytest.raises(WordRefused, match="words of council count now"):
        counted([first, second], roll, {first.word.digest})


def test_one_refusal_stops_it_until_that_officer_thinks_better(word, roll):
    words = [word("Ann Officer"), word("Bob Officer"), word("Cy Officer", verdict="refuse")]
    with pytest.raises(WordRefused, match="an officer refuses"):
        counted(words, roll)
    later = AT + timedelta(minutes=1)
    assert counted([*words, word("Cy Officer", said_at=later)], roll, at=later) == ("council", "police")


def test_a_changed_word_counts_for_nothing(word, roll):
    signed = word("Bob Officer")
    forged = SignedWord(signed.word.model_copy(update={"reason": "Other"}), signed.signature)
    with pytest.raises(WordRefused, match="words of council count now"):
        counted([word("Ann Officer"), forged], roll)


@pytest.mark.parametrize("reason", ["", "two\nlines", "x" * 301])
def test_a_reason_is_one_line(word, reason):
    with pytest.raises(WordRefused, match="in reason"):
        word("Ann Officer", reason=reason)
