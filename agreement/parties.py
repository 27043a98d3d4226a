"""The parties to the agreement, the keys that speak for them, and their signatures of its text."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from hub.feeds import Authority

KEY_BYTES = 32


def _ed25519_key(text: str) -> str:
    if not _is_key(text):
        raise ValueError("it is not an Ed25519 public key: 32 bytes in base64")
    return text


def _x25519_key(text: str) -> str:
    if not _is_key(text):
        raise ValueError("it is not an X25519 public key: 32 bytes in base64")
    return text


def _is_key(text: str) -> bool:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return len(key) == KEY_BYTES and base64.b64encode(key).decode() == text


PublicKey = Annotated[str, AfterValidator(_ed25519_key)]
SealingKey = Annotated[str, AfterValidator(_x25519_key)]


class Party(BaseModel):
    """One specified authority: what it answers for, whom to ask there, and the keys that speak for it.

    Keys are raw public keys in base64, Ed25519 but for the one that is sealed to, which is X25519. They stand in the
    text that all parties sign, so that nobody can put a key of his own in the place of a party's unseen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: Authority
    controller: str
    role: Literal["controller", "joint-controller"]
    contact: str
    signing_key: PublicKey | None = Field(default=None, description="signs versions of the agreement, and appointments")
    witness_key: PublicKey | None = Field(default=None, description="cosigns checkpoints of the log")
    sealing_key: SealingKey | None = Field(default=None, description="what only the party may read is sealed to it")
    witness_url: str | None = Field(default=None, description="where the party's witness of the log answers")


class Signature(BaseModel):
    """One party's signature of one text. It is kept beside the text and does not change its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: Authority
    signed_by: str = Field(pattern=r"^[^\x00-\x1f\x7f]{1,100}$", description="the role of who signed for the party")
    signed_on: date
    signature: str = Field(description="Ed25519 (RFC 8032), 64 bytes in base64, over message()")

    def of(self, text: bytes, key: str | None) -> bool:
        """Whether it is the signature of this very text (canonical JSON) by the party's key."""
        return is_signed(message(text, self.authority, self.signed_by, self.signed_on), self.signature, key)


def is_signed(content: bytes, signature: bytes | str, key: str | None) -> bool:
    """Whether this is the Ed25519 signature (RFC 8032) of the content by a key; no key signs nothing. Texts are base64.

    Everything that a party or an officer signs is held to its signature here.
    """
    try:
        given = base64.b64decode(signature, validate=True) if isinstance(signature, str) else signature
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key or "")).verify(given, content)
    except (InvalidSignature, ValueError):
        return False
    return True


SIGNATURES = TypeAdapter(tuple[Signature, ...])


def right(text: bytes, keys: Mapping[str, str | None], given: Iterable[Signature]) -> Mapping[str, Signature]:
    """Those signatures of the text (canonical JSON) that are right by the keys of their parties, by party."""
    return {signature.authority: signature for signature in given if signature.of(text, keys.get(signature.authority))}


def message(text: bytes, authority: str, signed_by: str, signed_on: date) -> bytes:
    """What a party signs: canonical JSON (RFC 8785) of the whole text, and of who signs it and when.

    It is ``{"agreement": ..., "authority": ..., "signed_by": ..., "signed_on": ..., "type": ...}``; ``text`` is
    canonical already, and its name comes first in the order of names, so it is put in as it stands.
    """
    said = {"authority": authority, "signed_by": signed_by, "signed_on": signed_on.isoformat()}
    rest = rfc8785.dumps({"type": "hub/agreement-signature/1", **said})
    return b'{"agreement":' + text + b"," + rest[1:]
