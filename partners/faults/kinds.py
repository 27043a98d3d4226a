"""What can go wrong at a partner, and by which way of delivering it can."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One trouble. Each strikes once, unless it says that it lasts until somebody mends it."""

    TIMEOUT = "no answer in time"
    RESET = "the connection breaks in the middle of an answer"
    REFUSED = "no connection is taken"
    TOO_MANY = "429 with Retry-After"
    CLOCK_SKEW = "429 with Retry-After as a date, by a clock that is an hour off"
    SERVER_ERROR = "500"
    EXPIRED_TOKEN = "401, as if the token had expired"  # noqa: S105
    REVOKED = "the hub's credential is not accepted, until it is given a new one"
    DUPLICATE_PAGE = "the page before is answered once more"
    CHANGED = "a row goes while pages are fetched, so that all others move"
    HALF_WRITTEN = "the file is still being written"
    TRUNCATED = "the file is shorter than its receipt says, until it is sent again"
    WRONG_HASH = "the receipt is another file's, until it is sent again"
    POISON = "a row that no contract lets in"


_WEB = (Fault.TIMEOUT, Fault.RESET, Fault.TOO_MANY, Fault.CLOCK_SKEW, Fault.SERVER_ERROR, Fault.REVOKED)
_PAGED = (Fault.DUPLICATE_PAGE, Fault.CHANGED, Fault.POISON)


@dataclass(frozen=True)
class Way:
    """A feed, and the troubles that its way of delivering knows. ``page`` changes the feed's file: pages are small."""

    feed: str
    faults: tuple[Fault, ...]
    page: Mapping[str, int | str]


WAYS: tuple[Way, ...] = (
    Way("fire.fire_setter_referrals", (*_WEB, *_PAGED), {"page_size": 8}),
    Way("probation.supervision", (*_WEB, *_PAGED, Fault.EXPIRED_TOKEN), {"page_size": 8}),
    Way(
        "police.recorded_crime",
        (
            Fault.RESET,
            Fault.REFUSED,
            Fault.HALF_WRITTEN,
            Fault.TRUNCATED,
            Fault.WRONG_HASH,
            Fault.REVOKED,
            Fault.POISON,
        ),
        {"chunk_bytes": 8192, "receipt": "{path}.sha256"},
    ),
    Way("health.emergency_care", (Fault.RESET, Fault.TIMEOUT, Fault.SERVER_ERROR), {"chunk_bytes": 4096}),
    Way("council.exclusions", (Fault.RESET, Fault.REFUSED, Fault.REVOKED, Fault.POISON), {"page_size": 8}),
)
