"""Whoever is in a release can be told so; nobody else is; and the log names nobody."""

import json

import pytest

from audit.subjects import seen
from audit.verify import verify
from hub.database import transaction
from keys.purposes import Purpose
from publish.disclosed_persons import own_ids
from publish.errors import PublicationRefused
from publish.publication import publish
from tests.stored_log import all_contents
from tests.unit.publish.small_hub import PERSONS, an_id


def persons(hub) -> dict[str, str]:
    """The hub's own id of each made-up person."""
    rows = dict(hub.rows("SELECT record_id, person_id FROM hub.membership"))
    return {name: rows[an_id(records[0][0], int(records[0][1:]))] for name, records in PERSONS.items()}


def published(hub) -> str:
    release = hub.build().release
    hub.decide(release)
    publish(hub.settings, hub.ring, release)
    return release


def seen_by(hub, person: str) -> list[tuple[str, str, str]]:
    with transaction(hub.settings) as connection:
        acts = [act.said for act in seen(connection, person)]
    return [(said["release"], said["recipient"], said["table"]) for said in acts]


def test_every_person_of_a_release_is_told_of_it(hub):
    release = published(hub)
    for person in persons(hub).values():
        assert seen_by(hub, person) == [(release, "partnership_analysts", "person")]


def test_nobody_else_is(hub):
    published(hub)
    assert seen_by(hub, "f" * 32) == []


def test_nobody_is_told_of_a_candidate(hub):
    hub.build()
    assert [seen_by(hub, person) for person in persons(hub).values()] == [[], [], []]


def test_the_entry_says_how_many_and_the_log_names_none_of_them(hub):
    published(hub)
    ids = set(persons(hub).values())
    with transaction(hub.settings) as connection:
        entries = all_contents(connection)
        released = set(own_ids(connection, hub.ring, "partnership_analysts")["person_id"])
        assert not [problem for problem in verify(connection).problems if problem.startswith("Whose data")]
    stated = [json.loads(entry)["detail"]["persons"] for entry in entries if b"persons_root" in entry]
    assert stated == [3]
    assert not any(person.encode() in entry for person in ids | released for entry in entries)


def test_a_release_published_once_is_told_once(hub):
    release = published(hub)
    publish(hub.settings, hub.ring, release)
    assert [len(seen_by(hub, person)) for person in persons(hub).values()] == [1, 1, 1]


def test_a_release_with_a_person_whom_the_register_does_not_know_is_not_published(hub):
    release = hub.build().release
    hub.decide(release)
    missing = persons(hub)["man"]
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql("DELETE FROM hub.person WHERE person_id = %s", (missing,))
    with pytest.raises(PublicationRefused, match="1 of 3 persons") as refusal:
        publish(hub.settings, hub.ring, release)
    assert missing not in str(refusal.value)
    assert hub.rows("SELECT state FROM hub.release") == [("candidate",)]
    assert hub.rows("SELECT count(*) FROM hub.audit_disclosed") == [(0,)]


def test_recipients_ids_are_found_again_by_their_own_key_alone(hub):
    for name in ("partnership_analysts", "other"):
        hub.ring.create(Purpose.RECIPIENT, name)
    with transaction(hub.settings) as connection:
        mine, other = (own_ids(connection, hub.ring, name) for name in ("partnership_analysts", "other"))
    assert set(mine["own_id"]) == set(other["own_id"]) == set(persons(hub).values())
    assert not set(mine["person_id"]) & set(other["person_id"])
