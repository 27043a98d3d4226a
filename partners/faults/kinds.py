"""What can go wrong at a partner, and by which way of delivering it can."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """One trouble. Each strikes once or a few times, unless it says that it lasts until somebody mends it."""

    TIMEOUT = "no answer in time"
    RESET = "the connection breaks in the middle of an answer"
    REFUSED = "no connection is taken"
    TOO_MANY = "429 with Retry-After"
    CLOCK_SKEW = "the partner's clock is an hour off"
    SERVER_ERROR = "500"
    EXPIRED_TOKEN = "the token ends before its time"  # noqa: S105
    REVOKED = "the hub's credential is not accepted, until it is given a new one"
    DUPLICATE_PAGE = "the page before is answered once more"
    CHANGED_CURSOR = "the partner's words for its next pages are others now, and it knows the old ones no more"
    CHANGED = "a row goes, comes or is corrected while pages are fetched"
    HALF_WRITTEN = "the file is still being written"
    TRUNCATED = "the file is shorter than its receipt says, until it is sent again"
    WRONG_HASH = "the receipt is another file's, until it is sent again"
    POISON = "a row that no contract lets in"


class Then(StrEnum):
    """What comes after a delivery was admitted."""

    NOTHING = "nothing"
    AGAIN = "the same is delivered again"
    CORRECTED = "a corrected one is delivered"


@dataclass(frozen=True)
class Way:
    """A feed, how it is delivered, and the troubles that this way of delivering knows.

    ``transport`` changes the feed's file: pages are small. ``spoilt`` is a column that no row may have just so,
    ``other`` one that a correction changes, ``key`` the reference of a row; by the source's names, dotted.
    """

    name: str
    feed: str
    server: str
    faults: tuple[Fault, ...]
    key: str
    spoilt: str
    other: str
    transport: Mapping[str, Any] = field(default_factory=dict)


_WEB = (Fault.TIMEOUT, Fault.RESET, Fault.TOO_MANY, Fault.CLOCK_SKEW, Fault.SERVER_ERROR, Fault.REVOKED)
_ROWS = (Fault.CHANGED, Fault.POISON)
_PAGED = (Fault.DUPLICATE_PAGE, *_ROWS)
_FILE = (Fault.HALF_WRITTEN, Fault.TRUNCATED, Fault.WRONG_HASH, Fault.CLOCK_SKEW, *_ROWS)
_WIRE = (Fault.TIMEOUT, Fault.RESET, Fault.REFUSED, Fault.REVOKED)
_FIRE = {"feed": "fire.fire_setter_referrals", "key": "referralId", "spoilt": "dateOfReferral", "other": "deliberate"}
_PROBATION = {
    "feed": "probation.supervision",
    "key": "crn",
    "spoilt": "supervision.startDate",
    "other": "supervision.startDate",
}
_SIGNED = {
    "token_path": "/auth/oauth/token",
    "client_id": "safer-hub",
    "private_key_jwt": {"private_key": "probation_private_key", "key_id": "hub-2026"},
}
_SMALL = {"page_size": 8}
_RECEIPT = {"receipt": "{path}.sha256", "settle_s": 0.2}

WAYS: tuple[Way, ...] = (
    Way("REST by page, API key", server="fire", faults=(*_WEB, *_PAGED), transport=_SMALL, **_FIRE),
    Way(
        "REST by offset, API key",
        server="fire",
        faults=(*_WEB, *_PAGED),
        transport=_SMALL | {"by": "offset", "path": "/rows"},
        **_FIRE,
    ),
    Way(
        "REST by page, OAuth 2.0",
        server="probation",
        faults=(*_WEB, *_PAGED, Fault.EXPIRED_TOKEN),
        transport=_SMALL,
        **_PROBATION,
    ),
    Way(
        "REST by cursor, OAuth 2.0",
        server="probation",
        faults=(*_WEB, *_PAGED, Fault.EXPIRED_TOKEN, Fault.CHANGED_CURSOR),
        transport=_SMALL | {"by": "cursor", "path": "/rows"},
        **_PROBATION,
    ),
    Way(
        "REST by Link header, private_key_jwt",
        server="probation",
        faults=(*_WEB, *_PAGED, Fault.EXPIRED_TOKEN, Fault.CHANGED_CURSOR),
        transport=_SMALL | {"by": "link", "path": "/rows", "oauth2": _SIGNED},
        **_PROBATION,
    ),
    Way(
        "REST by month",
        "police.street_crime",
        "street crime",
        (*(fault for fault in _WEB if fault is not Fault.REVOKED), *_PAGED),
        key="id",
        spoilt="category",
        other="category",
    ),
    Way(
        "SFTP, receipt",
        "police.recorded_crime",
        "police SFTP",
        (*_WIRE, *_FILE),
        key="Crime Reference",
        spoilt="HO Code",
        other="Knife Flag",
        transport=_RECEIPT | {"chunk_bytes": 2048},
    ),
    Way(
        "SFTP, marker and receipt",
        "yot.cases",
        "yot SFTP",
        (*_WIRE, *_FILE),
        key="id",
        spoilt="Offence.date",
        other="KeyIndicators.ete",
        transport=_RECEIPT | {"chunk_bytes": 2048, "marker": "{path}.done"},
    ),
    Way(
        "file drop",
        "fire.incidents",
        "fire drop",
        _FILE,
        key="IncidentNumber",
        spoilt="DateOfCall",
        other="TimeOfCall",
        transport=_RECEIPT | {"chunk_bytes": 2048},
    ),
    Way(
        "MESH",
        "health.emergency_care",
        "mesh",
        (*_WEB, *_ROWS),
        key="reference",
        spoilt="arrival_on",
        other="assault_method",
        transport={"chunk_bytes": 12_000, "openpgp": None},
    ),
    Way(
        "SQL, whole",
        "council.exclusions",
        "council",
        (*_WIRE, *_ROWS),
        key="exclusion_id",
        spoilt="category",
        other="sessions",
        transport=_SMALL,
    ),
    Way(
        "SQL, changes",
        "council.marac",
        "council",
        (*_WIRE, Fault.CLOCK_SKEW, *_ROWS),
        key="referral_id",
        spoilt="victim_gender",
        other="repeat_case",
        transport={"page_size": 6, "changed_column": "changed_at", "deleted_column": "deleted"},
    ),
)
