"""The ring gives each purpose its own keys, and its keys never show."""

import base64
import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from audit.checkpoint import Signer
from hub.settings import Settings
from keys import passphrase
from keys.bringing import import_ring
from keys.errors import (
    KeyNotHeld,
    KeyRingExists,
    KeyRingExposed,
    KeyRingLocked,
    KeyRingMissing,
    WrapRefused,
)
from keys.home import create_ring, open_ring, ring_path, source_ring_path
from keys.key import Key
from keys.places import hub_ring, source_ring
from keys.purposes import Purpose
from keys.ring import WrappedKey
from keys.services import Service

SHIPPED_WORK = passphrase.WORK  # before any fixture makes it little


@pytest.fixture
def home(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def ring(home):
    return create_ring(home)


def flip(raw, place):
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_a_ring_opens_again_with_the_same_keys(home, ring):
    again = open_ring(home, Service.CUSTODIAN)
    assert again.versions() == ring.versions()
    for purpose in (Purpose.SOURCE, Purpose.HUB, Purpose.EVENT, Purpose.REFERENCE):
        assert again.key(purpose) == ring.key(purpose)
    for purpose in (Purpose.AUDIT, Purpose.AGREEMENT):
        assert again.public(purpose) == ring.public(purpose)
    assert again.unwrap(Purpose.STORAGE, ring.wrap(Purpose.STORAGE, b"k" * 32, "x"), "x") == b"k" * 32


def test_all_keys_are_different(home, ring):
    materials = {
        provider.open(key_id).get_secret_value()
        for provider in (hub_ring(home), source_ring(home))
        for key_id in provider.held()
    }
    assert len(materials) == 7
    assert {len(material) for material in materials} == {32}


def test_files_are_for_their_owner_only(home, ring):
    secrets = home.home / "secrets"
    for path in (ring_path(home), source_ring_path(home), *secrets.iterdir()):
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(list(secrets.iterdir())) == 2


def test_a_passphrase_is_stretched_at_full_work(tmp_path, monkeypatch):
    monkeypatch.setattr(passphrase, "WORK", SHIPPED_WORK)
    home = Settings(home=tmp_path / "home")
    create_ring(home)
    document = json.loads(ring_path(home).read_text())
    assert SHIPPED_WORK == 15
    assert {base64.b64decode(key["sealed"])[0] for key in document["keys"].values()} == {15}
    assert open_ring(home, Service.INGEST).key(Purpose.HUB).version == 1


def test_the_files_show_no_key(home, ring):
    content = ring_path(home).read_bytes() + source_ring_path(home).read_bytes()
    for purpose in (Purpose.SOURCE, Purpose.HUB):
        material = ring.key(purpose).material
        for form in (material, material.hex().encode(), base64.b64encode(material)):
            assert form not in content


def test_no_ring(home):
    with pytest.raises(KeyRingMissing, match="hub init"):
        open_ring(Settings(home=home.home, keyring_passphrase=SecretStr("x")), Service.CUSTODIAN)


def test_a_ring_is_never_written_over(home, ring):
    before = ring_path(home).read_bytes()
    with pytest.raises(KeyRingExists):
        create_ring(home)
    assert ring_path(home).read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o777])
def test_a_file_that_others_may_touch_is_refused(home, ring, mode):
    ring_path(home).chmod(mode)
    with pytest.raises(KeyRingExposed, match="chmod 600"):
        open_ring(home, Service.CUSTODIAN)


def test_another_passphrase_does_not_open_it(home, ring):
    with pytest.raises(KeyRingLocked) as refusal:
        open_ring(Settings(home=home.home, keyring_passphrase=SecretStr("guess-me-not")), Service.CUSTODIAN)
    assert "guess-me-not" not in str(refusal.value)


def altered(document, *path):
    """The document with the first letter of one text changed."""
    place = document
    for name in path[:-1]:
        place = place[name]
    text = place[path[-1]]
    place[path[-1]] = ("B" if text[0] == "A" else "A") + text[1:]
    return document


@pytest.mark.parametrize("path", [("mac_key",), ("mac",), ("keys", "hub/1", "sealed"), ("keys", "storage/1", "sealed")])
def test_an_altered_file_does_not_open(home, ring, path):
    ring_path(home).write_text(json.dumps(altered(json.loads(ring_path(home).read_text()), *path)))
    with pytest.raises(KeyRingLocked, match=r"changed by another hand|another one, or it was changed"):
        open_ring(home, Service.CUSTODIAN)


def taken_out(keys):
    del keys["hub/2"]


def put_in(keys):
    keys["hub/3"] = keys["hub/2"]


def set_back(keys):
    keys["hub/2"], keys["hub/1"] = keys["hub/1"], keys["hub/2"]


def made_earlier(keys):
    keys["hub/2"]["made_at"] = "2020-01-01T00:00:00+00:00"


def retired(keys):
    keys["hub/2"] |= {"sealed": None, "retired_at": "2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize("change", [taken_out, put_in, set_back, made_earlier, retired])
def test_who_can_write_the_file_cannot_change_which_keys_are_used(home, ring, change):
    ring.rotate(Purpose.HUB)
    document = json.loads(ring_path(home).read_text())
    change(document["keys"])
    ring_path(home).write_text(json.dumps(document))
    with pytest.raises(KeyRingLocked, match="changed by another hand"):
        open_ring(home, Service.CUSTODIAN)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"format": "other/1"}', b'{"format": "hub-keyring/2"}']
)
def test_a_file_of_another_form_does_not_open(home, ring, content):
    ring_path(home).write_bytes(content)
    with pytest.raises(KeyRingLocked, match="hub-keyring/2"):
        open_ring(home, Service.CUSTODIAN)


