"""What is asked for, and an officer's signed word on it; when two words let stored tokens be re-keyed. Pure.

Both are canonical JSON (RFC 8785), a word is signed with Ed25519 (RFC 8032). It names the rotation's hash and the
agreement's hash, so it can be carried over neither to another rotation nor to another agreement.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from publish.appointment import Appointment
from publish.roll import Roll
from rotation.errors import WordRefused

_HASH = r"^[0-9a-f]{64}$"
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,300}$"
AUTHORITIES_NEEDED = 2


class Verdict(StrEnum):
    """What an officer says of a rotation."""

    APPROVE = "approve"
    REFUSE = "refuse"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def canonical(self) -> bytes:
        """The bytes that are signed or hashed."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude_none=True))

    @property
    def digest(self) -> str:
        """SHA-256 of these bytes, lower hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


class Rotation(_Said):
    """What is asked for: that all stored tokens go under a further version, of the hub key or the source key.

    Or, with ``overlap``, that what arrives under a version of the source key before ``to_version`` is refused.
    """

    type: Literal["hub/rotation/1"] = "hub/rotation/1"
    key: Literal["hub", "source"] = "hub"
    overlap: Literal["ends"] | None = None
    from_version: int = Field(ge=1)
    to_version: int = Field(ge=2)
    reason: str = Field(pattern=_ONE_LINE, description="one line without a personal value: it goes into the log")
    asked_by: str
    asked_at: AwareDatetime

    @property
    def key_id(self) -> str:
        """The version that tokens are brought under, or that alone counts on arrival."""
        return f"{self.key}/{self.to_version}"


class Word(_Said):
    """What an officer signs."""

    type: Literal["hub/rotation-word/1"] = "hub/rotation-word/1"
    rotation: str = Field(pattern=_HASH)
    agreement_hash: str = Field(pattern=_HASH)
    officer: str
    verdict: Verdict
    reason: str = Field(pattern=_ONE_LINE, description="one line without a personal value: it goes into the log")
    said_at: AwareDatetime
    expires_at: AwareDatetime


@dataclass(frozen=True)
class SignedWord:
    """A word with its Ed25519 signature of 64 bytes."""

    word: Word
    signature: bytes

    @classmethod
    def parse(cls, document: str | bytes, signature: bytes) -> "SignedWord":
        """Read a stored or handed-in word; raises WordRefused if it is none."""
        try:
            return cls(Word.model_validate_json(document), signature)
        except ValidationError as error:
            raise unreadable(error) from None


def stated(**said: object) -> Word:
    """A word, not signed yet; raises WordRefused naming the entry that is not as it must be."""
    try:
        return Word.model_validate(said)
    except ValidationError as error:
        raise unreadable(error) from None


def sign(word: Word, key: Ed25519PrivateKey) -> SignedWord:
    """The word, signed."""
    return SignedWord(word, key.sign(word.canonical()))


def newest_of_each(words: Iterable[SignedWord]) -> tuple[SignedWord, ...]:
    """Of each officer the word that was said last; of two at one instant the refusal."""
    order = sorted(words, key=lambda each: (each.word.said_at, each.word.verdict is Verdict.REFUSE))
    return tuple({each.word.officer: each for each in order}.values())


def appointment_behind(
    signed: SignedWord, rotation: str, agreement_hash: str, roll: Roll, now: datetime
) -> Appointment:
    """The appointment by which a word counts now, whatever its verdict; raises WordRefused naming the broken rule.

    1. Its officer holds an appointment that counts today (``Roll.objection``) and had begun when it was said.
    2. The signature is by the key of such an appointment.
    3. It names this rotation, and 4. the agreement that is in force.
    5. It is not dated ahead of now, and has not expired.
    """
    said = signed.word
    held = roll.speaking(said.officer, said.said_at, now)
    if not held:  # (1)
        raise _refused(1, said, "the officer holds no appointment that counts", "Ask an appointed officer")
    found = next((each for each in held if each.has_signed(said.canonical(), signed.signature)), None)
    if found is None:  # (2)
        raise _refused(2, said, "the signature is not that of the officer it names", "Ask that officer")
    if said.rotation != rotation:  # (3)
        raise _refused(3, said, "it was said of another rotation", "Have this one decided on")
    if said.agreement_hash != agreement_hash:  # (4)
        raise _refused(4, said, "it was said under another agreement", "Have it said under the one in force")
    if not said.said_at <= now < said.expires_at:  # (5)
        raise _refused(5, said, "it has expired or is dated ahead of now", "Have it said again")
    return found


def require_two(
    words: Sequence[SignedWord],
    rotation: str,
    agreement_hash: str,
    *,
    roll: Roll,
    logged: Collection[str],
    now: datetime,
) -> tuple[str, ...]:
    """The authorities whose officers let the rotation go on; raises WordRefused.

    1. Of each officer the newest word alone counts, and only if the log knows it: none was put in by hand.
    2. Each must be binding (``appointment_behind``); one that is not, counts for nothing.
    3. Nobody refuses: one binding refusal is enough to stop it.
    4. Officers that two different authorities appointed approve, each with a key of their own.
    """
    approving: dict[str, str] = {}
    for signed in newest_of_each(each for each in words if each.word.digest in logged):  # (1)
        try:
            behind = appointment_behind(signed, rotation, agreement_hash, roll, now)  # (2)
        except WordRefused:
            continue
        if signed.word.verdict is Verdict.REFUSE:  # (3)
            raise _refused(6, signed.word, "an officer refuses the rotation", "Mend what the reason names and ask anew")
        approving.setdefault(str(behind.party), behind.public_key)
    if len(set(approving)) < AUTHORITIES_NEEDED or len(set(approving.values())) < AUTHORITIES_NEEDED:  # (4)
        raise WordRefused(
            "Stored tokens are not re-keyed",
            where=f"rotation {rotation[:12]}",
            why="officers of two different authorities must approve it, and words of "
            f"{', '.join(sorted(approving)) or 'none'} count now",
            fix="Ask for what is missing: hub keys rekey approve",
        )
    return tuple(sorted(approving))


def _refused(rule: int, said: Word, why: str, fix: str) -> WordRefused:
    where = f"the word on rotation {said.rotation[:12]}"
    return WordRefused("The word does not count", where=where, why=f"rule {rule}: {why}", fix=fix)


def unreadable(error: ValidationError) -> WordRefused:
    """The refusal of what has not the form of a word or a rotation."""
    wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors(include_input=False) if part["loc"]}))
    return WordRefused(
        "The statement cannot be used",
        where=wrong or "its form",
        why="it is missing or not as hub/rotation/1 and hub/rotation-word/1 say",
        fix="Say it anew",
    )
