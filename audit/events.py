"""What the log records: one entry for each act, in a form that two programs write alike."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum

import rfc8785

from audit.errors import EntryRefused
from hub.clock import now

Scalar = str | int | float | bool
FORMAT = 1


class Verb(StrEnum):
    """The six acts of DPA 2018 s.62(1), and what governs them."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    AGREEMENT = "agreement"
    KEY = "key"
    DECISION = "decision"
    REFUSAL = "refusal"


class Action(StrEnum):
    """Every act that is recorded, as ``source:subject:verb``. Members are added, never removed or renamed."""

    COLLECT = "connectors:delivery:collection"
    REFUSE_DELIVERY = "ingest:delivery:refusal"
    REPEAT_DELIVERY = "ingest:delivery:decision"  # the same bytes again: nothing is changed
    QUARANTINE = "ingest:rows:alteration"
    ADMIT = "ingest:delivery:alteration"
    LINK = "linkage:records:combination"
    BUILD = "publish:candidate:combination"
    DECIDE = "publish:release:decision"
    PUBLISH = "publish:release:disclosure"
    REFUSE_PUBLISH = "publish:release:refusal"
    REFUSE_AGREEMENT = "agreement:act:refusal"
    CREATE_KEY = "keys:key:key"
    REGISTER_OFFICER = "publish:officer:key"

    @property
    def verb(self) -> Verb:
        """What kind of act it is."""
        return Verb(self.value.rpartition(":")[2])


_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,300}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_CODE = re.compile(r"[A-Za-z0-9_.:/+=@-]{0,128}")
_NHS_NUMBER_FORM = re.compile(r"[0-9]{10}")
_TOKEN_FORM = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act: who, what, why, when, and how it ended.

    An entry never holds a personal value. Rules on its form; raises EntryRefused for any other:

    1. Texts are one line of 1 to 300 characters.
    2. Columns and the names in ``detail`` are plain snake_case names.
    3. ``detail`` holds single values only: a count, a measure, a flag, or a code of at most 128 letters,
       digits and ``_ . : / + = @ -``, so that no free text fits.
    4. A code in ``detail`` has neither the form of an NHS number (10 digits) nor of a token (32 hex digits).
    5. ``at`` is an instant in UTC.
    6. A refusal's outcome is ``refused``.

    Source: DPA 2018 s.62(2)-(3): justification, date and time, the person who acted, the recipients.
    """

    action: Action
    actor: str
    feed: str | None = None
    delivery: str | None = None
    period: str | None = None
    release: str | None = None
    recipient: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()
    rows: int | None = None
    purpose: str | None = None
    clause: str | None = None
    justification: str | None = None
    outcome: str = "done"
    agreement_hash: str | None = None
    code_commit: str | None = None
    detail: Mapping[str, Scalar] = field(default_factory=dict)
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        if self.action.verb is Verb.REFUSAL:  # (6)
            object.__setattr__(self, "outcome", "refused")
        object.__setattr__(self, "detail", dict(self.detail))
        for name in _TEXTS:
            _check_text(name, getattr(self, name))
        self._check_numbers()
        for name in (*self.columns, *self.detail):  # (2)
            if not _NAME.fullmatch(name):
                raise _refused(
                    "a name", "it is not a plain snake_case name", "Name the column or count as its table does"
                )
        for name, value in self.detail.items():
            _check_detail(name, value)

    def _check_numbers(self) -> None:
        if self.outcome not in {"done", "refused"}:
            raise _refused("outcome", "it is neither done nor refused", "Say one of these")
        if self.rows is not None and not 0 <= self.rows < 2**53:
            raise _refused("rows", "it is not a count", "Give the number of rows")
        if self.at.tzinfo is None or self.at.utcoffset() != UTC.utcoffset(None):  # (5)
            raise _refused("at", "it is not in UTC", "Use hub.clock.now()")

    def values(self) -> dict[str, object]:
        """The entry as JSON values under its field names; what is not said is left out."""
        said = {name: getattr(self, name) for name in _FIELDS}
        said |= {"action": str(self.action), "at": instant(self.at), "columns": list(self.columns), "format": FORMAT}
        return {name: value for name, value in said.items() if value is not None and value not in ([], {})}

    def canonical(self) -> bytes:
        """The bytes that the log hashes: canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.values())  # type: ignore[arg-type]  # its type leaves dict's invariance out


_FIELDS = tuple(part.name for part in fields(Entry))
_TEXTS = tuple(part.name for part in fields(Entry) if part.type in (str, str | None))


def instant(at: datetime) -> str:
    """An instant as the log writes it: UTC, microseconds, ``Z`` (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _check_text(name: str, value: str | None) -> None:
    if value is not None and not _TEXT.fullmatch(value):  # (1)
        raise _refused(name, "it is not one line of 1 to 300 characters", "Shorten it, or leave it out")


def _check_detail(name: str, value: object) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) >= 2**53:
            raise _refused(f"detail.{name}", "the number cannot be written in JSON", "Give a finite, smaller number")
        return
    if not isinstance(value, str) or not _CODE.fullmatch(value):  # (3)
        raise _refused(
            f"detail.{name}", "it is not a single count, flag or code", "Give a count or a code, no free text"
        )
    if _NHS_NUMBER_FORM.fullmatch(value) or _TOKEN_FORM.fullmatch(value):  # (4)
        raise _refused(f"detail.{name}", "it has the form of an NHS number or a token", "Log a count, never a person")


def _refused(place: str, why: str, fix: str) -> EntryRefused:
    return EntryRefused("The entry is refused", where=f"the log entry's {place}", why=why, fix=fix)
