"""The first half of a delivery's journey: fetched page by page, each sealed before the next is asked for."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlalchemy import Connection, select

from agreement.policy import load_agreement, permit_collection
from audit.events import Action, Scalar
from audit.log import append, checkpoint
from connectors import Connector, connect
from connectors.errors import NothingNew, NotReady, SourceChanged
from connectors.files import FileConnector
from connectors.page import Page
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from ingest.case import Case
from ingest.circuit import through_circuit
from ingest.continuing import Approach, admitted_alike, approach
from ingest.mended import fetched
from ingest.window import hold_window
from keys.home import log_signer, open_ring
from keys.services import Service
from store.deliveries import Delivery, State, admitted_delivery, advance, find_delivery, open_delivery
from store.landing import Landed, close_delivery, cursor_of, seal_page
from store.models import DeliveryRow

log = logging.getLogger(__name__)


@leaving_no_values
def collect(settings: Settings, feed_name: str, quarter: Quarter, *, only_new: bool = False) -> str:
    """Fetch a feed's delivery for a quarter into landing, and return its id.

    Killed anywhere and run again, it goes on after the last sealed page:

    1. The agreement permits the feed and the quarter, or refuses with the clause, which is logged. It is asked before
       anything is asked of the partner, by every run, and again before each page is sealed, as it then stands: what
       expires or is withdrawn in the midst of a long fetch keeps no further page. What was sealed before stays
       sealed in an open delivery, which nothing reads; a run under a renewed agreement goes on with it.
    2. Each page is sealed, and committed together with the cursor that follows it. The delivery is opened with
       its first page. Did the source change under it, it is refused and a new one begun, once in a run.
    3. The delivery is closed, and its collection logged, in one transaction. Were the same bytes admitted
       before under the same agreement and code, it is *repeated*, and nothing else will come of it.
    4. Only then is the partner told that all is kept.
    5. A mailbox that handed out the quarter's message before has nothing new, nor has a table in which nothing was
       changed. Then the delivery in force stands and is returned, which is logged as a repetition; without one, the
       quarter is not ready. ``only_new``: whoever looks by the clock is told so either way, by NothingNew.
    6. A source that tells of its changes is asked for those since the delivery in force, if it can be continued
       (``ingest.continuing``). Begun anew, a delivery is fetched whole.
    7. A partner is asked within the hours of the feed's file, and left alone while its circuit is open
       (``ingest.circuit``).

    Raises AgreementRefusal, OutsideWindow, CircuitOpen, ConnectorError, or what the store and the key ring raise.
    """
    feed, agreement = load_feed(settings.config, feed_name), load_agreement(settings)
    ring = open_ring(settings, Service.INGEST)
    case = _permitted(Case(settings, agreement, feed, quarter, ring))  # (1)
    hold_window(feed, now())
    connector = connect(settings, feed)
    with through_circuit(settings, feed.authority) as answered:  # (7)
        try:
            delivery = _fetch_steadily(case, connector, answered)  # (2), (3)
        except NothingNew:
            in_force = None if only_new else _in_force(case)  # (5)
            if in_force is None:
                raise
            return in_force.id
        connector.confirm(quarter)  # (4)
    log.info("delivery %s is %s: %d pages, sha256 %s", delivery.id, delivery.state, delivery.pages, delivery.sha256)
    return delivery.id


def _fetch_steadily(case: Case, connector: Connector, answered: Callable[[], None]) -> Delivery:
    """Fetch, and begin anew if the source changed; raises SourceChanged if it does so again."""
    begun = _begun(case)
    found = approach(case, connector, begun)  # (6)
    try:
        if found is not None:
            return _fetch(case, found, begun, answered)
        log.warning("begun anew: what delivery %s continues is not to be had any more", begun.id if begun else "")
    except SourceChanged as change:
        log.warning("begun anew: %s", change)
    _discard(case)
    return _fetch(case, Approach(connector), None, answered)


def _begun(case: Case) -> Delivery | None:
    """The delivery to go on with: one that is closed but not yet admitted or refused, or else the open one."""
    begun = select(DeliveryRow.id).where(
        DeliveryRow.feed == case.feed.name,
        DeliveryRow.period == str(case.quarter),
        DeliveryRow.state.in_((State.CLOSED, State.OPEN)),
    )
    with transaction(case.settings) as connection:
        found = connection.execute(begun.order_by(DeliveryRow.closed_at.desc().nulls_last()).limit(1)).scalar()
        return None if found is None else find_delivery(connection, found)


def _fetch(case: Case, how: Approach, delivery: Delivery | None, answered: Callable[[], None]) -> Delivery:
    """Seal what is still to come, and close. Of a closed delivery nothing is to come: the connector only sees so."""
    for page in _pages(case, how.connector, delivery):
        answered()
        if delivery is not None and delivery.state is State.CLOSED:
            break  # it belongs to the next delivery
        case = _permitted(case, delivery.id if delivery else None)
        delivery = _sealed(case, page, delivery, how.continues)
        log.info("delivery %s: page %d sealed, %d bytes", delivery.id, delivery.pages, len(page.body))
    if delivery is None:
        raise NotReady(
            "Nothing was delivered", where=case.feed.name, why="the partner gave no page", fix="It is tried again later"
        )
    return delivery if delivery.state is State.CLOSED else _close(case, delivery)


def _sealed(case: Case, page: Page, delivery: Delivery | None, continues: str | None) -> Delivery:
    """The delivery once a page more is kept; it is opened with its first."""
    with transaction(case.settings) as connection:
        return seal_page(
            case.settings,
            connection,
            case.ring,
            delivery or _opened(connection, case, continues),
            page.body,
            cursor=page.cursor,
            more=page.more,
            receipt=_told(page),
            watermark=page.watermark,
        )


def _pages(case: Case, connector: Connector, delivery: Delivery | None) -> Iterator[Page]:
    """The pages after those of a delivery that was begun; of mended rows, which no connector fetched, none."""
    cursor = None
    if delivery is not None:
        with transaction(case.settings) as connection:
            cursor = cursor_of(connection, case.ring, delivery)
            if isinstance(connector, FileConnector):  # what it must hold a receipt against need not be fetched again
                connector.kept = Landed(case.settings, connection, case.ring, delivery).joined
    is_by_hand = delivery is not None and delivery.state is State.CLOSED and cursor is None
    return iter(()) if is_by_hand else connector.pages(case.quarter, cursor)


def _told(page: Page) -> str | None:
    """The partner's receipt, as the store keeps it."""
    if page.receipt is None:
        return None
    said = {"rows": page.receipt.rows, "sha256": page.receipt.sha256, "totals": dict(page.receipt.totals)}
    if page.receipt.standing is not None:
        said["standing"] = page.receipt.standing
    return json.dumps(said, sort_keys=True)


