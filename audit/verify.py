"""Proving the log: everything is computed again from the stored entries and compared with what is stored."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, null, select, true

from audit.checkpoint import Checkpoint, Verifier, parse_checkpoint
from audit.errors import CheckpointRefused
from audit.events import instant
from audit.merkle import Frontier, leaf_hash
from audit.models import CHECKPOINT, ENTRY, FILTERS, HEAD

MOST_PROBLEMS = 100
_ROWS_AT_ONCE = 5_000
_number = ENTRY.c["index"]  # a row has a method of that name
_HEAD = "The log's head (the table audit_head)"


@dataclass(frozen=True)
class Verification:
    """What was found. ``unsigned`` entries stand after the last checkpoint: consistent, but not signed yet."""

    size: int
    checkpoints: int
    unsigned: int
    problems: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(connection: Connection, *verifiers: Verifier) -> Verification:
    """Check the whole log. Problems are sentences that name the entry or the checkpoint, at most 100 of them.

    1. Entries are numbered from 0 without a gap.
    2. Each entry's hash is that of its bytes (RFC 6962 section 2.1).
    3. Each entry is a JSON object, and the columns copied from it say the same.
    4. Checkpoints are numbered from 1 without a gap, as many as the head counts, and their sizes never fall.
    5. Each checkpoint is signed by one of ``verifiers`` (C2SP tlog-checkpoint, RFC 8032).
    6. Each checkpoint's root is that of the entries up to its size.
    7. The head's size and tree are those of all entries.

    Entries after the last checkpoint are covered by 1 to 3 and 7 alone; they are counted as ``unsigned`` and
    are no problem by themselves. Whoever rewrites entries, head and checkpoints all together, or takes the
    newest away without a trace, is found out only by those who keep copies of the checkpoints.
    Entries added while this runs are checked too; nobody has to wait for it.
    """
    signed, problems = _checkpoints(connection, verifiers)
    walk = _Walk({point.size for _, point in signed})
    head = _walk_to_head(connection, walk)
    problems += walk.problems
    problems += _wrong_roots(signed, walk)
    problems += _wrong_head(head, walk.tree, len(signed))
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [f"There are {len(problems) - MOST_PROBLEMS} more problems."]
    last = max((point.size for _, point in signed), default=0)
    return Verification(walk.tree.size, len(signed), max(walk.tree.size - last, 0), tuple(problems))


def _checkpoints(
    connection: Connection, verifiers: Sequence[Verifier]
) -> tuple[list[tuple[int, Checkpoint]], list[str]]:
    """The stored checkpoints that can be read, by number, and what is wrong with any."""
    rows = _checkpoint_rows(connection)
    read: list[tuple[int, Checkpoint]] = []
    problems: list[str] = []
    found = [row for row in rows if row.number is not None]
    if [row.number for row in found] != list(range(1, len(found) + 1)):  # (4)
        problems.append("The checkpoints are not numbered 1, 2, 3 and so on: one was removed, added or moved.")
    if rows and rows[0].counted not in (None, len(found)):  # (4)
        problems.append(f"{_HEAD} counts {rows[0].counted} checkpoints, but {len(found)} are stored.")
    for row in found:
        try:
            read.append((row.number, parse_checkpoint(row.note)))
        except CheckpointRefused as refusal:
            problems.append(f"Checkpoint {row.number} cannot be read: {refusal.why}.")
            continue
        problems += _wrong_checkpoint(row, [point for _, point in read], verifiers)
    return read, problems


def _checkpoint_rows(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Checkpoints beside the head's count of them, read at one instant; without a head, beside null."""
    columns = (CHECKPOINT.c.number, CHECKPOINT.c.size, CHECKPOINT.c.note)
    beside = select(HEAD.c.checkpoints.label("counted"), *columns).select_from(HEAD.outerjoin(CHECKPOINT, true()))
    rows = connection.execute(beside.order_by(CHECKPOINT.c.number)).all()
    return rows or connection.execute(select(null().label("counted"), *columns).order_by(CHECKPOINT.c.number)).all()


