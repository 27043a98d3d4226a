"""A key that travels: only who it was sealed to opens it, and nothing of it can be changed."""

import json
import traceback
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import SecretStr

from keys import sealed
from keys.errors import KeyRingExposed, SealedKeyRefused
from keys.key import Key
from keys.pairs import read_private, read_public, write_pair

KEY = Key("source/3", b"Xanthippe-Key-0123456789abcdefgh")
HEALTH = X25519PrivateKey.generate()
COPY = sealed.seal(KEY, "health", HEALTH.public_key(), date(2026, 9, 1))


def test_who_it_is_sealed_to_opens_it():
    assert sealed.open(COPY, HEALTH) == KEY
    head = sealed.head(COPY)
    assert (head.key, head.to, head.made_on) == ("source/3", "health", "2026-09-01")
    assert head.sealed_to == sealed.fingerprint(HEALTH.public_key())


def test_its_form_is_the_documented_one():
    """Opened by hand: version, length, head, then HPKE whose info names the form and the head."""
    length = int.from_bytes(COPY[1:3], "big")
    head, rest = COPY[3 : 3 + length], COPY[3 + length :]
    assert COPY[0] == 1
    assert head == json.dumps(json.loads(head), sort_keys=True, separators=(",", ":")).encode()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    assert suite.decrypt(rest, HEALTH, info=b"hub/sealed-key/1\0" + head) == KEY.material
    assert KEY.material not in COPY


def test_nobody_else_opens_it():
    with pytest.raises(SealedKeyRefused, match="another public key"):
        sealed.open(COPY, X25519PrivateKey.generate())


def test_no_byte_of_it_can_be_changed():
    for place in range(len(COPY)):
        changed = bytearray(COPY)
        changed[place] ^= 1
        with pytest.raises(SealedKeyRefused):
            sealed.open(bytes(changed), HEALTH)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 50, len(COPY) - 1])
def test_a_part_of_it_does_not_open(length):
    with pytest.raises(SealedKeyRefused):
        sealed.open(COPY[:length], HEALTH)


def test_two_copies_differ_and_have_one_check_value():
    again = sealed.seal(KEY, "health", HEALTH.public_key(), date(2026, 9, 1))
    assert again != COPY
    assert sealed.check(sealed.open(again, HEALTH)) == sealed.check(KEY)
    assert sealed.check(Key("source/3", bytes(32))) != sealed.check(KEY)


def test_a_pair_of_files(tmp_path):
    path = tmp_path / "health"
    public = write_pair(path, SecretStr("word"))
    assert path.stat().st_mode & 0o777 == 0o600
    copy = sealed.seal(KEY, "health", read_public(tmp_path / "health.pub"), date(2026, 9, 1))
    assert sealed.open(copy, read_private(path, SecretStr("word"))) == KEY
    assert sealed.fingerprint(public) == sealed.head(copy).sealed_to
    with pytest.raises(SealedKeyRefused, match="a key written over is lost"):
        write_pair(path)
    for word in (None, SecretStr("Xanthippe-Guess")):
        with pytest.raises(SealedKeyRefused) as refusal:
            read_private(path, word)
        assert "Xanthippe" not in str(refusal.value)
    with pytest.raises(SealedKeyRefused):
        read_public(path)
    path.chmod(0o644)
    with pytest.raises(KeyRingExposed):
        read_private(path, SecretStr("word"))


def test_a_refusal_shows_no_key_even_with_local_variables():
    changed = COPY[:-1] + bytes([COPY[-1] ^ 1])
    with pytest.raises(SealedKeyRefused) as refusal:
        sealed.open(changed, HEALTH)
    told = "".join(traceback.TracebackException.from_exception(refusal.value, capture_locals=True).format())
    assert "Xanthippe" not in told
