"""What one authority is sent: its own references, sealed to its public key, with the statements that let them go.

A file is bytes:

1. one byte, the version of this form: 1;
2. four bytes, big-endian: the length of the head;
3. the head, canonical JSON (RFC 8785): ``request`` (its hash), ``to`` (an authority), ``sealed_at``, ``sealed_to`` (the
   fingerprint of the public key);
4. HPKE in base mode (RFC 9180) of the content: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Its ``info`` is
   ``hub/sealed-references/1``, a zero byte, and the head.

Base mode does not say who sealed it; the content does: it holds the request and the approvals as officers signed them,
and their appointments as parties signed those. The reader proves them by the agreement that it holds itself.

Pure, and needs nothing of the hub but what an authority has on its own machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, SecretBytes, ValidationError

from keys.sealed import fingerprint
from reidentify.errors import EnvelopeRefused

VERSION = 1
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LENGTH = 5  # the version's byte, and the four of the head's length
_FORM = f"it is not whole, or no file of hub/sealed-references/{VERSION}"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Head(_Frozen):
    """What a file says in clear: for whom, under which request, since when, and to which public key."""

    request: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    to: str
    sealed_at: AwareDatetime
    sealed_to: str


class References(_Frozen):
    """The references of one feed. ``sealed`` are those that the authority sealed itself, before it sent its rows."""

    opened: tuple[str, ...] = Field(default=(), repr=False)
    sealed: tuple[Base64Bytes, ...] = Field(default=(), repr=False)


class Content(_Frozen):
    """What is sealed: the statements as they were signed, and of each feed the authority's own references."""

    request: dict[str, Any]
    words: tuple[dict[str, Any], ...]
    appointments: tuple[str, ...]
    feeds: Mapping[str, References] = Field(repr=False)


@dataclass(frozen=True)
class Opened:
    """A file that was opened. Nothing that it says is proved yet (``reidentify.reading``)."""

    head: Head
    content: Content


def seal(
    to: str,
    public: X25519PublicKey,
    sealed_at: datetime,
    request: Mapping[str, Any],
    digest: str,
    words: Sequence[Mapping[str, Any]],
    appointments: Sequence[str],
    feeds: SecretBytes,
) -> bytes:
    """The file for one authority; ``feeds`` is canonical JSON of ``Content.feeds``."""
    head = Head(request=digest, to=to, sealed_at=sealed_at, sealed_to=fingerprint(public)).model_dump(mode="json")
    said, rest = rfc8785.dumps(head), rfc8785.dumps({"request": request, "words": words, "appointments": appointments})
    hidden = SecretBytes(b'{"feeds":' + feeds.get_secret_value() + b"," + rest[1:])  # a traceback shows local variables
    ciphertext = _SUITE.encrypt(hidden.get_secret_value(), public, info=_info(said))
    return bytes([VERSION]) + len(said).to_bytes(_LENGTH - 1, "big") + said + ciphertext


def read_head(content: bytes) -> Head:
    """What a file says in clear; raises EnvelopeRefused."""
    return _parts(content)[0]


def open_file(content: bytes, private: X25519PrivateKey) -> Opened:
    """What is sealed in a file; raises EnvelopeRefused for another private key, altered bytes, or another form."""
    head, said, ciphertext = _parts(content)
    if head.sealed_to != fingerprint(private.public_key()):
        raise refused(
            head.request, "it is sealed to another public key", "Open it with the authority's own private key"
        )
    held = _opened(ciphertext, private, said)
    if held is None:
        raise refused(head.request, "its bytes were changed, or it is of another form", "Have the request made anew")
    return Opened(head, held)


def _opened(ciphertext: bytes, private: X25519PrivateKey, said: bytes) -> Content | None:
    try:
        return Content.model_validate(orjson.loads(_SUITE.decrypt(ciphertext, private, info=_info(said))))
    except (InvalidTag, ValueError, ValidationError):
        return None


def _parts(content: bytes) -> tuple[Head, bytes, bytes]:
    end = _LENGTH + int.from_bytes(content[1:_LENGTH], "big")
    said, ciphertext = content[_LENGTH:end], content[end:]
    head = _head(said) if content[:1] == bytes([VERSION]) and ciphertext else None
    if head is None:
        raise refused("of an unknown form", _FORM, "Take the file from the outbox again")
    return head, said, ciphertext


def _head(said: bytes) -> Head | None:
    try:
        return Head.model_validate(orjson.loads(said))
    except (ValueError, ValidationError):
        return None


def _info(said: bytes) -> bytes:
    return f"hub/sealed-references/{VERSION}".encode() + b"\0" + said


def refused(request: str, why: str, fix: str) -> EnvelopeRefused:
    """The refusal of a file."""
    return EnvelopeRefused("The file is not opened", where=f"request {request[:12]}", why=why, fix=fix)
