"""The way back in for quarantined rows that their provider has mended: the same way as every other row's."""

import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, insert, select

from agreement.policy import load_agreement, permit_collection
from audit.events import Action, Scalar
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from ingest.admission import admit
from ingest.answering import Answering
from ingest.case import Case
from ingest.errors import MendingRefused
from ingest.models import MendedRow
from ingest.outcome import Admission
from ingest.quarantine import quarantined
from keys.home import log_signer, open_ring
from keys.services import Service
from schemas.contract import Contract
from schemas.registry import contract_for
from schemas.trial import rows_of
from store.deliveries import Delivery, State, find_delivery, open_delivery
from store.landing import close_delivery, generations, is_held, seal_page, watermark_of
from store.models import DeliveryRow

log = logging.getLogger(__name__)
PAGE_BYTES = 8 << 20


def take_mended(settings: Settings, delivery_id: str, file: Path) -> Admission:
    """Take mended rows of a delivery in, from a file in the feed's own format that holds nothing else.

    1. The delivery is the one in force, rows of it wait, and its pages still lie in landing.
    2. The agreement permits the feed and the quarter today, or refuses with the clause, which is logged.
    3. The rows answer to rows in quarantine (``ingest.answering``). What they hold else is not looked at yet.
    4. They are sealed as the pages of a new delivery, which continues the one in force, and its collection is logged
       as that of mended rows. All of it is one transaction: a killed run leaves nothing that another would go on with.
    5. The new delivery is admitted as every other (``ingest.admission``): the rows are held against the contract again,
       and against all rows of the delivery that it continues. What is still at fault waits again.

    Raises MendingRefused and AgreementRefusal, after which nothing has changed; or what ``admit`` raises, after which
    the delivery in force is what it was.
    """
    ring = open_ring(settings, Service.INGEST)
    with transaction(settings) as connection:
        base = _in_force(connection, find_delivery(connection, delivery_id))  # (1)
        if not is_held(settings, connection, base):
            raise _refused(base, "its pages have been erased", "Deliver the whole quarter again")
    case = Case(settings, load_agreement(settings), load_feed(settings.config, base.feed), base.period, ring)
    with case.logging_refusal(base.id):
        permit_collection(case.agreement, base.feed, base.period, now().date())  # (2)
        case.enact()
    rows = _hold_answers(case, contract_for(base.feed), base, file)  # (3)
    with transaction(settings) as connection:
        mended = _sealed(connection, case, base, file, rows)  # (4)
    log.info("delivery %s holds %d mended rows of %s", mended.id, rows, base.id)
    return admit(settings, mended.id)  # (5)


def fetched(connection: Connection, delivery: Delivery) -> Delivery:
    """The delivery as its source gave it: without the mended rows that were handed in since.

    What is fetched again is the same as before if it is the same as this.
    """
    while delivery.continues_id is not None and _is_mended(connection, delivery.id):
        delivery = find_delivery(connection, delivery.continues_id)
    return delivery


def _is_mended(connection: Connection, delivery_id: str) -> bool:
    return connection.execute(select(MendedRow.rows).where(MendedRow.delivery_id == delivery_id)).first() is not None


def _in_force(connection: Connection, delivery: Delivery) -> Delivery:
    """Rule 1 of ``take_mended``, as far as the database knows."""
    if delivery.state is State.REFUSED:
        raise _refused(delivery, "it was refused whole", "Have the provider mend the file and deliver all of it again")
    if delivery.state is not State.ADMITTED:
        raise _refused(delivery, f"it is {delivery.state}", "Name the one in force: see hub quarantine list")
    if not delivery.rows_quarantined:
        raise _refused(delivery, "no row of it is in quarantine", "See hub quarantine list")
    same = (DeliveryRow.feed == delivery.feed, DeliveryRow.period == str(delivery.period))
    asked = select(DeliveryRow.id).where(*same, DeliveryRow.state.in_((State.OPEN, State.CLOSED)))
    begun = connection.execute(asked).scalar()
    if begun is not None:
        raise _refused(delivery, f"{begun} is on its way", "Let it be admitted or refused first: run hub ingest")
    return delivery


def _hold_answers(case: Case, contract: Contract, base: Delivery, file: Path) -> int:
    """Rule 3 of ``take_mended``; returns the number of mended rows."""
    answering, rows = Answering(contract, case.quarter), 0
    for frame in rows_of(case.feed, contract, _parts(file)):
        rows += frame.height
        if rows > (base.rows_quarantined or 0):
            why = f"it holds more rows than the {base.rows_quarantined:,} that wait"
            raise _refused(base, why, "Hand in the mended rows alone")
        answering.offered(frame)
    for frame in quarantined(case, contract, base):
        answering.waits(frame)
    for frame in _came(case, contract, base):
        answering.came(frame)
    wrong = "; ".join(answering.wrong()) if rows else "it holds no row"
    if wrong:
        raise _refused(base, wrong, "Hand in the mended rows alone, each under the key of the row that it mends")
    return rows


def _came(case: Case, contract: Contract, base: Delivery) -> Iterator[pl.DataFrame]:
    with transaction(case.settings) as connection:
        landed = generations(case.settings, connection, case.ring, base)
    for generation in landed:
        for document in generation.documents():
            yield from rows_of(case.feed, contract, document)


def _sealed(connection: Connection, case: Case, base: Delivery, file: Path, rows: int) -> Delivery:
    """Rule 4 of ``take_mended``."""
    find_delivery(connection, base.id, lock=True)
    _in_force(connection, find_delivery(connection, base.id))
    mended = open_delivery(connection, case.ring, case.feed, case.quarter, continues=base.id)
    watermark = watermark_of(connection, case.ring, base)
    parts = list(_parts(file))
    for number, part in enumerate(parts, 1):
        more = number < len(parts)
        mended = seal_page(
            case.settings, connection, case.ring, mended, part, cursor=None, more=more, watermark=watermark
        )
    closed = close_delivery(connection, mended)
    connection.execute(insert(MendedRow).values(delivery_id=closed.id, rows=rows))
    detail: dict[str, Scalar] = {"mended": True, "continues": base.id, "pages": closed.pages, "bytes": closed.bytes}
    append(
        connection, case.entry(Action.COLLECT, closed.id, rows=rows, detail=detail | {"sha256": closed.sha256 or ""})
    )
    checkpoint(connection, log_signer(case.settings, case.ring))
    return closed


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from iter(lambda: opened.read(PAGE_BYTES), b"")


def _refused(base: Delivery, why: str, fix: str) -> MendingRefused:
    return MendingRefused("Mended rows are refused", where=f"delivery {base.id}", why=why, fix=fix)
