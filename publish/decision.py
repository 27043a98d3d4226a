"""A decision: an information governance officer's signed word on one release. Pure.

The statement is canonical JSON (RFC 8785), signed with Ed25519 (RFC 8032). It names the manifest's
hash and the agreement's hash, so it can be carried over neither to another candidate nor to
another agreement.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from publish.errors import DecisionRefused
from publish.roll import Roll

_HASH = r"^[0-9a-f]{64}$"
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,300}$"


class Verdict(StrEnum):
    """What an officer says of a release."""

    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Subject:
    """What is decided on: a release, its manifest's hash, and the agreement in force."""

    release: str
    manifest_hash: str
    agreement_hash: str


class Statement(BaseModel):
    """What an officer signs. Hashes are SHA-256 in lower hex, instants carry their offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["hub/decision/1"] = "hub/decision/1"
    release: str
    manifest_hash: str = Field(pattern=_HASH)
    agreement_hash: str = Field(pattern=_HASH)
    officer: str
    verdict: Verdict
    reason: str = Field(pattern=_ONE_LINE, description="one line without a personal value: it goes into the log")
    decided_at: AwareDatetime
    expires_at: AwareDatetime

    @classmethod
    def of(
        cls, subject: Subject, *, officer: str, verdict: str, reason: str, decided_at: datetime, expires_at: datetime
    ) -> "Statement":
        """The statement on ``subject``; raises DecisionRefused naming the entry that is not as it must be."""
        said = {"officer": officer, "verdict": verdict, "reason": reason}
        times = {"decided_at": decided_at, "expires_at": expires_at}
        try:
            return cls.model_validate(asdict(subject) | said | times)
        except ValidationError as error:
            raise _unreadable(error) from None

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes, lower hex: how the log names the decision."""
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True)
class Decision:
    """A statement with its Ed25519 signature of 64 bytes."""

    statement: Statement
    signature: bytes

    def document(self) -> bytes:
        """The decision as a file for readers of the release: the statement, and the signature in base64."""
        signature = base64.b64encode(self.signature).decode()
        return rfc8785.dumps({"statement": self.statement.model_dump(mode="json"), "signature": signature})

    @classmethod
    def parse(cls, statement: str | bytes, signature: bytes) -> "Decision":
        """Read a stored or handed-in decision; raises DecisionRefused if it is not one."""
        try:
            return cls(Statement.model_validate_json(statement), signature)
        except ValidationError as error:
            raise _unreadable(error) from None


def sign(statement: Statement, private_key: Ed25519PrivateKey) -> Decision:
    """The statement, signed."""
    return Decision(statement, private_key.sign(statement.canonical()))


def newest(decisions: Sequence[Decision]) -> Decision | None:
    """The decision that was signed last; of two signed at one instant the refusal."""
    return max(decisions, key=lambda d: (d.statement.decided_at, d.statement.verdict is Verdict.REFUSE), default=None)


def verify_decision(
    decisions: Sequence[Decision],
    subject: Subject,
    *,
    roll: Roll,
    logged: Sequence[str],
    now: datetime,
) -> Decision:
    """The approval that permits the subject's release; raises DecisionRefused naming the broken rule.

    ``decisions`` are all that are recorded on the release; ``logged`` are the digests of all that the log
    knows of, oldest first.

    1. There is a decision on the release, and of several the newest alone counts.
    2. to 6. It is binding: see ``verify_binding``.
    7. The log knows it as the newest, and only once: none was taken out of the table or put into it again.
    8. Its verdict is to approve.
    """
    decision = newest(decisions)
    if decision is None:  # (1)
        raise _refusal(1, subject, "there is no decision on it", "Ask an information governance officer to decide")
    verify_binding(decision, subject, roll=roll, now=now)
    if decision.statement.digest not in logged[-1:] or decision.statement.digest in logged[:-1]:  # (7)
        raise _refusal(7, subject, "it is not the newest that the log knows", "Have the release decided on again")
    if decision.statement.verdict is not Verdict.APPROVE:  # (8)
        raise _refusal(8, subject, "the newest decision is to refuse", "Mend what its reason names and build again")
    return decision


def verify_binding(decision: Decision, subject: Subject, *, roll: Roll, now: datetime) -> None:
    """Check that a decision, whatever its verdict, binds now; raises DecisionRefused naming the broken rule.

    2. Its officer holds an appointment that a party signed, that counts today under the agreement in force
       (``Roll.objection``), and that had begun when the decision was made.
    3. The signature is by the key of such an appointment, over the canonical statement.
    4. It names this release and this manifest's hash.
    5. It names the hash of the agreement that is in force.
    6. It is not dated ahead of now, and has not expired.
    """
    said = decision.statement
    held = roll.speaking(said.officer, said.decided_at, now)
    if not held:  # (2)
        raise _refusal(2, subject, f"of its officer, {_lacking(roll, said, now)}", "Ask an appointed officer to decide")
    if not any(each.has_signed(decision.statement.canonical(), decision.signature) for each in held):  # (3)
        raise _refusal(3, subject, "the signature is not that of the officer it names", "Ask that officer to decide")
    if (said.release, said.manifest_hash) != (subject.release, subject.manifest_hash):  # (4)
        raise _refusal(4, subject, "it was made on another candidate", "Have this candidate decided on")
    if said.agreement_hash != subject.agreement_hash:  # (5)
        raise _refusal(5, subject, "it was made under another agreement", "Build and decide under the one in force")
    if not said.decided_at <= now < said.expires_at:  # (6)
        raise _refusal(6, subject, "it has expired or is dated ahead of now", "Have the release decided on again")


def _lacking(roll: Roll, said: Statement, now: datetime) -> str:
    """Why nobody of that name may decide: of the last appointment, if there is any."""
    every = roll.of(said.officer)
    if not every:
        return "no appointment is known"
    why = roll.objection(every[-1], now.date()) or "it began after the decision was made"
    return f"the appointment does not count: {why}"


def _refusal(rule: int, subject: Subject, why: str, fix: str) -> DecisionRefused:
    return DecisionRefused(
        "The decision does not count", where=f"the decision on {subject.release}", why=f"rule {rule}: {why}", fix=fix
    )


def _unreadable(error: ValidationError) -> DecisionRefused:
    wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]})) or "its form"
    return DecisionRefused(
        "The statement is not a decision",
        where=wrong,
        why="it is missing or not as hub/decision/1 says",
        fix="Decide again",
    )
