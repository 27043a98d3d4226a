"""Keys sealed to an authority's public key: the form in which source keys travel. Pure, and needs nothing of the hub.

A sealed copy is bytes:

1. one byte, the version of this form: 1;
2. two bytes, big-endian: the length of the head;
3. the head, canonical JSON (RFC 8785): ``key`` (such as ``source/1``), ``to`` (an authority), ``made_on``, and
   ``sealed_to``, the fingerprint of the public key;
4. HPKE in base mode (RFC 9180) of the 32 bytes of the key: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the
   encapsulated key (32 bytes), then the ciphertext (48 bytes). Its ``info`` is ``hub/sealed-key/1``, a zero byte, and
   the head.

So the head cannot be changed, and only who holds the private key opens it. Base mode does not say who sealed it: the
fingerprint of the key (``check``) is compared by another way, such as a call back.
"""

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.errors import KeyNotHeld, SealedKeyRefused
from keys.key import KEY_BYTES, Key, split_id

VERSION = 1
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SEALED_BYTES = 32 + KEY_BYTES + 16
_HEAD = frozenset({"key", "to", "made_on", "sealed_to"})


@dataclass(frozen=True)
class Head:
    """What a sealed copy says in clear: which key, for whom, since when, and to which public key."""

    key: str
    to: str
    made_on: str
    sealed_to: str


def seal(key: Key, to: str, public: X25519PublicKey, made_on: date) -> bytes:
    """A key's sealed copy for one authority."""
    head = rfc8785.dumps({"key": key.id, "to": to, "made_on": made_on.isoformat(), "sealed_to": fingerprint(public)})
    ciphertext = _SUITE.encrypt(key.material, public, info=_info(head))
    return bytes([VERSION]) + len(head).to_bytes(2, "big") + head + ciphertext


def open(sealed: bytes, private: X25519PrivateKey) -> Key:  # noqa: A001  # read as sealed.open
    """The key again; raises SealedKeyRefused for another private key, altered bytes, or another form."""
    said, head, ciphertext = _parts(sealed)
    if said.sealed_to != fingerprint(private.public_key()):
        raise _refused(said.key, "it is sealed to another public key", "Open it with the key pair that it was made for")
    try:
        material = _SUITE.decrypt(ciphertext, private, info=_info(head))
    except InvalidTag:
        material = b""
    if len(material) != KEY_BYTES:
        raise _refused(said.key, "its bytes were changed", "Have it sealed again")
    return Key(said.key, material)


def head(sealed: bytes) -> Head:
    """What a sealed copy says in clear; nothing of it is proved before it was opened. Raises SealedKeyRefused."""
    return _parts(sealed)[0]


def check(key: Key) -> str:
    """A short value by which two who hold a key see by telephone that it is the same: 4 groups of 4 hex digits.

    It is derived by HKDF, and tells nothing of the key.
    """
    digits = key.derive("check/1", 8).hex()
    return " ".join(digits[place : place + 4] for place in range(0, 16, 4))


def fingerprint(public: X25519PublicKey) -> str:
    """SHA-256 of the raw public key, in hex."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def _parts(sealed: bytes) -> tuple[Head, bytes, bytes]:
    if sealed[:1] != bytes([VERSION]):
        raise _refused("of an unknown form", f"it does not begin with the version {VERSION}", "Have it sealed again")
    end = 3 + int.from_bytes(sealed[1:3], "big")
    raw, ciphertext = sealed[3:end], sealed[end:]
    try:
        said = json.loads(raw)
        if (
            set(said) == _HEAD
            and all(isinstance(each, str) for each in said.values())
            and len(ciphertext) == _SEALED_BYTES
        ):
            split_id(said["key"])
            return Head(**said), raw, ciphertext
    except (ValueError, TypeError, KeyNotHeld):
        pass
    raise _refused("of an unknown form", "it is not whole", "Have it sealed again")


def _info(raw: bytes) -> bytes:
    return f"hub/sealed-key/{VERSION}".encode() + b"\0" + raw


def _refused(key: str, why: str, fix: str) -> SealedKeyRefused:
    return SealedKeyRefused("A sealed key does not open", where=f"the sealed copy {key}", why=why, fix=fix)
