"""Proving the log: everything is computed again from the stored entries and compared with what is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from audit import stored, subjects
from audit.canonical import instant
from audit.checkpoint import Verifier
from audit.cosignatures import Quorum
from audit.models import VERIFICATION
from audit.signed import Signed, wrong_roots
from audit.walk import Walk, wrong_above
from hub.clock import now

MOST_PROBLEMS = 100
_HEAD = "The log's head (the table audit_head)"


@dataclass(frozen=True)
class Verification:
    """What was found. ``unsigned`` entries stand after the last checkpoint: consistent, but not signed yet.

    ``witnessed`` entries are vouched for by a quorum of witnesses; it is None if no quorum was asked for.
    """

    size: int
    checkpoints: int
    unsigned: int
    witnessed: int | None
    problems: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class Remembered:
    """What a verification found, and when."""

    at: datetime
    size: int
    witnessed: int | None
    problems: tuple[str, ...]


def verify(
    connection: Connection, *verifiers: Verifier, quorum: Quorum | None = None, at: datetime | None = None
) -> Verification:
    """Check the whole log. Problems are sentences that name the entry, the tile or the statement, at most 100 of them.

    1. Entries are numbered from 0 without a gap.
    2. Each bundle of entries can be unpacked, each entry is a JSON object, and the columns beside them say the same.
    3. The tiles of level 0 hold the hashes of the entries, and each further level the roots of the whole tiles below
       it (RFC 9162 section 2.1, C2SP tlog-tiles): none is missing, changed or too much.
    4. The head's size and tree are those of all entries.
    5. Checkpoints are numbered from 1 without a gap, as many as the head counts, and their sizes never fall.
    6. Each checkpoint is signed by one of ``verifiers``, alone (C2SP tlog-checkpoint, RFC 8032), and its root is that
       of the entries up to its size.
    7. Checkpoints and cosignatures, with all their columns, have the digest that the head keeps.
    8. Each cosignature stands under a checkpoint and the name of its witness, and is right if the witness is one of
       the quorum's (C2SP tlog-cosignature).
    9. The newest checkpoint that enough witnesses of the quorum cosigned vouches for all but the newest entries:
       none that is older than ``quorum.within`` is left out. Without a quorum this is not asked.
    10. The persons of each disclosure that records them are those whose commitments its entry states.
    11. The triggers that refuse to change entries and statements are in place.

    Entries after the last checkpoint are covered by 1 to 4 alone; they are counted as ``unsigned`` and are no problem
    by themselves. Whoever rewrites entries, tiles, head and checkpoints all together, or takes the newest away without
    a trace, is found out by the witnesses, who keep what they cosigned (9), and by who compares it with their copies.
    Entries added while this runs are checked too; nobody has to wait for it.
    """
    signed = Signed(verifiers, quorum)
    problems = list(_statements(connection, signed))  # (5, 6, 7, 8)
    walk = Walk(frozenset(said.size for said in signed.roots), signed.witnessed or 0)
    problems += _walk(connection, walk, signed.count)  # (1, 2, 3, 4)
    problems += wrong_roots(signed.roots, walk.roots, walk.count)  # (6)
    problems += _unwitnessed(quorum, signed.witnessed, walk, at or now())  # (9)
    problems += subjects.problems(connection, walk.stated, walk.after)  # (10)
    problems += [  # (11)
        f"The table {name} is not guarded: its trigger audit_only_added is missing or switched off."
        for name in stored.unguarded(connection)
    ]
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [f"There are {len(problems) - MOST_PROBLEMS} more problems."]
    unsigned = max(walk.count - max((said.size for said in signed.roots), default=0), 0)
    witnessed = None if quorum is None else signed.witnessed or 0
    return Verification(walk.count, signed.count, unsigned, witnessed, tuple(problems))


def _statements(connection: Connection, signed: Signed) -> Iterator[str]:
    counted, digest = None, None
    for found in stored.statements(connection):
        counted, digest = found.counted, found.digest
        if found.statement is not None:
            signed.take(found.statement)
    yield from signed.problems
    if counted not in (None, signed.count):  # (5)
        yield f"{_HEAD} counts {counted} checkpoints, but {signed.count} are stored."
    if digest not in (None, signed.statements):  # (7)
        yield f"{_HEAD} has another digest than the stored checkpoints and cosignatures: one was changed or removed."


def _walk(connection: Connection, walk: Walk, checkpoints: int) -> Iterator[str]:
    for block in stored.blocks(connection):
        walk.take(block)
    end = stored.end(connection, walk.blocks)
    for block in end.blocks:
        walk.take(block)
    yield from walk.problems
    if walk.tree.size > walk.after:  # (1)
        yield f"Entry {walk.after} is missing: the tree holds the hashes of {walk.tree.size}."
    yield from wrong_above(walk.above, end.above)  # (3)
    yield from _wrong_head(end.head, walk, checkpoints)  # (4)


def _wrong_head(head: tuple[int, bytes] | None, walk: Walk, checkpoints: int) -> Iterator[str]:
    if head is None:
        if walk.count or checkpoints:
            yield f"{_HEAD} is missing, but {walk.count} entries and {checkpoints} checkpoints are stored."
        return
    size, frontier = head
    if size != walk.count:
        yield f"{_HEAD} counts {size} entries, but {walk.count} are stored."
    if frontier != walk.tree.packed():
        yield f"{_HEAD} has another tree than the stored tiles: one of them was changed."


def _unwitnessed(quorum: Quorum | None, witnessed: int | None, walk: Walk, at: datetime) -> Iterator[str]:
    if quorum is None or not walk.count:
        return
    needed = f"{quorum.needed} of {len(quorum.witnesses)} witnesses"
    if witnessed is None:
        yield f"No checkpoint is cosigned by {needed}."
    elif walk.oldest is not None and walk.oldest < instant(at - quorum.within):
        yield (
            f"Entries from {witnessed} on are older than {_hours(quorum.within)} hours, "
            f"and no checkpoint that covers them is cosigned by {needed}."
        )


def _hours(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):g}"


def remember(connection: Connection, verification: Verification, at: datetime | None = None) -> None:
    """Keep what was found, for those who look at the log's page."""
    found = {
        "at": at or now(),
        "size": verification.size,
        "witnessed": verification.witnessed,
        "problems": list(verification.problems),
    }
    connection.execute(insert(VERIFICATION).values(found))


def last_verification(connection: Connection) -> Remembered | None:
    """What the last verification found that was remembered; None before the first."""
    query = select(VERIFICATION).order_by(VERIFICATION.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Remembered(row.at, row.size, row.witnessed, tuple(row.problems))
