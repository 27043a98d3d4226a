"""When a partner may be asked."""

from datetime import UTC, datetime

import pytest

from hub.feeds import Feed, Window, load_feed
from hub.settings import PROJECT
from ingest.errors import OutsideWindow
from ingest.window import hold_window, is_open, opening

DAY, NIGHT = Window(opens="09:00", closes="17:30"), Window(opens="20:00", closes="06:00")


def feed(window: Window | None) -> Feed:
    return load_feed(PROJECT / "config", "probation.supervision").model_copy(update={"window": window})


@pytest.mark.parametrize(
    ("window", "hour", "minute", "open_"),
    [
        (DAY, 8, 59, False), (DAY, 9, 0, True), (DAY, 17, 29, True), (DAY, 17, 30, False),
        (NIGHT, 19, 59, False), (NIGHT, 20, 0, True), (NIGHT, 0, 0, True), (NIGHT, 5, 59, True), (NIGHT, 6, 0, False),
    ],
)  # fmt: skip
def test_a_window_is_open_from_its_first_minute_to_before_its_last(
    window: Window, hour: int, minute: int, open_: bool
) -> None:
    assert is_open(window, datetime(2026, 1, 15, hour, minute, tzinfo=UTC)) is open_  # in winter London has UTC


def test_in_summer_the_hours_are_londons() -> None:
    assert not is_open(DAY, datetime(2026, 7, 15, 16, 45, tzinfo=UTC))  # 17:45 in London


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 1, 15, 7, tzinfo=UTC), datetime(2026, 1, 15, 20, tzinfo=UTC)),
        (datetime(2026, 1, 15, 21, tzinfo=UTC), datetime(2026, 1, 16, 20, tzinfo=UTC)),
        (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 19, tzinfo=UTC)),  # the clocks went forward
    ],
)
def test_it_opens_next(now: datetime, opens: datetime) -> None:
    assert opening(NIGHT, now) == opens


def test_outside_its_window_a_partner_is_not_asked_and_the_error_says_from_when_on() -> None:
    with pytest.raises(
        OutsideWindow, match=r"from 20:00 to 06:00 in London\. It is asked at 2026-01-15 20:00"
    ) as found:
        hold_window(feed(NIGHT), datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert found.value.again_at == datetime(2026, 1, 15, 20, tzinfo=UTC)
    assert found.value.transient


def test_inside_it_or_without_one_it_is_asked() -> None:
    hold_window(feed(NIGHT), datetime(2026, 1, 15, 23, tzinfo=UTC))
    hold_window(feed(None), datetime(2026, 1, 15, 12, tzinfo=UTC))


def test_a_window_of_no_length_is_no_window() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        Window(opens="09:00", closes="09:00")
