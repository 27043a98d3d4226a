"""What is kept, since when, and when its time is over. Pure: no database, no clock.

1. Days are counted from the day on which a delivery was complete (or begun, if it never was), a candidate built, a
   release published. On the day that many days later it is due.
2. A delivery's records and events are of no use without each other: what is due first takes the other along.
3. Of a delivery that was refused, or repeats another, nothing was kept but its pages and rows at fault: its table key
   is due at once.
4. A legal hold on the thing, on its feed or on everything stops it, until the hold's last day is over.
5. A candidate for the public is due as any candidate is. What was published for anybody to see is of nobody, and stays.
6. What is remembered of a withdrawn release's counts is due when the release would have been.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from publish.holds import Hold, on_any


class Kind(StrEnum):
    """What kind of thing is kept, named as its zone; ``tables`` are records and events, ``answers`` of counts."""

    LANDING = "landing"
    QUARANTINE = "quarantine"
    TABLES = "tables"
    CANDIDATE = "candidates"
    RELEASE = "releases"
    PUBLIC = "public candidates"
    ANSWERS = "answers"


_ALLOWED = {Kind.PUBLIC: "candidates", Kind.ANSWERS: "releases"}  # (5, 6)


@dataclass(frozen=True)
class Kept:
    """One thing that is kept: of a delivery or a release ``name``, since a day; ``useless``: rule 3."""

    kind: Kind
    name: str
    feed: str | None
    since: date
    useless: bool = False


@dataclass(frozen=True)
class Standing:
    """A thing that is kept, the day on which it is due, and the hold that stands against that, if one does."""

    kept: Kept
    due_on: date
    hold: Hold | None

    def is_due(self, on: date) -> bool:
        """Whether it is to be erased on a day."""
        return self.due_on <= on and self.hold is None


def standing(kept: Kept, days: Mapping[str, int], holds: Iterable[Hold], on: date) -> Standing:
    """When a thing is due by the agreement's ``retention_days``, and whether it is held on a day."""
    if kept.useless:
        allowed = 0  # (3)
    elif kept.kind is Kind.TABLES:
        allowed = min(days["records"], days["events"])  # (2)
    else:
        allowed = days[_ALLOWED.get(kept.kind, kept.kind)]
    held = on_any(holds, {kept.name, kept.feed}, on)  # (4)
    return Standing(kept, kept.since + timedelta(days=allowed), held)  # (1)
