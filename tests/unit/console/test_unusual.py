"""The daily digest, a day at a time."""

import re
from datetime import UTC, datetime, timedelta

from hub.clock import now
from tests.unit.console.conftest import add, text_of


def test_what_was_unusual_on_a_day_is_shown_with_its_entries(hub, reviewer):
    on_a_sunday = datetime(2026, 8, 2, 12, 0, tzinfo=UTC)
    index = add(hub, actor="night owl", at=on_a_sunday)
    page = reviewer.get("/unusual?day=2026-08-02").text

    assert "night owl acted once outside working time" in text_of(page)
    assert f'href="/entries/{index}"' in page
    assert "day=2026-08-01" in page
    assert "day=2026-08-03" in page


def test_a_day_without_entries_says_so(reviewer):
    assert "Nothing unusual in 0 entries" in text_of(reviewer.get("/unusual?day=2020-02-02").text)


def test_the_overview_tells_of_yesterday(hub, reviewer):
    add(hub, actor="newcomer", at=now() - timedelta(days=1))

    page = text_of(reviewer.get("/").text)
    assert re.search("[12] findings? yesterday in 1 entry", page)


def test_a_day_that_has_not_come_is_today(reviewer):
    assert "The day after" not in reviewer.get("/unusual?day=2999-01-01").text
