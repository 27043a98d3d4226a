"""Whether a feed has delivered what should be in by now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from agreement.policy import load_agreement
from hub.clock import now
from hub.database import transaction
from hub.feeds import Feed, load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.errors import FeedLate
from store.deliveries import admitted_delivery

LOOKED_AT = 2  # quarters: the one that ended last, and the one before it


@dataclass(frozen=True)
class Overdue:
    """A quarter of a feed that is not in, and since how many days it should be."""

    feed: str
    quarter: Quarter
    days: int


def hold_in_time(settings: Settings, feed_name: str) -> None:
    """Raise FeedLate if a quarter of the feed is not in, though its time is over (``late_after_days``).

    Of the two quarters that ended last, those that the agreement shares: what was late for longer has been told daily.
    """
    feed, today = load_feed(settings.config, feed_name), now().date()
    earliest = Quarter.parse(load_agreement(settings).feeds[feed_name].earliest_period)
    with transaction(settings) as connection:
        late = list(overdue(connection, feed, earliest, today))
    if late:
        said = ", ".join(f"{one.quarter} since {one.days} days" for one in late)
        raise FeedLate(
            "A delivery is late",
            where=feed_name,
            why=f"it should be in: {said}",
            fix=f"Look at the feed's DAG; if the partner has not sent it, ask {feed.owner}",
        )


def overdue(connection: Connection, feed: Feed, earliest: Quarter, today: date) -> Iterator[Overdue]:
    """The quarters of a feed that are late on a day, newest first."""
    for quarter in ended(today, LOOKED_AT):
        days = (today - quarter.ends_on - timedelta(days=feed.late_after_days)).days
        if quarter >= earliest and days > 0 and admitted_delivery(connection, feed.name, quarter) is None:
            yield Overdue(feed.name, quarter, days)


def ended(today: date, count: int) -> Iterator[Quarter]:
    """The quarters that ended last before a day, newest first."""
    quarter = Quarter.containing(today)
    for _ in range(count):
        quarter = quarter.before()
        yield quarter
