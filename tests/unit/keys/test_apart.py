"""Source keys lie apart from the hub's: another file, under another passphrase, opened only by who uses them."""

import base64
import json
import secrets
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretStr

from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.bringing import part_former_ring
from keys.errors import KeyNotHeld, KeyRingExists, KeyRingLocked, KeyRingMixed
from keys.file import write_private
from keys.home import create_ring, open_ring, open_source_ring, ring_path, source_ring_path
from keys.purposes import NAMED, Purpose
from keys.services import Service


@pytest.fixture
def home(tmp_path):
    return Settings(home=tmp_path / "home")


def test_no_file_holds_both(home):
    create_ring(home)
    hub, source = (json.loads(path(home).read_text())["keys"].keys() for path in (ring_path, source_ring_path))
    assert source == {"source/1"}
    assert "source/1" not in hub
    assert "hub/1" in hub


def test_each_file_has_its_own_passphrase(home):
    create_ring(home)
    hub, source = home.secret("keyring_passphrase"), home.secret("source_keyring_passphrase")
    assert hub != source
    crossed = Settings(home=home.home, keyring_passphrase=hub, source_keyring_passphrase=hub)
    ring = open_ring(crossed, Service.INGEST)
    with pytest.raises(KeyRingLocked):
        ring.key(Purpose.SOURCE)


def test_one_passphrase_for_both_is_refused(home):
    same = home.model_copy(update=dict.fromkeys(("keyring_passphrase", "source_keyring_passphrase"), SecretStr("one")))
    with pytest.raises(ConfigurationError, match="would open both"):
        create_ring(same)
    assert not source_ring_path(home).exists()


def test_who_uses_no_source_key_needs_no_passphrase_to_it(home):
    create_ring(home)
    (home.home / "secrets" / "source_keyring_passphrase").unlink()
    ring = open_ring(home, Service.PUBLISH)
    assert ring.versions()["source"] == 1
    with pytest.raises(ConfigurationError, match="source_keyring_passphrase is missing"):
        open_ring(home, Service.INGEST).key(Purpose.SOURCE)


def test_a_hub_whose_feeds_all_come_encoded_has_no_source_ring(home):
    create_ring(home)
    source_ring_path(home).unlink()
    ring = open_ring(home, Service.INGEST)
    assert ring.key(Purpose.HUB).id == "hub/1"
    with pytest.raises(KeyNotHeld):
        ring.key(Purpose.SOURCE)


def test_an_authoritys_own_side_has_the_source_key_alone(home):
    made = create_ring(home)
    ring_path(home).unlink()
    ring = open_source_ring(home)
    assert ring.key(Purpose.SOURCE) == made.key(Purpose.SOURCE)
    assert ring.versions() == {"source": 1}


def test_a_ring_that_holds_what_belongs_into_the_other_is_refused(home, tmp_path):
    create_ring(home)
    swapped = Settings(
        home=home.home,
        keys=source_ring_path(home).as_uri(),
        keyring_passphrase=home.secret("source_keyring_passphrase"),
        source_keys=ring_path(home).as_uri(),
    )
    with pytest.raises(KeyRingMixed):
        open_ring(swapped, Service.INGEST)


def test_the_source_ring_may_lie_elsewhere(home, tmp_path):
    elsewhere = home.model_copy(update={"source_keys": (tmp_path / "stick" / "source.json").as_uri()})
    made = create_ring(elsewhere)
    assert not source_ring_path(home).exists()
    assert open_ring(elsewhere, Service.INGEST).key(Purpose.SOURCE) == made.key(Purpose.SOURCE)


def former_file(settings, keys, word):
    """A ring as an earlier version wrote it: all keys in one file, sealed together."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cipher = AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(word.encode()))
    clear = json.dumps({key_id: base64.b64encode(key).decode() for key_id, key in keys.items()}).encode()
    sealed = cipher.encrypt(nonce, clear, b"hub-keyring/1" + salt)
    parts = {
        name: base64.b64encode(raw).decode() for name, raw in (("salt", salt), ("nonce", nonce), ("sealed", sealed))
    }
    write_private(ring_path(settings), json.dumps({"format": "hub-keyring/1", **parts}).encode())
    write_private(settings.home / "secrets" / "keyring_passphrase", word.encode())


@pytest.fixture
def former(home):
    keys = {f"{purpose}/1": secrets.token_bytes(32) for purpose in Purpose if purpose not in NAMED}
    former_file(home, keys, "before")
    return keys


def test_a_ring_of_the_former_form_is_parted(home, former):
    part_former_ring(home)
    ring = open_ring(home, Service.CUSTODIAN)
    assert {key_id: ring.hand_over(Purpose.SOURCE).material for key_id in ["source/1"]} == {
        "source/1": former["source/1"]
    }
    assert ring.key(Purpose.HUB).material == former["hub/1"]
    assert "source/1" not in ring_path(home).read_text()
    before = ring_path(home).read_bytes()
    part_former_ring(home)
    assert ring_path(home).read_bytes() == before


def test_parting_that_was_killed_is_finished(home, former, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("keys.bringing.write_private", lambda *_: sys.exit(1))
        with pytest.raises(SystemExit):
            part_former_ring(home)
    part_former_ring(home)
    assert open_ring(home, Service.CUSTODIAN).key(Purpose.SOURCE).material == former["source/1"]


def test_other_source_keys_are_never_written_over(home, former, tmp_path):
    other = Settings(home=tmp_path / "other")
    create_ring(other)
    write_private(source_ring_path(home), source_ring_path(other).read_bytes())
    word = Path("secrets") / "source_keyring_passphrase"
    write_private(home.home / word, (other.home / word).read_bytes())
    with pytest.raises(KeyRingExists, match="other source keys"):
        part_former_ring(home)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("s3://bucket/keys", "begins with none of"),
        ("file://relative/keys.json", "absolute path"),
        ("vault://vault.example/kv", "without a user or token"),
        ("vault://token@vault.example/kv/hub?transit=transit/hub", "without a user or token"),
        ("vault+http://vault.example/kv/hub?transit=transit/hub", "in clear to another machine"),
        ("awskms://alias/hub", "a KMS key's address"),
        ("awskms:///alias/hub?secret=x", "a KMS key's address"),
    ],
)
def test_an_address_of_another_form_is_refused(home, address, why):
    with pytest.raises(ConfigurationError, match=why) as refusal:
        open_ring(home.model_copy(update={"keys": address}), Service.INGEST)
    assert "token@" not in str(refusal.value)
