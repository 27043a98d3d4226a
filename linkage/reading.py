"""What linkage reads: the records that the agreement lets be linked, now and for this purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from agreement.archive import enact
from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.policy import permit_linkage
from audit.events import Action, Entry
from audit.log import append
from hub import clock
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.stored import stored_records
from store.deliveries import State
from store.models import DeliveryRow


@dataclass(frozen=True)
class Asked:
    """For which quarter is asked, and up to which quarter records are read."""

    quarter: Quarter
    up_to: Quarter


@dataclass(frozen=True)
class Read:
    """All records, each once, and the deliveries that they are of."""

    records: pl.DataFrame
    deliveries: list[str]


def read_permitted(
    settings: Settings, connection: Connection, ring: KeyRing, agreement: Agreement, asked: Asked
) -> Read:
    """All records of admitted deliveries up to a quarter.

    1. The agreement permits linking these feeds for the quarter, or it is refused and the refusal is logged. It is
       asked before the records are read, and again of the feeds that these very records are from.
    2. A record that its authority bars, in whatever quarter, is left out.
    3. A token of a column whose terms were narrowed since is left out.
    4. All records are under the newest version of the hub key (``stored_records``).

    Raises AgreementRefusal, and LinkageRefused if there is no record, or one under another version.
    """
    deliveries = permitted_deliveries(settings, connection, agreement, asked)  # (1)
    records = stored_records(settings, connection, ring, agreement, deliveries)  # (2) (3) (4)
    permit_records(settings, agreement, asked, records)  # (1)
    return Read(records, [delivery.id for delivery in deliveries])


def permitted_deliveries(
    settings: Settings, connection: Connection, agreement: Agreement, asked: Asked
) -> Sequence[DeliveryRow]:
    """Every admitted delivery up to a quarter, oldest first, once the agreement permits that its feed is linked."""
    deliveries = _deliveries(connection, agreement, asked.up_to)
    _permit(settings, agreement, asked.quarter, sorted({delivery.feed for delivery in deliveries}))
    return deliveries


def permit_records(settings: Settings, agreement: Agreement, asked: Asked, records: pl.DataFrame) -> None:
    """Ask the agreement of the feeds that records are from; raises AgreementRefusal."""
    _permit(settings, agreement, asked.quarter, records["feed"].unique().sort().to_list())


def _deliveries(connection: Connection, agreement: Agreement, quarter: Quarter) -> Sequence[DeliveryRow]:
    asked = select(DeliveryRow).where(
        DeliveryRow.state == State.ADMITTED,
        DeliveryRow.period <= str(quarter),
        DeliveryRow.feed.in_(agreement.linkage.feeds),
    )
    rows: Sequence[DeliveryRow] = connection.execute(asked.order_by(DeliveryRow.period, DeliveryRow.id)).all()  # type: ignore[assignment]
    return rows


def _permit(settings: Settings, agreement: Agreement, quarter: Quarter, feeds: Sequence[str]) -> None:
    try:
        permit_linkage(agreement, feeds, quarter, clock.now().date())
        with transaction(settings) as connection:  # its own, so that the log is not held while persons are sought
            enact(connection, agreement, settings.actor, settings.code_commit, clock.now())
    except AgreementRefusal as refusal:
        with transaction(settings) as connection:
            append(
                connection,
                Entry(
                    action=Action.REFUSE_AGREEMENT,
                    actor=settings.actor,
                    period=str(quarter),
                    clause=refusal.clause,
                    agreement_hash=agreement.hash,
                    code_commit=settings.code_commit,
                ),
            )
        raise
