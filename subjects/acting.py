"""An act on one person: by an officer's order that names the person by a commitment, and logged in the same way.

1. The order, the entry and the act are one transaction; a refusal is logged in its own.
2. Neither the order nor the entry names the person. As long as the person's salt is there, ``hub audit seen`` finds the
   act; once it is shredded, nobody can tell whom it was about.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection

from audit.events import Action, Entry, Scalar
from audit.log import checkpoint
from audit.subjects import commit, disclose
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from linkage.registered.former_ids import is_known
from linkage.registered.register import lock_register
from publish.order import Act, Order
from publish.ordering import Officer, detail, give
from publish.refusals import logging_refusals
from subjects.errors import SubjectUnknown

RECIPIENT = "the data subject"


@dataclass(frozen=True)
class Acting:
    """One act under way: the open transaction, and the order behind it."""

    settings: Settings
    connection: Connection
    order: Order
    person: str
    act_id: str

    def log(self, action: Action, about: Mapping[str, Scalar], *, recipient: str | None = None) -> None:
        """Add the act's entry, with the person's commitment (2)."""
        entry = Entry(
            action=action,
            actor=self.order.officer,
            recipient=recipient,
            justification=self.order.reason,
            agreement_hash=self.order.agreement_hash,
            code_commit=self.settings.code_commit,
            detail={"act": self.act_id, **detail(self.order), **about},
        )
        disclose(self.connection, entry, [self.person])


@contextmanager
def acting(
    settings: Settings, ring: KeyRing, officer: Officer, act: Act, person: str, *, recipient: str | None = None
) -> Iterator[Acting]:
    """A block that acts on a person; the log is signed at its end. Raises SubjectUnknown, OrderRefused and others (1).

    No link runs meanwhile, so that a person is what the officer was shown.
    """
    with logging_refusals(settings, action=Action.REFUSE_ORDER), transaction(settings) as connection:
        lock_register(connection)
        if not is_known(connection, person):
            raise SubjectUnknown(
                "There is no such person",
                where="the register of persons",
                why="it has none under that id",
                fix="Give the hub's own id, as hub subject find shows it",
            )
        act_id = str(uuid4())
        said = {"actor": officer.name, "recipient": recipient, "detail": {"act": act_id}}
        named = commit(connection, said, [person]).packed
        order = give(settings, connection, officer, act, named.hex())
        yield Acting(settings, connection, order, person, act_id)
        checkpoint(connection, log_signer(settings, ring))
