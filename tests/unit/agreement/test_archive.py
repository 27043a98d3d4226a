"""Every version under which something was done is kept whole, and is one text for ever."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agreement.archive import Enacted, enact, find_version, versions
from agreement.errors import AgreementRefusal, ArchiveDamaged, VersionUnknown
from agreement.model import Agreement
from agreement.policy import read_agreement
from audit.verify import verify
from hub.database import engine, transaction
from hub.feeds import AUTHORITIES
from hub.settings import Settings
from tests.agreed import KEYS, keys_of, signed
from tests.stored_log import said

_REPLACE = "UPDATE hub.agreement_version SET {0} = convert_to(replace(convert_from({0}, 'UTF8'), :old, :new), 'UTF8')"
AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def agreed(signed_agreement: Path) -> Agreement:
    return read_agreement(signed_agreement)


def changed(agreement: Agreement, **terms: Any) -> Agreement:
    """The agreement with some of its terms changed, signed by all."""
    stated = agreement.model_dump(by_alias=True, exclude_unset=True, exclude={"signatures"})
    return signed(Agreement.model_validate(stated | terms))


def act(settings: Settings, agreement: Agreement, at: datetime = AT) -> None:
    """Do something under an agreement."""
    with transaction(settings) as connection:
        enact(connection, agreement, "service:test", "0" * 40, at)


def archived(settings: Settings) -> list[Enacted]:
    with transaction(settings) as connection:
        return versions(connection)


def logged(settings: Settings) -> list[str]:
    with transaction(settings) as connection:
        return [entry["action"] for entry in said(connection)]


def test_a_version_is_kept_whole_and_logged_once(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    act(settings, agreed, AT.replace(hour=10))
    (kept,) = archived(settings)
    assert (kept.hash, kept.version, kept.enacted_at) == (agreed.hash, agreed.version, AT)
    assert kept.text == agreed.canonical
    assert kept.signed_by == agreed.signed_by
    assert len(kept.signed_by) == 6
    assert logged(settings) == ["agreement:version:agreement"]


def test_another_text_under_the_same_version_is_refused(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    with pytest.raises(AgreementRefusal, match="new version") as refused:
        act(settings, changed(agreed, late_feed_wait_days=46))
    assert refused.value.clause == "Agreement, version"
    assert [kept.hash for kept in archived(settings)] == [agreed.hash]
    assert len(logged(settings)) == 1


def test_a_new_version_leaves_the_earlier_one_as_it_was(settings: Settings, agreed: Agreement) -> None:
    newer = changed(agreed, late_feed_wait_days=46, version="1.1")
    act(settings, agreed)
    act(settings, newer, AT.replace(day=6))
    assert [kept.version for kept in archived(settings)] == ["1.1", agreed.version]
    with transaction(settings) as connection:
        earlier = find_version(connection, agreed.hash[:12])
    assert earlier.terms["late_feed_wait_days"] == 45
    assert set(earlier.signed_by) == set(agreed.signed_by)


def test_terms_that_were_replaced_are_not_acted_under_again(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    act(settings, changed(agreed, version="1.1"), AT.replace(day=6))
    with pytest.raises(AgreementRefusal, match="replaced it since 2026-10-06") as refused:
        act(settings, agreed, AT.replace(day=7))
    assert refused.value.clause == "Agreement, version"
    act(settings, changed(agreed, version="1.2"), AT.replace(day=8))
    assert [kept.version for kept in archived(settings)] == ["1.2", "1.1", agreed.version]


@pytest.mark.parametrize(
    ("strangers", "follows"),
    [((), True), (("fire",), True), (("fire", "yot"), False), (tuple(AUTHORITIES), False)],
    ids=["all keys known", "one party brings a new key", "two at once", "a text of someone's own"],
)
def test_what_follows_is_signed_by_those_who_were_there(
    settings: Settings, agreed: Agreement, monkeypatch: pytest.MonkeyPatch, strangers: tuple[str, ...], follows: bool
) -> None:
    act(settings, agreed)
    for authority in strangers:
        monkeypatch.setitem(KEYS, authority, Ed25519PrivateKey.generate())
    parties = [
        party.model_dump(exclude_unset=True) | keys_of(party.authority) if party.authority in strangers else party
        for party in agreed.parties
    ]
    newer = changed(agreed, version="1.1", parties=parties)
    assert len(newer.signed_by) == 6  # by the keys that it states itself
    if follows:
        act(settings, newer, AT.replace(day=6))
    else:
        with pytest.raises(AgreementRefusal, match="of the 6 parties to version") as refused:
            act(settings, newer, AT.replace(day=6))
        assert refused.value.clause == "Agreement, parties"
    assert len(archived(settings)) == 1 + follows


@pytest.mark.parametrize("id_", ["same", "other"])
def test_another_name_is_no_way_round(
    settings: Settings, agreed: Agreement, monkeypatch: pytest.MonkeyPatch, id_: str
) -> None:
    act(settings, agreed)
    for authority in AUTHORITIES:
        monkeypatch.setitem(KEYS, authority, Ed25519PrivateKey.generate())
    parties = [party.model_dump(exclude_unset=True) | keys_of(party.authority) for party in agreed.parties]
    with pytest.raises(AgreementRefusal, match="0 of the 6 parties"):
        act(settings, changed(agreed, id=agreed.id if id_ == "same" else "another", version="9", parties=parties))


def test_a_party_may_leave(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    staying = [party for party in agreed.parties if party.authority != "fire"]
    act(settings, changed(agreed, version="1.1", parties=staying))
    assert [len(kept.signed_by) for kept in archived(settings)] == [5, 6]


def test_an_act_that_fails_leaves_no_version(settings: Settings, agreed: Agreement) -> None:
    def fail() -> None:
        with transaction(settings) as connection:
            enact(connection, agreed, "service:test", "0" * 40, AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert archived(settings) == []
    assert logged(settings) == []


def test_runs_at_the_same_moment_keep_it_once(settings: Settings, agreed: Agreement) -> None:
    runs = [Thread(target=act, args=(settings, agreed)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(archived(settings)) == 1
    assert logged(settings) == ["agreement:version:agreement"]
    with transaction(settings) as connection:
        assert verify(connection).size == 1


@pytest.mark.parametrize("start", ["ffff", "", "%"])
def test_a_hash_that_names_no_one_version_is_refused(settings: Settings, agreed: Agreement, start: str) -> None:
    act(settings, agreed)
    act(settings, changed(agreed, version="2"))
    with transaction(settings) as connection, pytest.raises(VersionUnknown):
        find_version(connection, start)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hub.agreement_version SET version = '9'",
        "DELETE FROM hub.agreement_version",
        "TRUNCATE hub.agreement_version",
    ],
)
def test_what_is_archived_stays(settings: Settings, agreed: Agreement, statement: str) -> None:
    act(settings, agreed)
    with pytest.raises(DBAPIError, match="only ever added"), engine(settings).begin() as connection:
        connection.execute(text(statement))
    assert len(archived(settings)) == 1


def test_a_text_that_was_changed_behind_the_hub_is_not_believed(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    with engine(settings).begin() as connection:
        connection.execute(text("ALTER TABLE hub.agreement_version DISABLE TRIGGER USER"))
        connection.execute(text(_REPLACE.format("text")), {"old": '"round_to":5', "new": '"round_to":1'})
    with pytest.raises(ArchiveDamaged):
        archived(settings)


def test_a_signature_that_was_changed_behind_the_hub_does_not_count(settings: Settings, agreed: Agreement) -> None:
    act(settings, agreed)
    with engine(settings).begin() as connection:
        connection.execute(text("ALTER TABLE hub.agreement_version DISABLE TRIGGER USER"))
        connection.execute(text(_REPLACE.format("signatures")), {"old": "2024-03-01", "new": "2024-03-02"})
    assert archived(settings)[0].signed_by == {}


def test_a_text_of_an_older_model_is_still_shown(settings: Settings, agreed: Agreement) -> None:
    """The model may have moved on since: what was signed is read as it stands."""
    act(settings, agreed)
    with engine(settings).begin() as connection:
        connection.execute(text("ALTER TABLE hub.agreement_version DISABLE TRIGGER USER"))
        old = b'{"id":"old","parties":[],"version":"0"}'
        changes = {"text": old, "hash": sha256(old).hexdigest()}
        connection.execute(text("UPDATE hub.agreement_version SET text = :text, hash = :hash"), changes)
    assert archived(settings)[0].terms["id"] == "old"
