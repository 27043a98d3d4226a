"""For which quarter an ingest DAG runs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.feeds import Feed
from tests.dags.conftest import FEEDS

pytestmark = pytest.mark.usefixtures("airflow_alone")


@pytest.fixture(scope="module")
def timetable(airflow_alone: None) -> Any:
    from dags.timetable import QuarterTimetable

    return QuarterTimetable("0 6 20 1,4,7,10 *", timezone="Europe/London")


@pytest.mark.parametrize(
    ("day", "runs_at", "quarter"),
    [
        (datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 10, 20, 5, tzinfo=UTC), "2026-Q3"),  # summer time
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 20, 6, tzinfo=UTC), "2026-Q4"),
        (datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 4, 20, 5, tzinfo=UTC), "2027-Q1"),
    ],
    ids=["in summer time", "in winter time", "from one into the other"],
)
def test_by_the_clock_it_runs_for_the_quarter_that_ended(
    timetable: Any, day: datetime, runs_at: datetime, quarter: str
) -> None:
    from airflow.timetables.base import TimeRestriction

    info = timetable.next_dagrun_info_v2(
        last_dagrun_info=None, restriction=TimeRestriction(earliest=day, latest=None, catchup=True)
    )
    assert (info.run_after, info.partition_key) == (runs_at, quarter)


def test_by_hand_it_runs_for_any_quarter(timetable: Any) -> None:
    assert timetable.resolve_partition_date("2026-Q3") == datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize("key", ["2026-Q5", "2026-09", "Q3"])
def test_what_is_no_quarter_is_refused(timetable: Any, key: str) -> None:
    from airflow.exceptions import InvalidPartitionKeyError

    with pytest.raises(InvalidPartitionKeyError, match="YYYY-Q1"):
        timetable.resolve_partition_date(key)


def test_a_backfill_makes_one_run_for_each_quarter_that_begins_in_it(timetable: Any) -> None:
    infos = timetable.iter_partition_dagrun_infos(
        earliest=datetime(2025, 7, 1, tzinfo=UTC), latest=datetime(2026, 7, 1, tzinfo=UTC)
    )
    keys = [(info.partition_key, info.partition_date) for info in infos]
    assert [key for key, _ in keys] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    assert all(timetable.resolve_partition_date(key) == date for key, date in keys)


def test_it_is_the_same_after_it_was_stored(timetable: Any) -> None:
    from dags.timetable import QuarterTimetable

    stored = QuarterTimetable.deserialize(timetable.serialize())
    assert stored.serialize() == timetable.serialize()
    assert stored.resolve_partition_date("2026-Q1") == datetime(2026, 1, 1, tzinfo=UTC)


KEPT_BY_MESH = timedelta(days=5)


@pytest.mark.parametrize(
    "feed", [feed for feed in FEEDS.values() if feed.transport.kind == "mesh"], ids=lambda feed: feed.name
)
def test_a_mailbox_is_looked_into_before_a_message_can_expire(feed: Feed, airflow_alone: None) -> None:
    from airflow.timetables.base import TimeRestriction

    from dags.timetable import QuarterTimetable

    timetable, looks = QuarterTimetable(feed.schedule, timezone="Europe/London"), []
    for day in range(0, 400, 10):
        earliest = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=day)
        restriction = TimeRestriction(earliest=earliest, latest=None, catchup=True)
        looks.append((earliest, timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)))
    assert max(info.run_after - earliest for earliest, info in looks) < KEPT_BY_MESH - timedelta(days=3)
    assert {info.partition_key for _, info in looks} >= {"2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"}
