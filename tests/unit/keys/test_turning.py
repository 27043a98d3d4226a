"""A key is turned and retired; what a version still protects is kept."""

import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from audit.events import Action
from audit.log import checkpoint
from audit.verify import verify
from hub.database import transaction
from keys.changing import retire, rotate
from keys.errors import KeyInUse, KeyNotGranted, KeyNotHeld, KeyRetired
from keys.home import create_ring, log_signer, log_verifiers, open_ring
from keys.purposes import Purpose
from keys.services import Service
from tests.stored_log import said

AT_ONCE = timedelta(0)


@pytest.fixture
def ring(settings):
    return create_ring(settings)


def nothing(connection, ring, key_id):
    return ()


def something(connection, ring, key_id):
    return (f"3 things under {key_id}",)


def test_everything_new_uses_the_new_version_and_the_old_opens_what_it_sealed(settings, ring):
    before = ring.wrap(Purpose.STORAGE, b"k" * 32, "a")
    made = rotate(settings, ring, Purpose.STORAGE, nothing)
    assert made.id == "storage/2"
    for each in (ring, open_ring(settings, Service.INGEST)):
        assert each.wrap(Purpose.STORAGE, b"n" * 32, "b").key_id == "storage/2"
        assert each.unwrap(Purpose.STORAGE, before, "a") == b"k" * 32
    with transaction(settings) as connection:
        (entry,) = said(connection, action=Action.ROTATE_KEY)
    assert entry["detail"] == {"key": "storage/2"}


def test_a_retired_version_opens_nothing_and_says_so(settings, ring):
    wrapped = ring.wrap(Purpose.STORAGE, b"k" * 32, "a")
    rotate(settings, ring, Purpose.STORAGE, nothing)
    retire(settings, ring, "storage/1", nothing, AT_ONCE)
    for each in (ring, open_ring(settings, Service.INGEST)):
        with pytest.raises(KeyRetired, match=r"storage/1: it was retired on 20\d\d-\d\d-\d\d and"):
            each.unwrap(Purpose.STORAGE, wrapped, "a")
    assert ring.held()["storage/1"].retired_at is not None
    with transaction(settings) as connection:
        assert [entry["detail"] for entry in said(connection, action=Action.RETIRE_KEY)] == [{"key": "storage/1"}]


def test_its_number_is_never_given_again(settings, ring):
    for _ in range(2):
        rotate(settings, ring, Purpose.STORAGE, nothing)
    retire(settings, ring, "storage/1", nothing, AT_ONCE)
    retire(settings, ring, "storage/2", nothing, AT_ONCE)
    assert rotate(settings, ring, Purpose.STORAGE, nothing).id == "storage/4"


def test_what_a_version_protects_keeps_it(settings, ring):
    rotate(settings, ring, Purpose.STORAGE, nothing)
    with pytest.raises(KeyInUse, match="it protects 3 things under storage/1"):
        retire(settings, ring, "storage/1", something, AT_ONCE)
    assert ring.held()["storage/1"].retired_at is None


def test_the_newest_version_is_not_retired(settings, ring):
    with pytest.raises(KeyInUse, match="hub keys rotate storage"):
        retire(settings, ring, "storage/1", nothing, AT_ONCE)


def test_what_runs_may_end_before_a_version_is_retired(settings, ring):
    rotate(settings, ring, Purpose.STORAGE, nothing)
    with pytest.raises(KeyInUse, match="24 hours"):
        retire(settings, ring, "storage/1", nothing)


def test_a_key_whose_versions_do_not_link_is_not_turned_under_what_is_kept(settings, ring):
    for purpose, fix in (
        (Purpose.SOURCE, "--key source"),
        (Purpose.HUB, "--key hub"),
        (Purpose.EVENT, "Erase it first"),
    ):
        with pytest.raises(KeyInUse, match=f"no record of two versions .*{fix}"):
            rotate(settings, ring, purpose, something)
    for purpose in (Purpose.SOURCE, Purpose.EVENT):
        assert rotate(settings, ring, purpose, nothing).version == 2


def test_versions_of_keys_that_lie_on_each_other_are_numbered_together(settings, ring):
    made = [rotate(settings, ring, each, nothing).id for each in (Purpose.SOURCE, Purpose.HUB, Purpose.SOURCE)]
    assert made == ["source/2", "hub/3", "source/4"]
    assert ring.step_ids() == ("hub/1", "source/2", "hub/3", "source/4")
    assert [key.version for key in ring.steps(after=2)] == [3, 4]


def test_a_step_of_a_source_key_is_not_the_key(settings, ring):
    rotate(settings, ring, Purpose.SOURCE, nothing)
    linking = open_ring(settings, Service.LINK)
    step, whole = linking.steps()[-1], ring.key(Purpose.SOURCE)
    assert (step.id, step.material == whole.material) == ("source/2", False)
    as_the_page_says = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"step/1").derive(whole.material)
    assert step.material == as_the_page_says  # docs/token-scheme-1.md, section 11
    with pytest.raises(KeyNotGranted):
        linking.key(Purpose.SOURCE)


def test_a_version_that_was_turned_over_a_gap_of_numbers_is_not_retired_at_once(settings, ring):
    for purpose in (Purpose.HUB, Purpose.SOURCE):
        rotate(settings, ring, purpose, nothing)
    with pytest.raises(KeyInUse, match="24 hours"):
        retire(settings, ring, "source/1", nothing)


def test_unknown_keys(settings, ring):
    with pytest.raises(KeyNotHeld):
        rotate(settings, ring, Purpose.RECIPIENT, nothing, "nobody")
    for key_id in ("storage/9", "recipient/nobody/1"):
        with pytest.raises(KeyNotHeld):
            retire(settings, ring, key_id, nothing, AT_ONCE)
    with transaction(settings) as connection:
        assert said(connection, action=Action.RETIRE_KEY) == []


def test_a_kill_between_the_ring_and_the_log_is_told_by_the_next_run(settings, ring, monkeypatch):
    rotate(settings, ring, Purpose.STORAGE, nothing)
    with monkeypatch.context() as patched:
        patched.setattr("keys.changing.append", lambda *_: sys.exit(1))
        with pytest.raises(SystemExit):
            retire(settings, ring, "storage/1", nothing, AT_ONCE)
    for _ in range(2):
        retire(settings, open_ring(settings, Service.CUSTODIAN), "storage/1", nothing, AT_ONCE)
    with transaction(settings) as connection:
        assert len(said(connection, action=Action.RETIRE_KEY)) == 1


def test_the_log_verifies_with_every_version_of_its_key(settings, ring):
    rotate(settings, ring, Purpose.STORAGE, nothing)
    rotate(settings, ring, Purpose.AUDIT, nothing)
    with transaction(settings) as connection:
        checkpoint(connection, log_signer(settings, ring))
        found = verify(connection, *log_verifiers(settings, ring))
        alone = verify(connection, log_verifiers(settings, ring)[0])
    assert found.verified
    assert not alone.verified
