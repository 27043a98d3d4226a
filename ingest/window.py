"""When a partner may be asked: some allow it at night alone, so that their own work is not slowed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.feeds import Feed, Window
from ingest.errors import OutsideWindow

LONDON = ZoneInfo("Europe/London")


def hold_window(feed: Feed, now: datetime) -> None:
    """Raise OutsideWindow, which says when it opens, unless the feed's partner may be asked now."""
    if feed.window is None or is_open(feed.window, now):
        return
    opens = opening(feed.window, now)
    raise OutsideWindow(
        "The partner is not asked now",
        where=feed.name,
        why=f"its file says from {feed.window.opens:%H:%M} to {feed.window.closes:%H:%M} in London",
        fix=f"It is asked at {opens:%Y-%m-%d %H:%M}",
        again_at=opens,
    )


def is_open(window: Window, now: datetime) -> bool:
    """Whether an instant lies in the window: its first minute does, its last instant does not. It may span midnight."""
    clock = now.astimezone(LONDON).time()
    if window.opens < window.closes:
        return window.opens <= clock < window.closes
    return clock >= window.opens or clock < window.closes


def opening(window: Window, now: datetime) -> datetime:
    """The next instant after ``now`` at which the window opens, in London's time."""
    local = now.astimezone(LONDON)
    day = local.date() + timedelta(days=local.time() >= window.opens)
    return _at(day.year, day.month, day.day, window.opens)


def _at(year: int, month: int, day: int, clock: time) -> datetime:
    """In the hour that the clocks skip in March, the instant that they skip to is meant."""
    wanted = datetime(year, month, day, clock.hour, clock.minute, tzinfo=LONDON)
    return wanted.astimezone(ZoneInfo("UTC")).astimezone(LONDON)
