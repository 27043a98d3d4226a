"""Giving an order: signed with the officer's key, held against the roll, and kept beside the act that it is for."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, insert

from agreement.signing import private_key
from audit.events import Scalar
from hub.clock import now
from hub.settings import Settings
from publish.models import OrderRow
from publish.officers import agreement_in_force, roll
from publish.order import Act, Order, SignedOrder, sign, stated, verify


@dataclass(frozen=True)
class Officer:
    """Who orders, why, and the private key (PEM) to sign with; ``repr`` does not show it."""

    name: str
    reason: str
    key: bytes = field(repr=False)
    passphrase: bytes | None = field(default=None, repr=False)


def give(
    settings: Settings, connection: Connection, officer: Officer, act: Act, about: str, until: date | None = None
) -> Order:
    """An order that counts now, kept in the caller's transaction; its entry in the log is the caller's (``detail``).

    The agreement is in force, and the order is verified as it stands there, right before the act (``order.verify``).
    Raises OrderRefused, SigningRefused for an unusable key, AgreementRefusal where no agreement is in force.
    """
    agreement = agreement_in_force(settings)
    said = {"act": act, "about": about, "officer": officer.name, "reason": officer.reason, "until": until}
    order = stated(agreement_hash=agreement.hash, ordered_at=now(), **said)
    signed = sign(order, private_key(officer.key, officer.passphrase))
    verify(signed, agreement.hash, roll(connection, agreement), now())
    connection.execute(insert(OrderRow).values(_row(signed)))
    return order


def detail(order: Order) -> dict[str, Scalar]:
    """What the act's entry says of the order behind it."""
    return {"order": order.digest}


def _row(signed: SignedOrder) -> dict[str, object]:
    text = signed.order.canonical().decode()
    return {"digest": signed.order.digest, "document": text, "signature": signed.signature, "recorded_at": now()}