def _wrong_checkpoint(
    row: Row[*tuple[Any, ...]], read: Sequence[Checkpoint], verifiers: Sequence[Verifier]
) -> Iterator[str]:
    point = read[-1]
    if point.size != row.size:  # (4)
        yield f"Checkpoint {row.number} is stored under size {row.size}, but its note says {point.size}."
    if len(read) > 1 and point.size < read[-2].size:  # (4)
        yield f"Checkpoint {row.number} is about fewer entries than the one before it."
    if not any(verifier.signed(point.note) for verifier in verifiers):  # (5)
        yield f"Checkpoint {row.number} (size {point.size}) is not signed by a known key, or its text was changed."


@dataclass
class _Walk:
    """The tree grown so far, its roots at the sizes that checkpoints are about, and what was wrong on the way."""

    sizes: set[int]
    tree: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    after: int | None = None
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roots[0] = self.tree.root

    def take(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
        """Go on by some entries."""
        for row in rows:
            expected = 0 if self.after is None else self.after + 1
            if row.number != expected:  # (1)
                self.problems.append(f"Entry {expected} is missing: the next that is stored is {row.number}.")
            self.after = row.number
            self.problems.extend(_wrong_entry(row))
        self._grow([leaf_hash(row.entry) for row in rows])

    def _grow(self, hashes: Sequence[bytes]) -> None:
        start, end = self.tree.size, self.tree.size + len(hashes)
        for stop in sorted({size for size in self.sizes if start < size < end} | {end}):
            self.tree = self.tree.add(hashes[self.tree.size - start : stop - start])
            self.roots[stop] = self.tree.root


def _walk_to_head(connection: Connection, walk: _Walk) -> Row[*tuple[Any, ...]] | None:
    """Walk over all entries until the head, read after them, has no more; returns that head."""
    while True:
        before = walk.tree.size
        query = select(ENTRY, _number.label("number")).order_by(_number)
        rest = query if walk.after is None else query.where(_number > walk.after)
        rows = connection.execute(rest, execution_options={"yield_per": _ROWS_AT_ONCE})
        for part in rows.partitions():
            walk.take(part)
        head = connection.execute(select(HEAD)).first()
        if head is None or head.size <= walk.tree.size or walk.tree.size == before:
            return head


def _wrong_entry(row: Row[*tuple[Any, ...]]) -> Iterator[str]:
    if row.leaf_hash != leaf_hash(row.entry):  # (2)
        yield f"Entry {row.number} was changed: its bytes do not have the hash that is stored with it."
    try:
        said = json.loads(row.entry)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):  # (3)
        yield f"Entry {row.number} cannot be read: it is not a JSON object."
        return
    copied = {name: getattr(row, name) for name in FILTERS} | {"at": instant(row.at)}
    for name in sorted(name for name, value in copied.items() if value != said.get(name)):
        yield f"Entry {row.number} was changed: its column {name} does not say what the entry says."


def _wrong_roots(signed: Sequence[tuple[int, Checkpoint]], walk: _Walk) -> Iterator[str]:
    right = 0
    for number, point in signed:
        if point.size > walk.tree.size:  # (6)
            yield f"Checkpoint {number} is about {point.size} entries, but only {walk.tree.size} are stored."
        elif walk.roots[point.size] != point.root:
            yield (
                f"Checkpoint {number} is contradicted: among entries {right} to {point.size - 1} "
                "one was changed, removed, added or moved."
            )
        else:
            right = max(right, point.size)


def _wrong_head(head: Row[*tuple[Any, ...]] | None, tree: Frontier, checkpoints: int) -> Iterator[str]:
    if head is None:
        if tree.size or checkpoints:  # (7)
            yield f"{_HEAD} is missing, but {tree.size} entries and {checkpoints} checkpoints are stored."
        return
    if head.size != tree.size:
        yield f"{_HEAD} counts {head.size} entries, but {tree.size} are stored."
    elif head.frontier != tree.packed():
        yield f"{_HEAD} has another tree than the stored entries: one was changed, or the head was."
