"""Making a home finishes whatever an earlier attempt did not."""

import pytest
from pydantic import SecretStr

from agreement.policy import load_agreement
from audit.checkpoint import Verifier
from audit.events import Action
from audit.log import size
from audit.verify import verify
from cli.running import prepare
from hub.database import transaction
from hub.settings import Settings
from keys.errors import KeyRingLocked
from keys.home import create_ring, log_signer, open_ring, ring_path
from keys.purposes import Purpose
from keys.services import Service
from tests.stored_log import said


def key_entries(settings):
    with transaction(settings) as connection:
        return said(connection, action=Action.CREATE_KEY)


def test_a_new_home_has_every_recipients_key_and_says_so(settings):
    prepare(settings)
    recipients = load_agreement(settings).recipients
    ring = open_ring(settings, Service.CUSTODIAN)
    assert recipients
    assert all(ring.has(Purpose.RECIPIENT, name) for name in recipients)
    (entry,) = key_entries(settings)
    assert entry["detail"] == {name.replace("/", "_"): version for name, version in ring.versions().items()}


def test_twice_is_as_once(settings):
    prepare(settings)
    before = ring_path(settings).read_bytes()
    prepare(settings)
    assert ring_path(settings).read_bytes() == before
    assert len(key_entries(settings)) == 1


def test_killed_once_the_ring_was_made(settings):
    create_ring(settings)
    prepare(settings)
    ring = open_ring(settings, Service.CUSTODIAN)
    assert all(ring.has(Purpose.RECIPIENT, name) for name in load_agreement(settings).recipients)
    assert len(key_entries(settings)) == 1
    with transaction(settings) as connection:
        found = verify(connection, Verifier.of(log_signer(settings, ring)))
    assert (found.verified, found.unsigned) == (True, 0)


def test_a_key_made_since_is_logged_too(settings):
    prepare(settings)
    open_ring(settings, Service.CUSTODIAN).create(Purpose.RECIPIENT, "late")
    prepare(settings)
    assert [("recipient_late" in entry["detail"]) for entry in key_entries(settings)] == [False, True]


def test_keys_of_another_home(settings, tmp_path):
    words = {"keyring_passphrase": SecretStr("the hub's"), "source_keyring_passphrase": SecretStr("the source's")}
    other = Settings(home=tmp_path / "other", **words)
    create_ring(other)
    with pytest.raises(KeyRingLocked):
        prepare(settings.model_copy(update=words | {"keyring_passphrase": SecretStr("another")}), ring_path(other))
    own = settings.model_copy(update=words)
    prepare(own, ring_path(other))
    ring, theirs = open_ring(own, Service.CUSTODIAN), open_ring(other, Service.CUSTODIAN)
    for purpose in (Purpose.HUB, Purpose.SOURCE):
        assert ring.key(purpose) == theirs.key(purpose)
    with transaction(own) as connection:
        assert size(connection) == 1
