"""When a quarter is linked without a feed that does not come: as long as the agreement waits, and no longer."""

from datetime import date

from sqlalchemy import Connection

from agreement.model import Agreement
from agreement.policy import load_agreement
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from ingest.lateness import LOOKED_AT, ended
from linkage.registered.register import newest_linked
from store.deliveries import admitted_deliveries, admitted_delivery


def waited_out(settings: Settings, feed: str) -> list[str]:
    """The quarters that are to be linked without this feed now, oldest first."""
    with transaction(settings) as connection:
        return given_up(connection, load_agreement(settings), feed, now().date())


def given_up(connection: Connection, agreement: Agreement, feed: str, today: date) -> list[str]:
    """The quarters that are to be linked without a feed on a day, oldest first.

    1. The agreement's ``late_feed_wait_days`` have passed since the quarter's end.
    2. The feed has no admitted delivery of it, though the agreement shares it.
    3. Some other feed that is linked has one: of nothing no persons are made.
    4. The quarter was not linked yet, nor a later one.
    """
    linked = newest_linked(connection)
    found = [
        str(quarter)
        for quarter in ended(today, LOOKED_AT)
        if (today - quarter.ends_on).days > agreement.late_feed_wait_days  # (1)
        and _missing(connection, agreement, feed, quarter)  # (2), (3)
        and (linked is None or quarter > linked)  # (4)
    ]
    return found[::-1]


def _missing(connection: Connection, agreement: Agreement, feed: str, quarter: Quarter) -> bool:
    shared = quarter >= Quarter.parse(agreement.feeds[feed].earliest_period)
    there = admitted_deliveries(connection, quarter, agreement.linkage.feeds)
    return shared and bool(there) and admitted_delivery(connection, feed, quarter) is None
