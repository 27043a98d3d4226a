"""Signatures with a key of the ring: Ed25519 (RFC 8032) from a seed derived for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from audit.events import Entry
from keys.key import Key
from keys.uses import Uses


class RingSigner:
    """Signs as ``name``; ``key_id`` says which version of the key it is.

    Before it signs the log it tells what the ring's keys were used for, so that the log knows by the same signature.
    """

    def __init__(self, key: Key, name: str, uses: Uses | None = None) -> None:
        self.name = name
        self.key_id = key.id
        self._uses = uses
        self._private = Ed25519PrivateKey.from_private_bytes(key.derive("signature/1"))

    @cached_property
    def public_key(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 bytes, the same for the same message."""
        return self._private.sign(message)

    def told(self, connection: Connection) -> Sequence[Entry]:
        """What the ring's keys were used for since it was last told."""
        return self._uses.told(connection) if self._uses else ()

    def __repr__(self) -> str:
        return f"RingSigner({self.name}, {self.key_id})"


@dataclass(frozen=True)
class PublicHalf:
    """What may be known of a signer by all: its name, which key it is, and the raw public key."""

    name: str
    key_id: str
    public_key: bytes

    @classmethod
    def of(cls, signer: RingSigner) -> "PublicHalf":
        """The public half of a signer."""
        return cls(signer.name, signer.key_id, signer.public_key)

    def pem(self) -> bytes:
        """The public key as PEM (SubjectPublicKeyInfo, RFC 8410)."""
        public = Ed25519PublicKey.from_public_bytes(self.public_key)
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