@pytest.mark.parametrize("length", [0, 1, 7, 400])
def test_a_file_with_a_seal_of_another_length_does_not_open(home, ring, length):
    document = json.loads(ring_path(home).read_text())
    document["mac_key"] = base64.b64encode(bytes(length)).decode()
    ring_path(home).write_text(json.dumps(document))
    with pytest.raises(KeyRingLocked):
        open_ring(home, Service.CUSTODIAN)


def test_a_passphrase_that_others_may_read_is_refused(home, ring):
    written = home.home / "secrets" / "keyring_passphrase"
    written.chmod(0o644)
    with pytest.raises(KeyRingExposed, match=r"passphrase is refused.*chmod 600") as refusal:
        open_ring(home, Service.CUSTODIAN)
    assert written.read_text().strip() not in str(refusal.value)


def test_a_ring_is_brought_into_another_home(home, ring, tmp_path):
    words = {name: home.secret(name) for name in ("keyring_passphrase", "source_keyring_passphrase")}
    other = Settings(home=tmp_path / "other", **words)
    brought = import_ring(other, ring_path(home))
    for purpose in (Purpose.HUB, Purpose.SOURCE):
        assert brought.key(purpose) == ring.key(purpose)
    with pytest.raises(KeyRingExists):
        import_ring(other, ring_path(home))


def test_recipients_get_keys_when_they_are_first_needed(home, ring):
    assert not ring.has(Purpose.RECIPIENT, "analysts")
    made = ring.create(Purpose.RECIPIENT, "analysts")
    other = ring.create(Purpose.RECIPIENT, "police")
    assert made.id == "recipient/analysts/1"
    assert made.material != other.material
    assert ring.create(Purpose.RECIPIENT, "analysts") == made
    assert open_ring(home, Service.CUSTODIAN).key(Purpose.RECIPIENT, name="analysts") == made


def test_two_processes_that_need_the_same_new_key_get_the_same(home, ring):
    rings = [open_ring(home, Service.CUSTODIAN) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda each: each.create(Purpose.RECIPIENT, "analysts").material, rings))
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    ("purpose", "version", "name"),
    [
        (Purpose.HUB, 2, ""),
        (Purpose.RECIPIENT, None, "nobody"),
        (Purpose.RECIPIENT, None, ""),
        (Purpose.HUB, None, "name"),
        (Purpose.RECIPIENT, None, "../../etc"),
    ],
)
def test_a_key_that_is_not_held(ring, purpose, version, name):
    with pytest.raises(KeyNotHeld):
        ring.key(purpose, version, name)


def test_a_key_never_shows_its_material():
    key = Key("hub/1", b"0123456789abcdef0123456789abcdef")
    for shown in (repr(key), str(key), f"{key}", f"{[key]}"):
        assert shown in ("Key(hub/1)", "[Key(hub/1)]")


def test_keys_and_rings_do_not_travel(ring):
    for secret in (ring, ring.key(Purpose.HUB)):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(secret)
        with pytest.raises(TypeError):
            copy.deepcopy(secret)


def test_derivation_is_hkdf_of_rfc_5869():
    """Test case 3 of the RFC with its own 22-byte key: no salt, no info."""
    derived = Key("hub/1", b"\x0b" * 22).derive("", 42)
    assert derived.hex() == ("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")


def test_each_use_has_its_own_derived_key(ring):
    made = {ring.derive(Purpose.HUB, info) for info in ("token/forename/1", "token/surname/1")}
    made.add(ring.derive(Purpose.SOURCE, "token/forename/1"))
    assert len(made) == 3
    assert len(ring.derive(Purpose.HUB, "x", length=64)) == 64


@given(data_key=st.binary(min_size=32, max_size=32), context=st.text(max_size=30))
def test_what_is_wrapped_unwraps(shared_ring, data_key, context):
    wrapped = shared_ring.wrap(Purpose.STORAGE, data_key, context)
    assert data_key not in wrapped.ciphertext
    assert shared_ring.unwrap(Purpose.STORAGE, wrapped, context) == data_key


@pytest.fixture(scope="module")
def shared_ring(tmp_path_factory):
    return create_ring(Settings(home=tmp_path_factory.mktemp("ring")))


def test_a_wrapped_key_opens_only_as_it_was_made(shared_ring, ring):
    wrapped = shared_ring.wrap(Purpose.STORAGE, b"k" * 32, "delivery/1")
    altered = WrappedKey(wrapped.key_id, wrapped.nonce, flip(wrapped.ciphertext, 0))
    moved = WrappedKey(wrapped.key_id, flip(wrapped.nonce, 0), wrapped.ciphertext)
    for opener, purpose, what, context in [
        (shared_ring, Purpose.STORAGE, wrapped, "delivery/2"),
        (shared_ring, Purpose.STORAGE, altered, "delivery/1"),
        (shared_ring, Purpose.STORAGE, moved, "delivery/1"),
        (shared_ring, Purpose.HUB, wrapped, "delivery/1"),
        (ring, Purpose.STORAGE, wrapped, "delivery/1"),
    ]:
        with pytest.raises(WrapRefused):
            opener.unwrap(purpose, what, context)


def test_a_signer_is_what_the_log_asks_for(ring, home):
    signer: Signer = ring.signer(Purpose.AUDIT)
    assert (signer.name, signer.key_id) == ("audit", "audit/1")
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signer.sign(b"root"), b"root")
    assert open_ring(home, Service.CUSTODIAN).signer(Purpose.AUDIT).public_key == signer.public_key
    assert ring.signer(Purpose.AGREEMENT).public_key != signer.public_key
    assert ring.signer(Purpose.AUDIT, "safer-kingston/audit").name == "safer-kingston/audit"
