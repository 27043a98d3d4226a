"""How the whole log stands: the last full verification, what came since, the checkpoints and their witnesses."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from audit.checkpoint import Signature, Verifier, parse_checkpoint, parse_note
from audit.cosignatures import Quorum
from audit.errors import CheckpointRefused
from audit.log import Stored, newest_checkpoint, size
from audit.models import CHECKPOINT, COSIGNATURE
from audit.proving import witnessed
from audit.query import entry
from audit.verify import Remembered, last_verification
from console.standing import Cosigned, cosigned


@dataclass(frozen=True)
class Proof:
    """How much of the log is verified, signed and witnessed.

    ``overdue`` says that an entry waits for its witnesses longer than the agreement allows.
    """

    size: int
    last: Remembered | None
    newest: Stored | None
    witnessed: Stored | None
    quorum: Quorum
    overdue: bool

    @property
    def since(self) -> int:
        """Entries that came after the last full verification."""
        return self.size - (self.last.size if self.last else 0)

    @property
    def unsigned(self) -> int:
        """Entries that no checkpoint covers yet."""
        return self.size - (self.newest.checkpoint.size if self.newest else 0)

    @property
    def unwitnessed(self) -> int:
        """Entries that are under no checkpoint which enough witnesses cosigned."""
        return self.size - (self.witnessed.checkpoint.size if self.witnessed else 0)

    @property
    def sound(self) -> bool:
        """Whether the last full verification found nothing wrong and no entry is overdue."""
        return self.last is not None and not self.last.problems and not self.overdue


@dataclass(frozen=True)
class Point:
    """One checkpoint as a row: ``signed`` by the log's key; a ``problem`` if it cannot be read."""

    number: int
    size: int
    at: datetime
    signed: bool
    cosigned: tuple[Cosigned, ...]
    problem: str | None = None

    @property
    def cosignatures(self) -> int:
        """How many witnesses cosigned it."""
        return sum(witness.at is not None for witness in self.cosigned)


@dataclass(frozen=True)
class LastSeen:
    """The newest checkpoint that one witness cosigned rightly; None before its first."""

    witness: str
    number: int | None = None
    size: int | None = None
    at: datetime | None = None


def proof(connection: Connection, quorum: Quorum, now: datetime) -> Proof:
    """How the log stands. No entry is read again: that is what a full verification is for."""
    held, agreed = size(connection), witnessed(connection, quorum)
    covered = agreed.checkpoint.size if agreed else 0
    overdue = covered < held and entry(connection, covered).at < now - quorum.within
    return Proof(held, last_verification(connection), newest_checkpoint(connection), agreed, quorum, overdue)


def points(
    connection: Connection, key: Verifier, quorum: Quorum, *, before: int | None = None, limit: int = 20
) -> list[Point]:
    """Checkpoints, newest first, each with its signatures checked now; the next page is ``before`` the last number."""
    query = select(CHECKPOINT).order_by(CHECKPOINT.c.number.desc()).limit(limit)
    rows = connection.execute(query if before is None else query.where(CHECKPOINT.c.number < before)).all()
    lines = _lines(connection, [row.number for row in rows])
    return [_point(row.number, row.size, row.at, row.note, lines[row.number], key, quorum) for row in rows]


def last_seen(connection: Connection, quorum: Quorum) -> tuple[LastSeen, ...]:
    """For each witness the newest checkpoint that it cosigned rightly."""
    return tuple(_last_seen(connection, quorum, place) for place in range(len(quorum.witnesses)))


def _point(
    number: int, size: int, at: datetime, note: str, lines: Sequence[str], key: Verifier, quorum: Quorum
) -> Point:
    try:
        read = parse_checkpoint(note)
    except CheckpointRefused as refusal:
        return Point(number, size, at, False, cosigned("", (), quorum), refusal.why)
    said = cosigned(read.note.text, _signatures(lines), quorum)
    return Point(number, read.size, at, key.signed(read.note), said)


def _last_seen(connection: Connection, quorum: Quorum, place: int) -> LastSeen:
    """Go back from the newest line of a witness until one is right: usually the first is."""
    name = quorum.witnesses[place].name
    query = select(CHECKPOINT, COSIGNATURE.c.line).join(COSIGNATURE, COSIGNATURE.c.number == CHECKPOINT.c.number)
    newest = query.where(COSIGNATURE.c.witness == name).order_by(CHECKPOINT.c.number.desc())
    for row in connection.execute(newest, execution_options={"yield_per": 10}):
        text = row.note.rpartition("\n\n")[0] + "\n"
        at = cosigned(text, _signatures([row.line]), quorum)[place].at
        if at is not None:
            return LastSeen(name, row.number, row.size, at)
    return LastSeen(name)


def _lines(connection: Connection, numbers: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(COSIGNATURE.c.number, COSIGNATURE.c.line).where(COSIGNATURE.c.number.in_(numbers))
    for row in connection.execute(query):
        found[row.number].append(row.line)
    return found


def _signatures(lines: Sequence[str]) -> list[Signature]:
    """The lines that can be read; others count for nothing, and a full verification names them."""
    found: list[Signature] = []
    for line in lines:
        try:
            found += parse_note(f"\n\n{line}").signatures
        except CheckpointRefused:
            continue
    return found
