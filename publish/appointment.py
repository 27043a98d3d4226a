"""An appointment: a party's signed word that somebody may decide on releases, and the word that ends it. Pure.

Both are canonical JSON (RFC 8785), signed with Ed25519 (RFC 8032) by the key that the agreement states for the party.
"""

import base64
import hashlib
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from agreement.model import Agreement
from agreement.parties import PublicKey, is_signed
from hub.feeds import Authority
from publish.errors import OfficerRefused


class _Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    agreement: str = Field(description="the agreement's id: the word outlives a version of it")
    officer: str = Field(
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}$", description="as in decisions and the log"
    )
    party: Authority = Field(description="who says it")
    public_key: PublicKey = Field(description="the officer's Ed25519 key: 32 bytes in base64")
    signature: str = Field(default="", description="Ed25519, 64 bytes in base64, over canonical()")

    def canonical(self) -> bytes:
        """The bytes that are signed: all but the signature."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True, exclude={"signature"}))

    def document(self) -> bytes:
        """The file that the party hands to the hub, and the hub keeps."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True))

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes, lower hex: how the log names the word."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def signed(self, key: Ed25519PrivateKey) -> Self:
        """The same, signed."""
        return self.model_copy(update={"signature": base64.b64encode(key.sign(self.canonical())).decode()})

    def signed_by(self, key: str) -> bool:
        """Whether the signature is right under a public key (base64)."""
        return is_signed(self.canonical(), self.signature, key)


class Appointment(_Word):
    """Whoever holds the key may decide on releases, from the first day to the last, both in UTC."""

    type: Literal["hub/appointment/1"] = "hub/appointment/1"
    from_on: date = Field(alias="from")
    until_on: date = Field(alias="until")

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Whether the officer's key made the signature."""
        return is_signed(content, signature, self.public_key)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.from_on > self.until_on:
            raise ValueError("it ends before it begins")
        return self


class Dismissal(_Word):
    """The key speaks for the officer no more. There is no way back: a new appointment needs a new key."""

    type: Literal["hub/dismissal/1"] = "hub/dismissal/1"
    on: date


Word = Appointment | Dismissal
_WORD: TypeAdapter[Word] = TypeAdapter(Annotated[Word, Field(discriminator="type")])
_Kind = TypeVar("_Kind", Appointment, Dismissal)


def stated(kind: type[_Kind], agreement: Agreement, **said: str) -> _Kind:
    """A word on an officer under an agreement, not signed yet; raises OfficerRefused naming what is wrong."""
    try:
        return kind.model_validate(said | {"agreement": agreement.id})
    except ValidationError as error:
        raise _unreadable(error) from None


def parse(document: str | bytes) -> Word:
    """Read a document; raises OfficerRefused naming what is wrong."""
    try:
        return _WORD.validate_json(document)
    except ValidationError as error:
        raise _unreadable(error) from None


def objection(word: Word, agreement: Agreement) -> str | None:
    """Why a party's word counts for nothing under the agreement in force; none if it counts.

    1. It is about this agreement.
    2. The agreement lets that party appoint.
    3. The signature is right under the key that the agreement states for the party. Where a new version states
       another key, all that was signed with the old one ends with it.
    """
    if word.agreement != agreement.id:  # (1)
        return "it is about another agreement"
    party = agreement.party(word.party)
    if word.party not in agreement.officers_appointed_by or party is None:  # (2)
        return f"the agreement does not let {word.party} appoint officers"
    if party.signing_key is None or not word.signed_by(party.signing_key):  # (3)
        return f"its signature is not by the key that the agreement states for {word.party}"
    return None


def require_counting(word: Word, agreement: Agreement) -> None:
    """Raises OfficerRefused if there is an ``objection``."""
    if why := objection(word, agreement):
        raise refused(word, why, "Have a party that the agreement lets appoint sign it, with the key stated there")


def refused(word: Word, why: str, fix: str) -> OfficerRefused:
    """The refusal of a word."""
    kind = "appointment" if isinstance(word, Appointment) else "dismissal"
    return OfficerRefused(f"The {kind} does not count", where=f"{word.party} on {word.officer}", why=why, fix=fix)


def _unreadable(error: ValidationError) -> OfficerRefused:
    wrong = sorted({str(part["loc"][-1]) for part in error.errors(include_input=False) if part["loc"]})
    return OfficerRefused(
        "The document is no appointment and no dismissal",
        where=", ".join(wrong) or "its form",
        why="it is missing or not as hub/appointment/1 or hub/dismissal/1 says",
        fix="Have the party make it with hub officer appoint or hub officer dismiss",
    )
