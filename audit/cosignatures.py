"""Cosignatures: a witness's signed word that a checkpoint agrees with all that it saw of the log before.

Form: C2SP tlog-cosignature, Ed25519. A cosignature is one more signature line under a checkpoint's note::

    — council.witness base64 of (key hash, 8 bytes of POSIX seconds, 64 bytes of signature)
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.checkpoint import KEY_HASH_BYTES, Signature

COSIGNATURE_V1 = b"\x04"  # C2SP signed-note: signature type identifier
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Witness:
    """Who cosigns: a name without spaces or plus signs, and its raw Ed25519 public key, 32 bytes."""

    name: str
    public_key: bytes

    @cached_property
    def key_hash(self) -> bytes:
        """Four bytes that name the key in a signature line (C2SP tlog-cosignature)."""
        return sha256(self.name.encode() + b"\n" + COSIGNATURE_V1 + self.public_key).digest()[:KEY_HASH_BYTES]

    @cached_property
    def vkey(self) -> str:
        """Name, key hash and key in one word, as verify_log.py takes it (C2SP signed-note, verifier keys)."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(COSIGNATURE_V1 + self.public_key).decode()}"

    def cosigned(self, text: str, line: Signature) -> datetime | None:
        """When this witness cosigned a note's text, if the line says so and is right; None for any other line.

        1. The line carries this witness's name and key hash.
        2. It holds 8 bytes of time and 64 of signature.
        3. The time is an instant that can be told.
        4. The signature is right for that time and the whole text (RFC 8032).
        """
        if (line.name, line.key_hash) != (self.name, self.key_hash):  # (1)
            return None
        if len(line.signature) != _TIME_BYTES + _SIGNATURE_BYTES:  # (2)
            return None
        seconds = int.from_bytes(line.signature[:_TIME_BYTES], "big")
        try:
            at = _EPOCH + timedelta(seconds=seconds)  # (3)
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(line.signature[_TIME_BYTES:], cosigned_message(seconds, text))  # (4)
        except (OverflowError, InvalidSignature):
            return None
        return at


@dataclass(frozen=True)
class Quorum:
    """How many of which witnesses must have cosigned one checkpoint, and how soon after an entry."""

    witnesses: tuple[Witness, ...]
    needed: int
    within: timedelta


def cosigned_message(seconds: int, text: str) -> bytes:
    """The bytes that a witness signs: what it is, when it was, and the checkpoint's whole text."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosigners(text: str, lines: Iterable[Signature], witnesses: Iterable[Witness]) -> frozenset[str]:
    """The names of those witnesses whose right cosignature of the text is among the lines."""
    given = tuple(lines)
    return frozenset(
        witness.name for witness in witnesses if any(witness.cosigned(text, line) is not None for line in given)
    )
