"""One delivery in hand: what every step needs to know of it, and how the log tells of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from agreement.archive import enact
from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action, Entry, Scalar
from audit.log import append
from hub.clock import now
from hub.database import transaction
from hub.feeds import Feed
from hub.periods import Quarter
from hub.settings import Settings
from keys.ring import KeyRing


@dataclass(frozen=True)
class Case:
    """A feed's delivery for a quarter, under one agreement, with the keys at hand."""

    settings: Settings
    agreement: Agreement
    feed: Feed
    quarter: Quarter
    ring: KeyRing

    def entry(
        self,
        action: Action,
        delivery: str | None,
        *,
        rows: int | None = None,
        columns: tuple[str, ...] = (),
        recipient: str | None = None,
        detail: Mapping[str, Scalar] | None = None,
    ) -> Entry:
        """The log's entry of one act on the delivery: counts and hashes, the purpose and the gateway."""
        terms = self.agreement.feeds[self.feed.name]
        return Entry(
            action=action,
            actor=self.settings.actor,
            feed=self.feed.name,
            delivery=delivery,
            period=str(self.quarter),
            rows=rows,
            columns=columns,
            recipient=recipient,
            purpose=", ".join(terms.purposes),
            clause=str(terms.gateway),
            agreement_hash=self.agreement.hash,
            code_commit=self.settings.code_commit,
            detail=detail or {},
        )

    def renewed(self) -> "Case":
        """The same under the agreement as it stands now."""
        return replace(self, agreement=load_agreement(self.settings))

    def enact(self) -> None:
        """Keep the agreement's text before anything flows under it; raises AgreementRefusal as ``archive.enact``."""
        with transaction(self.settings) as connection:
            enact(connection, self.agreement, self.settings.actor, self.settings.code_commit, now())

    @contextmanager
    def logging_refusal(self, delivery: str | None = None) -> Iterator[None]:
        """Log what the agreement refuses within the block, with the clause, and let the refusal go on."""
        try:
            yield
        except AgreementRefusal as refusal:
            entry = Entry(
                action=Action.REFUSE_AGREEMENT,
                actor=self.settings.actor,
                feed=self.feed.name,
                delivery=delivery,
                period=str(self.quarter),
                clause=refusal.clause,
                agreement_hash=self.agreement.hash,
                code_commit=self.settings.code_commit,
            )
            with transaction(self.settings) as connection:
                append(connection, entry)
            raise
