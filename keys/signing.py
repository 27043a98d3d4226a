"""Signatures with a key of the ring: Ed25519 (RFC 8032) from a seed derived for it."""

from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.key import Key


class RingSigner:
    """Signs as ``name``; ``key_id`` says which version of the key it is."""

    def __init__(self, key: Key, name: str) -> None:
        self.name = name
        self.key_id = key.id
        self._private = Ed25519PrivateKey.from_private_bytes(key.derive("signature/1"))

    @cached_property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 bytes, the same for the same message."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"RingSigner({self.name}, {self.key_id})"