def _permitted(case: Case, delivery: str | None = None) -> Case:
    """The case under the agreement as it stands now, if that permits to collect it today; raises AgreementRefusal."""
    case = case.renewed()
    with case.logging_refusal(delivery):
        permit_collection(case.agreement, case.feed.name, case.quarter, now().date())
        case.enact()
    return case


def _opened(connection: Connection, case: Case, continues: str | None) -> Delivery:
    """A new delivery, as one without pages: if another run opened it first and sealed one, sealing is refused."""
    return replace(open_delivery(connection, case.ring, case.feed, case.quarter, continues=continues), pages=0)


def _discard(case: Case) -> None:
    delivery = _begun(case)
    if delivery is None:
        return
    with transaction(case.settings) as connection:
        advance(connection, delivery.id, State.REFUSED)
        append(connection, case.entry(Action.REFUSE_DELIVERY, delivery.id, detail={"ground": "source_changed"}))


def _in_force(case: Case) -> Delivery | None:
    """The admitted delivery of the quarter, if there is one, with the log's word that it was asked for again."""
    with transaction(case.settings) as connection:
        delivery = admitted_delivery(connection, case.feed.name, case.quarter)
        if delivery is not None:
            detail: dict[str, Scalar] = {"ground": "nothing_new", "sha256": delivery.sha256 or ""}
            append(connection, case.entry(Action.REPEAT_DELIVERY, delivery.id, detail=detail))
            checkpoint(connection, log_signer(case.settings, case.ring))
    return delivery


def _close(case: Case, delivery: Delivery) -> Delivery:
    with transaction(case.settings) as connection:
        closed = close_delivery(connection, delivery)
        detail = _receipt(closed)
        append(connection, case.entry(Action.COLLECT, closed.id, detail=detail))
        if _admitted_before(connection, case, closed):
            closed = advance(connection, closed.id, State.REPEATED)
            append(connection, case.entry(Action.REPEAT_DELIVERY, closed.id, detail=detail))
        checkpoint(connection, log_signer(case.settings, case.ring))
    return closed


def _receipt(closed: Delivery) -> dict[str, Scalar]:
    """What the log keeps as the receipt of a complete delivery: what came, and what the partner says that it holds."""
    came: dict[str, Scalar] = {"pages": closed.pages, "bytes": closed.bytes, "sha256": closed.sha256 or ""}
    if closed.continues_id is not None:
        came["continues"] = closed.continues_id
    said = json.loads(closed.receipt) if closed.receipt else {}
    told = {
        "rows_told": said.get("rows"),
        "sha256_told": said.get("sha256"),
        "totals_told": len(said.get("totals", ())),
    }
    return came | {name: value for name, value in told.items() if value}


def _admitted_before(connection: Connection, case: Case, delivery: Delivery) -> bool:
    """Whether the delivery in force has the same bytes, and was admitted under this agreement by this code.

    Rows that were mended since and handed in by hand stand then, for the source has nothing else to say than before.
    """
    before = admitted_delivery(connection, delivery.feed, delivery.period)
    if before is None or fetched(connection, before).sha256 != delivery.sha256:
        return False
    return admitted_alike(connection, case, before)
