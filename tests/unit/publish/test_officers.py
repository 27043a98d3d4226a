"""Officers: a party appoints them, the hub keeps the party's signed word, and only the public key of the officer."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agreement.errors import AgreementRefusal, SigningRefused
from agreement.policy import load_agreement
from agreement.signing import private_key
from hub.clock import now
from hub.database import transaction
from publish.appointing import appoint, dismiss, new_key
from publish.appointment import Appointment, Word
from publish.errors import OfficerRefused
from publish.officers import register, roll
from publish.roll import Roll
from tests.agreed import pem
from tests.unit.publish.small_hub import OFFICER, Hub

TODAY = now().date()
YEAR = timedelta(days=365)


def appointed(hub: Hub, officer: str = "second officer", public: bytes | None = None, **other: Any) -> Appointment:
    said = {"party": "council", "party_key": pem("council"), "from_on": TODAY, "until_on": TODAY + YEAR} | other
    return appoint(load_agreement(hub.settings), officer, public or new_key()[1], **said)


def known(hub: Hub) -> Roll:
    with transaction(hub.settings) as connection:
        return roll(connection, load_agreement(hub.settings))


def counting(hub: Hub, officer: str, on: date = TODAY) -> int:
    return len(known(hub).counting(officer, on))


def change(hub: Hub, statement: str) -> None:
    with transaction(hub.settings) as connection:
        assert connection.exec_driver_sql(statement).rowcount == 1


def self_signed(hub: Hub, public: bytes, officer: str = "engineer") -> Word:
    """An appointment in the council's name that an engineer signed with a key of his own."""
    private, _ = new_key()
    honest = appointed(hub, officer, public)
    return honest.signed(private_key(private))


def test_an_appointment_is_registered_once_and_logged(empty_hub: Hub) -> None:
    word = appointed(empty_hub)
    for _ in range(2):
        assert register(empty_hub.settings, word.document()) == word
    assert [counting(empty_hub, officer) for officer in (OFFICER, "second officer")] == [1, 1]
    assert empty_hub.logged("publish:officer:key") == 2
    assert empty_hub.unsigned() == 0


def test_an_engineer_cannot_appoint_himself(empty_hub: Hub) -> None:
    private, public = new_key()
    with pytest.raises(OfficerRefused, match="not by the key that the agreement states for council"):
        appointed(empty_hub, "engineer", public, party_key=private)
    with pytest.raises(OfficerRefused, match="not by the key that the agreement states for council"):
        register(empty_hub.settings, self_signed(empty_hub, public).document())
    with pytest.raises(OfficerRefused, match="does not let yot appoint"):
        appointed(empty_hub, "engineer", public, party="yot", party_key=pem("yot"))
    assert counting(empty_hub, "engineer") == 0
    assert empty_hub.logged("publish:officer:key") == 1
    assert empty_hub.logged("publish:officer:refusal") == 1  # the other two were never brought to the hub


def test_a_row_put_into_the_table_by_hand_makes_nobody_an_officer(empty_hub: Hub) -> None:
    _, public = new_key()
    for word in (self_signed(empty_hub, public), appointed(empty_hub, "unlogged", public)):
        document = word.document().decode()
        change(empty_hub, f"INSERT INTO hub.officer VALUES ('{word.digest}', '{document}', now())")
    assert counting(empty_hub, "engineer") == 0
    assert counting(empty_hub, "unlogged") == 0


@pytest.mark.parametrize("altered", ["'{}'", "replace(document, 'ig officer', 'other')", "document || ' x'"])
def test_an_altered_row_stops_counting(empty_hub: Hub, altered: str) -> None:
    change(empty_hub, f"UPDATE hub.officer SET document = {altered}")
    assert counting(empty_hub, OFFICER) == counting(empty_hub, "other") == 0


def test_a_dismissed_officer_counts_no_more_even_if_the_row_is_taken_out(empty_hub: Hub) -> None:
    _, public = new_key()
    word = appointed(empty_hub, public=public)
    register(empty_hub.settings, word.document())
    council = ("council", pem("council"), TODAY)
    ended = dismiss(load_agreement(empty_hub.settings), "second officer", public, *council)
    for _ in range(2):
        register(empty_hub.settings, ended.document())
    assert counting(empty_hub, "second officer") == 0
    assert empty_hub.logged("publish:dismissal:key") == 1

    change(empty_hub, f"DELETE FROM hub.officer WHERE digest = '{ended.digest}'")
    assert counting(empty_hub, "second officer") == 0
    with pytest.raises(OfficerRefused, match="has been dismissed"):
        register(empty_hub.settings, appointed(empty_hub, public=public, until_on=TODAY).document())
    register(empty_hub.settings, appointed(empty_hub).document())  # anew, with a new key
    assert counting(empty_hub, "second officer") == 1


def test_an_engineer_cannot_dismiss_an_officer(empty_hub: Hub) -> None:
    private, public = new_key()
    with pytest.raises(OfficerRefused, match="not by the key"):
        dismiss(load_agreement(empty_hub.settings), OFFICER, public, "council", private, TODAY)


def test_a_name_does_not_change_hands_until_its_holder_is_dismissed(empty_hub: Hub) -> None:
    with pytest.raises(OfficerRefused, match="stands for another key"):
        register(empty_hub.settings, appointed(empty_hub, OFFICER).document())


def test_an_appointment_that_has_ended_is_not_registered(empty_hub: Hub) -> None:
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(OfficerRefused, match="it ended on"):
        register(empty_hub.settings, appointed(empty_hub, from_on=yesterday, until_on=yesterday).document())
    with pytest.raises(OfficerRefused, match="no appointment and no dismissal"):
        appointed(empty_hub, until_on=yesterday)  # it ends before it begins


def test_under_an_agreement_that_is_not_in_force_nobody_is_appointed(empty_hub: Hub) -> None:
    word = appointed(empty_hub)
    empty_hub.agree(but=["health"])
    with pytest.raises(AgreementRefusal, match="health"):
        register(empty_hub.settings, word.document())
    assert empty_hub.logged("agreement:act:refusal") == 1


@pytest.mark.parametrize("document", [b"", b"{}", b"[1]", b'{"type": "hub/appointment/1"}', b"\xff\xfe", b"null"])
def test_what_is_no_appointment_is_refused_and_logged(empty_hub: Hub, document: bytes) -> None:
    with pytest.raises(OfficerRefused, match="no appointment and no dismissal"):
        register(empty_hub.settings, document)
    assert empty_hub.logged("publish:officer:refusal") == 1


def test_no_private_key_is_anywhere_in_the_home_or_the_database(empty_hub: Hub) -> None:
    raw = private_key(empty_hub.officer_key).private_bytes_raw()
    for path in Path(empty_hub.settings.home).rglob("*"):
        assert not path.is_file() or raw not in path.read_bytes()
    assert all(raw.hex() not in row[0] for row in empty_hub.rows("SELECT document FROM hub.officer"))


def test_a_sealed_private_key_opens_with_its_passphrase_only() -> None:
    private, _ = new_key(b"a passphrase")
    assert private_key(private, b"a passphrase").sign(b"x")
    for wrong in (None, b"another"):
        with pytest.raises(SigningRefused, match="key cannot be used"):
            private_key(private, wrong)


def test_only_ed25519_keys_are_taken(empty_hub: Hub) -> None:
    other = X25519PrivateKey.generate().public_key()
    sealed = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for key in (sealed, b"no key at all", empty_hub.officer_key):
        with pytest.raises(OfficerRefused, match="public key cannot be read"):
            appointed(empty_hub, public=key)
