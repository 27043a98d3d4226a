"""Every use of a key is in the log: once for each act, in the act's own transaction."""

import contextlib

import pytest

from audit.events import Action, Entry
from audit.log import append, checkpoint, size
from audit.verify import verify
from hub.database import transaction
from keys.home import create_ring, log_signer, log_verifiers, open_ring, tell
from keys.purposes import Purpose
from keys.services import Service
from tests.stored_log import said


@pytest.fixture
def ring(settings):
    create_ring(settings)
    return open_ring(settings, Service.INGEST)


def uses(settings):
    with transaction(settings) as connection:
        return [
            tuple(entry["detail"][name] for name in ("key", "use", "service"))
            for entry in said(connection, action=Action.USE_KEY)
        ]


def act(settings, ring, connection):
    append(connection, Entry(action=Action.CREATE_KEY, actor="service:test", code_commit="0" * 40))
    checkpoint(connection, log_signer(settings, ring))


def test_each_key_that_an_act_opens_is_told_once(settings, ring):
    with transaction(settings) as connection:
        wrapped = [ring.wrap(Purpose.STORAGE, bytes(32), str(row)) for row in range(3)]
        for row, each in enumerate(wrapped):
            ring.unwrap(Purpose.STORAGE, each, str(row))
            ring.derive(Purpose.HUB, f"token/{row}")
        act(settings, ring, connection)
    assert uses(settings) == [
        ("storage/1", "seal", "ingest"),
        ("storage/1", "open", "ingest"),
        ("hub/1", "derive", "ingest"),
    ]
    with transaction(settings) as connection:
        found = verify(connection, *log_verifiers(settings, ring))
        (first, *_) = said(connection, action=Action.USE_KEY)
    assert (found.verified, found.unsigned) == (True, 0)
    assert len(first["detail"]["grants"]) == 64
    assert (first["actor"], first["code_commit"]) == (settings.actor, settings.code_commit)


def test_the_next_act_of_the_same_ring_tells_its_own_uses(settings, ring):
    for _ in range(2):
        with transaction(settings) as connection:
            ring.key(Purpose.HUB)
            act(settings, ring, connection)
    assert uses(settings) == [("hub/1", "derive", "ingest")] * 2


def test_an_act_that_does_not_hold_tells_nothing_until_one_does(settings, ring):
    with contextlib.suppress(RuntimeError), transaction(settings) as connection:
        ring.key(Purpose.HUB)
        act(settings, ring, connection)
        raise RuntimeError
    assert uses(settings) == []
    with transaction(settings) as connection:
        act(settings, ring, connection)
    assert uses(settings) == [("hub/1", "derive", "ingest")]


def test_a_ring_that_was_handed_down_tells_with_its_custodians(settings, ring):
    custodian = open_ring(settings, Service.CUSTODIAN)
    custodian.serving(Service.LINK).derive(Purpose.EVENT, "person/1")
    tell(settings, custodian)
    assert uses(settings) == [("event/1", "derive", "link")]


def test_who_only_signs_adds_no_entry(settings, ring):
    with transaction(settings) as connection:
        act(settings, ring, connection)
    with transaction(settings) as connection:
        checkpoint(connection, log_signer(settings, ring))
        assert size(connection) == 1
