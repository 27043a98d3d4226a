"""The log's head: the one row that every addition locks, so that additions wait for each other."""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from audit.errors import LogDamaged
from audit.merkle import HASH_BYTES, Frontier
from audit.models import HEAD

NO_STATEMENTS = bytes(HASH_BYTES)


@dataclass(frozen=True)
class Head:
    """The tree so far, how many checkpoints there are, and the digest of all signed statements."""

    tree: Frontier = field(default_factory=Frontier)
    checkpoints: int = 0
    statements: bytes = NO_STATEMENTS

    def grown(self, tree: Frontier) -> "Head":
        """The head with more entries."""
        return replace(self, tree=tree)

    def with_statement(self, digest: bytes, checkpoints: int = 0) -> "Head":
        """The head with one more signed statement: a cosignature, or so many checkpoints."""
        both = xor(self.statements, digest)
        return replace(self, statements=both, checkpoints=self.checkpoints + checkpoints)


def xor(one: bytes, other: bytes) -> bytes:
    """The exclusive or of two digests: the same whichever comes first."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(HASH_BYTES)


def lock_head(connection: Connection) -> Head:
    """The head, locked until the transaction ends; raises LogDamaged if it contradicts itself."""
    locked = select(HEAD).with_for_update()
    row = connection.execute(locked).first()
    if row is None:
        empty = {"id": 1, "size": 0, "frontier": b"", "checkpoints": 0, "statements": NO_STATEMENTS}
        connection.execute(insert(HEAD).values(empty).on_conflict_do_nothing())
        row = connection.execute(locked).one()
    head = Head(Frontier.unpack(row.size, row.frontier), row.checkpoints, row.statements)
    if not head.tree.fits or len(head.statements) != HASH_BYTES:
        raise LogDamaged(
            "Nothing can be added to the log",
            where="the table audit_head",
            why="its size, its tree and its statements do not fit together",
            fix="Run hub audit verify and restore the database",
        )
    return head


def save_head(connection: Connection, head: Head) -> None:
    """Store what ``lock_head`` gave, after something was added."""
    connection.execute(
        update(HEAD).values(
            size=head.tree.size,
            frontier=head.tree.packed(),
            checkpoints=head.checkpoints,
            statements=head.statements,
        )
    )
