"""Feeds that do not come: told when they are late, and given up when the agreement's wait is over."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import Connection, update

from agreement.policy import load_agreement
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.errors import FeedLate
from ingest.lateness import hold_in_time, overdue
from keys.home import create_ring
from linkage.registered.register import update_register
from linkage.reviewed.waiting import given_up
from store.deliveries import State, open_delivery
from store.models import DeliveryRow

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
MARAC, YOT = "council.marac", "yot.cases"


def admitted(settings: Settings, *deliveries: tuple[str, Quarter]) -> None:
    """Deliveries that count, without any page."""
    ring = create_ring(settings)
    with transaction(settings) as connection:
        for feed, quarter in deliveries:
            made = open_delivery(connection, ring, load_feed(settings.config, feed), quarter)
            connection.execute(update(DeliveryRow).where(DeliveryRow.id == made.id).values(state=State.ADMITTED))


def late(connection: Connection, settings: Settings, day: date) -> list[tuple[str, int]]:
    feed = load_feed(settings.config, MARAC)
    return [(str(one.quarter), one.days) for one in overdue(connection, feed, Quarter(2023, 1), day)]


@pytest.mark.parametrize(
    ("days_after_q3", "found"),
    [(45, [("2026-Q2", 92)]), (46, [("2026-Q3", 1), ("2026-Q2", 93)]), (92, [("2026-Q3", 47), ("2026-Q2", 139)])],
)
def test_a_feed_is_late_once_its_days_are_over(
    settings: Settings, days_after_q3: int, found: Sequence[tuple[str, int]]
) -> None:
    day = Q3.ends_on + timedelta(days=days_after_q3)
    with transaction(settings) as connection:
        assert late(connection, settings, day) == found


def test_what_is_in_is_not_late_and_what_the_agreement_does_not_share_neither(settings: Settings) -> None:
    admitted(settings, (MARAC, Q3))
    day, feed = Q3.ends_on + timedelta(days=50), load_feed(settings.config, MARAC)
    with transaction(settings) as connection:
        assert [quarter for quarter, _ in late(connection, settings, day)] == ["2026-Q2"]
        assert not list(overdue(connection, feed, Q3, day))


def test_those_on_duty_are_told_in_one_sentence(settings: Settings) -> None:
    with pytest.raises(
        FeedLate, match=r"A delivery is late in council\.marac: it should be in: 20\d\d-Q\d since \d+ days"
    ):
        hold_in_time(settings, MARAC)


def test_a_quarter_is_linked_without_a_feed_once_the_agreement_waited_long_enough(settings: Settings) -> None:
    admitted(settings, (YOT, Q3))
    agreement = load_agreement(settings)
    last = Q3.ends_on + timedelta(days=agreement.late_feed_wait_days)
    with transaction(settings) as connection:
        assert given_up(connection, agreement, MARAC, last) == []
        assert given_up(connection, agreement, MARAC, last + timedelta(days=1)) == ["2026-Q3"]
        assert given_up(connection, agreement, YOT, last + timedelta(days=1)) == []  # it is there


def test_a_quarter_of_which_nothing_came_is_not_linked(settings: Settings) -> None:
    agreement = load_agreement(settings)
    with transaction(settings) as connection:
        assert given_up(connection, agreement, MARAC, date(2026, 12, 20)) == []


def test_a_quarter_that_is_linked_is_not_announced_again(settings: Settings) -> None:
    admitted(settings, (YOT, Q3))
    agreement = load_agreement(settings)
    clusters = pl.DataFrame({"record_id": ["a"], "cluster": [1]})
    with transaction(settings) as connection:
        update_register(connection, clusters, Q3, str.upper)
        assert given_up(connection, agreement, MARAC, date(2026, 12, 20)) == []
