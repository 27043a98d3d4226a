"""A request, and an officer's word on it: canonical JSON (RFC 8785), signed with Ed25519 (RFC 8032). Pure.

Neither holds an id: the request names its target by a commitment (``reidentify.target``). A word names the request's
hash and the agreement's hash, so it can be carried over neither to another request nor to another agreement.
"""

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from agreement.parties import is_signed
from reidentify.errors import RequestRefused, WordRefused
from reidentify.target import About

_HASH = r"^[0-9a-f]{64}$"
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,300}$"
_NO_VALUE = "one line without a personal value: it goes into the log"


class Verdict(StrEnum):
    """What an officer says of a request."""

    APPROVE = "approve"
    REFUSE = "refuse"


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    agreement_hash: str = Field(pattern=_HASH)
    officer: str = Field(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}$")
    reason: str = Field(pattern=_ONE_LINE, description=_NO_VALUE)

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes, lower hex: how words and the log name it."""
        return hashlib.sha256(self.canonical()).hexdigest()


class Request(_Statement):
    """What an officer asks: that the authorities of these feeds learn which of their records are meant."""

    type: Literal["hub/reidentification-request/1"] = "hub/reidentification-request/1"
    about: About
    target: str = Field(pattern=_HASH, description="commitment to the id")
    feeds: tuple[str, ...] = Field(min_length=1)
    purpose: str = Field(pattern=r"^[a-z][a-z0-9_.-]*$")
    clause: str = Field(pattern=_ONE_LINE, description="the law under which it is asked; " + _NO_VALUE)
    requested_at: AwareDatetime
    expires_at: AwareDatetime


class Word(_Statement):
    """What an officer says of one very request."""

    type: Literal["hub/reidentification-word/1"] = "hub/reidentification-word/1"
    request: str = Field(pattern=_HASH)
    verdict: Verdict
    said_at: AwareDatetime


Said = TypeVar("Said", Request, Word)


@dataclass(frozen=True)
class Signed(Generic[Said]):
    """A statement with its Ed25519 signature of 64 bytes."""

    statement: Said
    signature: bytes

    def by(self, public_key: str) -> bool:
        """Whether it was signed with a key, whose public half is given in base64."""
        return is_signed(self.statement.canonical(), self.signature, public_key)

    def document(self) -> dict[str, Any]:
        """The statement, and the signature in base64, as JSON values."""
        return {
            "statement": self.statement.model_dump(mode="json"),
            "signature": base64.b64encode(self.signature).decode(),
        }


def sign(statement: Said, private_key: Ed25519PrivateKey) -> Signed[Said]:
    """The statement, signed."""
    return Signed(statement, private_key.sign(statement.canonical()))


def request(**said: Any) -> Request:
    """A request; raises RequestRefused naming what is not as it must be."""
    try:
        return Request.model_validate(said)
    except ValidationError as error:
        wrong = _wrong(error)
    raise RequestRefused("The request cannot be read", where=wrong, why=_why(Request), fix="Ask anew")


def word(**said: Any) -> Word:
    """An officer's word; raises WordRefused naming what is not as it must be."""
    try:
        return Word.model_validate(said)
    except ValidationError as error:
        wrong = _wrong(error)
    raise WordRefused("The word on a request cannot be read", where=wrong, why=_why(Word), fix="Say it anew")


def _why(kind: type[Request] | type[Word]) -> str:
    return f"it is missing or not as {kind.model_fields['type'].default} says"


def _wrong(error: ValidationError) -> str:
    parts = error.errors(include_input=False, include_context=False, include_url=False)
    return ", ".join(sorted({str(part["loc"][0]) for part in parts if part["loc"]})) or "its form"
