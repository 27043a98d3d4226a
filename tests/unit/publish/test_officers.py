"""Officers and their keys: only the public part is kept."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.database import transaction
from publish.errors import OfficerRefused
from publish.officers import new_key, officers, private_key, register_officer
from tests.unit.publish.small_hub import OFFICER, Hub


def test_an_officer_is_registered_once_and_logged(empty_hub: Hub) -> None:
    _, public = new_key()
    first = register_officer(empty_hub.settings, "second officer", public)
    again = register_officer(empty_hub.settings, "second officer", public)
    assert (again.public_key, again.registered_at) == (first.public_key, first.registered_at)
    with transaction(empty_hub.settings) as connection:
        assert [officer.name for officer in officers(connection)] == [OFFICER, "second officer"]
    assert empty_hub.logged("publish:officer:key") == 2
    assert empty_hub.unsigned() == 0


def test_a_name_does_not_change_hands(empty_hub: Hub) -> None:
    with pytest.raises(OfficerRefused, match="another key"):
        register_officer(empty_hub.settings, OFFICER, new_key()[1])
    with pytest.raises(OfficerRefused, match="another key"):
        register_officer(empty_hub.settings, OFFICER, new_key()[1], role="engineer")


def test_no_private_key_is_anywhere_in_the_home_or_the_database(empty_hub: Hub) -> None:
    raw = private_key(empty_hub.officer_key).private_bytes_raw()
    for path in Path(empty_hub.settings.home).rglob("*"):
        assert not path.is_file() or raw not in path.read_bytes()
    assert all(raw not in row[0] for row in empty_hub.rows("SELECT public_key FROM hub.officer"))


def test_a_sealed_private_key_opens_with_its_passphrase_only() -> None:
    private, _ = new_key(b"a passphrase")
    assert private_key(private, b"a passphrase").sign(b"x")
    for wrong in (None, b"another"):
        with pytest.raises(OfficerRefused, match="private key cannot be read"):
            private_key(private, wrong)


def test_only_ed25519_keys_are_taken(empty_hub: Hub) -> None:
    other = X25519PrivateKey.generate().public_key()
    pem = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for key in (pem, b"no key at all", empty_hub.officer_key):
        with pytest.raises(OfficerRefused, match="public key cannot be read"):
            register_officer(empty_hub.settings, "third", key)
