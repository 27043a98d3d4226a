"""Adding to the log: entries within the transaction of the act that they record, and signed checkpoints."""

from typing import cast

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from audit.checkpoint import Checkpoint, Signer, Verifier, parse_checkpoint, sign_checkpoint
from audit.errors import LogDamaged
from audit.events import Entry
from audit.merkle import Frontier, leaf_hash
from audit.models import CHECKPOINT, ENTRY, FILTERS, HEAD


def append(connection: Connection, *entries: Entry) -> range:
    """Add entries at the end of the log; they are kept if and only if the caller's transaction is.

    Returns their indices. Appends wait for each other: the head's row stays locked until the caller
    commits. Raises LogDamaged if the head contradicts itself.
    """
    if not entries:
        return range(0)
    tree, _ = _lock_head(connection)
    rows = [_row(tree.size + place, entry) for place, entry in enumerate(entries)]
    connection.execute(insert(ENTRY), rows)
    grown = tree.add(cast(bytes, row["leaf_hash"]) for row in rows)
    connection.execute(update(HEAD).values(size=grown.size, frontier=grown.packed()))
    return range(tree.size, grown.size)


def checkpoint(connection: Connection, signer: Signer) -> Checkpoint:
    """Sign the log as it stands and store the statement.

    The last checkpoint is returned instead if nothing was added since and the same key signed it.
    """
    tree, count = _lock_head(connection)
    last = _last_checkpoint(connection)
    if last is not None and last.size == tree.size and Verifier.of(signer).signed(last.note):
        return last
    signed = sign_checkpoint(tree.size, tree.root, signer)
    row = {"number": count + 1, "size": signed.size, "note": str(signed.note)}
    connection.execute(insert(CHECKPOINT), row)
    connection.execute(update(HEAD).values(checkpoints=count + 1))
    return signed


def size(connection: Connection) -> int:
    """How many entries the log holds."""
    return connection.execute(select(HEAD.c.size)).scalar() or 0


def _lock_head(connection: Connection) -> tuple[Frontier, int]:
    """The tree so far and the number of checkpoints, locked until the transaction ends."""
    locked = select(HEAD.c.size, HEAD.c.frontier, HEAD.c.checkpoints).with_for_update()
    row = connection.execute(locked).first()
    if row is None:
        empty = {"id": 1, "size": 0, "frontier": b"", "checkpoints": 0}
        connection.execute(postgres_insert(HEAD).values(empty).on_conflict_do_nothing())
        row = connection.execute(locked).one()
    tree = Frontier.unpack(row.size, row.frontier)
    if not tree.fits:
        raise LogDamaged(
            "Nothing can be added to the log",
            where="the table audit_head",
            why="its size and its tree do not fit together",
            fix="Run hub audit verify and restore the database",
        )
    return tree, row.checkpoints


def _last_checkpoint(connection: Connection) -> Checkpoint | None:
    newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.number.desc()).limit(1)
    note = connection.execute(newest).scalar()
    return None if note is None else parse_checkpoint(note)


def _row(index: int, entry: Entry) -> dict[str, object]:
    """The entry's row: the hashed bytes, and the fields that reviewers filter by."""
    content = entry.canonical()
    copies = {name: _plain(getattr(entry, name)) for name in FILTERS}
    return {"index": index, "entry": content, "leaf_hash": leaf_hash(content), "at": entry.at} | copies


def _plain(value: str | None) -> str | None:
    return None if value is None else str(value)
