"""An order: an appointed officer's signed word on what is kept, such as a legal hold or the erasure of a person. Pure.

It is canonical JSON (RFC 8785), signed with Ed25519 (RFC 8032), and names what it is about and the agreement in force.
A person is named by a commitment (``audit.subjects``), which tells nothing once the person's salt is shredded.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from publish.errors import OrderRefused
from publish.roll import Roll

_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,300}$"


class Act(StrEnum):
    """What an officer may order."""

    HOLD = "hold"  # what is named is not erased until the day stated
    RELEASE_HOLD = "release-hold"
    FIND = "find"  # a person is looked for, by tokens
    EXPORT = "export"  # UK GDPR Art 15
    RESTRICT = "restrict"  # Art 18
    LIFT = "lift"  # ends a restriction or an objection
    UPHOLD = "uphold"  # Art 21: the person objects, and rightly
    OVERRULE = "overrule"  # Art 21: compelling grounds stand against the objection
    ERASE = "erase"  # Art 17
    WITHDRAW = "withdraw"  # what was published is taken back, as far as it can be


class Order(BaseModel):
    """What an officer signs. Instants carry their offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["hub/order/1"] = "hub/order/1"
    act: Act
    about: str = Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="what it is about; of a person, a commitment")
    agreement_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    officer: str
    reason: str = Field(pattern=_ONE_LINE, description="one line without a personal value: it goes into the log")
    ordered_at: AwareDatetime
    until: date | None = Field(default=None, description="of a hold, its last day")

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of the signed bytes, lower hex: how the log names the order."""
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True)
class SignedOrder:
    """An order with its Ed25519 signature of 64 bytes."""

    order: Order
    signature: bytes


def stated(**said: Any) -> Order:
    """An order, not signed yet; raises OrderRefused naming the entry that is not as it must be."""
    try:
        return Order.model_validate(said)
    except ValidationError as error:
        wrong = sorted({str(part["loc"][0]) for part in error.errors(include_input=False) if part["loc"]})
        raise OrderRefused(
            "The order cannot be given",
            where=", ".join(wrong) or "its form",
            why="it is missing or not as hub/order/1 says",
            fix="Say it in one line, without naming anybody",
        ) from None


def sign(order: Order, key: Ed25519PrivateKey) -> SignedOrder:
    """The order, signed."""
    return SignedOrder(order, key.sign(order.canonical()))


def verify(signed: SignedOrder, agreement_hash: str, roll: Roll, now: datetime) -> None:
    """Check that an order counts; raises OrderRefused naming the broken rule.

    1. Its officer holds an appointment that a party signed, that counts today under the agreement in force
       (``Roll.objection``), and that had begun when the order was given.
    2. The signature is by the key of such an appointment, over the canonical order.
    3. It names the agreement that is in force.
    4. It is not dated ahead of now.
    """
    said = signed.order
    held = roll.speaking(said.officer, said.ordered_at, now)
    if not held:  # (1)
        raise _refused(said, 1, "its officer holds no appointment that counts", "Ask an appointed officer")
    if not any(each.has_signed(said.canonical(), signed.signature) for each in held):  # (2)
        raise _refused(said, 2, "the signature is not that of the officer it names", "Ask that officer")
    if said.agreement_hash != agreement_hash:  # (3)
        raise _refused(said, 3, "it was given under another agreement", "Have it given under the one in force")
    if said.ordered_at > now:  # (4)
        raise _refused(said, 4, "it is dated ahead of now", "Have it given again")


def _refused(said: Order, rule: int, why: str, fix: str) -> OrderRefused:
    return OrderRefused(
        "The order does not count", where=f"the order to {said.act}", why=f"rule {rule}: {why}", fix=fix
    )
