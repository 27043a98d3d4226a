"""Legal holds: an officer orders that something is not erased until a day. The log has the last word on them.

1. A hold is on a delivery, a release, a feed, or everything, and lasts two years at the most: then it is reviewed.
2. It is ordered by an appointed officer, with a reason (``publish.ordering``), and ends on its last day or when an
   officer orders so.
3. Which holds there are is read from the log (``publish.holds``).
"""

from datetime import date, timedelta

from sqlalchemy import Connection, select

from assessment.public.kept import RELEASE
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feeds
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.holds import EVERYTHING, Hold, holds
from publish.order import Act, Order
from publish.ordering import Officer, detail, give
from publish.refusals import logging_refusals
from publish.releases import TABLE
from retention.errors import HoldRefused
from store.models import DeliveryRow

LONGEST = timedelta(days=731)
PUBLIC = select(RELEASE.c.name)


def hold(settings: Settings, officer: Officer, on: str, until: date) -> Hold:
    """Lay a hold. Raises HoldRefused, OrderRefused or AgreementRefusal; each is logged."""
    with logging_refusals(settings, action=Action.REFUSE_ORDER), transaction(settings) as connection:
        _require_known(settings, connection, on)
        today = now().date()
        if not today <= until <= today + LONGEST:
            raise _refused("its last day is past, or more than two years ahead", "Say a day by which it is reviewed")
        order = give(settings, connection, officer, Act.HOLD, on, until)
        _log(settings, connection, Action.HOLD, order, {"on": on, "until": until.isoformat()})
        return Hold(on, until, order.officer, order.reason, order.digest)


def release_hold(settings: Settings, officer: Officer, on: str) -> int:
    """Release every hold on something; says how many. Raises as ``hold``."""
    with logging_refusals(settings, action=Action.REFUSE_ORDER), transaction(settings) as connection:
        found = [each for each in holds(connection) if each.on == on]
        if not found:
            raise _refused("no hold on it is known", "See hub retention list")
        order = give(settings, connection, officer, Act.RELEASE_HOLD, on)
        _log(settings, connection, Action.RELEASE_HOLD, order, {"on": on, "holds": len(found)})
        return len(found)


def _require_known(settings: Settings, connection: Connection, on: str) -> None:
    """Rule 1: what is held is there. What was typed is not repeated: it may be a name."""
    known = {EVERYTHING, *load_feeds(settings.config)}
    known |= set(connection.execute(select(DeliveryRow.id)).scalars())
    known |= set(connection.execute(select(TABLE.c.name)).scalars()) | set(connection.execute(PUBLIC).scalars())
    if on not in known:
        raise _refused("it is no delivery, release or feed", f"See hub retention list, or hold {EVERYTHING}")


def _log(settings: Settings, connection: Connection, action: Action, order: Order, about: dict[str, str | int]) -> None:
    entry = Entry(
        action=action,
        actor=order.officer,
        justification=order.reason,
        agreement_hash=order.agreement_hash,
        code_commit=settings.code_commit,
        detail=about | detail(order),
    )
    append(connection, entry)
    checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))


def _refused(why: str, fix: str) -> HoldRefused:
    return HoldRefused("The hold is refused", where="what it is on", why=why, fix=fix)
