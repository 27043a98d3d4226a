"""Whether a collection fetches a quarter whole, or only what was changed since the delivery in force.

1. Only a source that tells of changes is continued (``connectors.continuing``), from the watermark of the delivery in
   force. A delivery that was begun is gone on with as it was begun.
2. The delivery in force was admitted under the agreement as it stands and by this code: else its rows are to be held
   against the agreement and the contract anew, all of them.
3. All that it is read from still lies in landing.
4. No delivery that continues it was refused: what was wrong may be what was not told of.
5. After so many deliveries one is fetched whole again: each admission reads all of them, and what a source does wrong
   in telling of its changes is mended then.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.continuing import Continuable
from connectors.page import Connector
from hub.database import transaction
from ingest.case import Case
from ingest.models import AdmissionRow
from store.deliveries import Delivery, State, admitted_delivery, chain, find_delivery
from store.landing import is_held, watermark_of
from store.models import DeliveryRow

LONGEST_CHAIN = 12


@dataclass(frozen=True)
class Approach:
    """By which connector a delivery is fetched, and the id of the one that a new one will continue."""

    connector: Connector
    continues: str | None = None


def approach(case: Case, connector: Connector, begun: Delivery | None) -> Approach | None:
    """How to fetch a delivery, or go on with one; None if one that was begun can be continued no more."""
    if not isinstance(connector, Continuable) or (begun is not None and begun.state is State.CLOSED):  # (1)
        return Approach(connector)
    with transaction(case.settings) as connection:
        if begun is not None:
            base = None if begun.continues_id is None else find_delivery(connection, begun.continues_id)
            return Approach(connector) if base is None else _continuing(connection, case, connector, base)
        base = admitted_delivery(connection, case.feed.name, case.quarter)
        if base is None or not admitted_alike(connection, case, base) or _refused_since(connection, base):  # (2), (4)
            return Approach(connector)
        return _continuing(connection, case, connector, base) or Approach(connector)


def admitted_alike(connection: Connection, case: Case, delivery: Delivery) -> bool:
    """Whether a delivery was admitted under this agreement, by this code."""
    admission = select(AdmissionRow).where(
        AdmissionRow.delivery_id == delivery.id,
        AdmissionRow.agreement_hash == case.agreement.hash,
        AdmissionRow.code_commit == case.settings.code_commit,
    )
    return connection.execute(admission).first() is not None


def _refused_since(connection: Connection, base: Delivery) -> bool:
    refused = select(DeliveryRow.id).where(DeliveryRow.continues_id == base.id, DeliveryRow.state == State.REFUSED)
    return connection.execute(refused).first() is not None


def _continuing(connection: Connection, case: Case, connector: Continuable, base: Delivery) -> Approach | None:
    if base.watermark is None or len(chain(connection, base)) >= LONGEST_CHAIN:  # (5)
        return None
    if not is_held(case.settings, connection, base):  # (3)
        return None
    watermark = watermark_of(connection, case.ring, base)
    found = None if watermark is None else connector.continuing(watermark)
    return None if found is None else Approach(found, base.id)
