"""Up to which change a table was read, with an overlap.

A transaction that began before a table was read and is committed after it leaves rows whose last change is earlier than
others that were read. So what is read again begins ``overlap_minutes`` before the last change that was seen: the
*tail*. Numbered rules:

1. The last change is that of the state which was read first, and none that lies in the partner's own future: a row
   stamped with next year would hide all others until then.
2. A row without an instant of change belongs to the tail, always.
3. The tail is known again by a digest of its keys and their instants of change, under 16 random bytes: a second
   delivery in which nothing was changed is told from one that holds the same number of other rows.
4. A watermark of other columns, another table or another overlap is of no use.

It says when a row was changed, and a short tail's digest could be found by trying keys. It therefore lies sealed in the
hub's database (``store.landing``).
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from hub.transports import SqlTransport

_SALT_BYTES = 16


@dataclass(frozen=True)
class Watermark:
    """The last change that was read as the database wrote it, how many rows there were, and the tail's digest."""

    at: str = field(repr=False)
    kind: str
    rows: int
    of: str
    tail: str = ""
    salt: str = field(default_factory=lambda: secrets.token_hex(_SALT_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Watermark":
        """The watermark that ``str`` wrote; raises ValueError."""
        try:
            return cls(**json.loads(text))
        except TypeError:
            raise ValueError("not a watermark of this kind") from None

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    def bound(self, overlap_minutes: int) -> datetime | str:
        """What lies after this belongs to the tail: in the type, and the way of writing, that the column has."""
        overlap = timedelta(minutes=overlap_minutes)
        if self.kind == "text":
            return _like(self.at, datetime.fromisoformat(self.at) - overlap)
        return datetime.fromisoformat(self.at) - overlap

    def digest_of(self, tail: Iterable[tuple[object, object]]) -> str:
        """The digest of a tail: its keys and their instants of change, in order (3)."""
        found = sha256(self.salt.encode())
        for row in tail:
            found.update(repr([str(part) for part in row]).encode())
        return found.hexdigest()


def written(at: object) -> tuple[str, str] | None:
    """How a database's instant is written and of which kind it is; None for what is no instant."""
    if isinstance(at, datetime):
        return at.isoformat(), "instant"
    if isinstance(at, date):
        return datetime(at.year, at.month, at.day).isoformat(), "instant"  # noqa: DTZ001  # a date has no time zone
    try:
        return (at, "text") if isinstance(at, str) and datetime.fromisoformat(at) else None
    except ValueError:
        return None


def use_of(transport: SqlTransport) -> str:
    """What a watermark is of (4)."""
    used = ("table", "key", "period_column", "changed_column", "deleted_column", "overlap_minutes")
    return sha256(json.dumps([getattr(transport, name) for name in used]).encode()).hexdigest()[:16]


def _like(text: str, moment: datetime) -> str:
    """A moment written as ``text`` is: text is compared letter by letter."""
    found = moment.isoformat(sep=text[10]) if len(text) > 10 else moment.date().isoformat()
    return found.replace("+00:00", "Z") if text.endswith("Z") else found
