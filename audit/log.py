"""Adding to the log: entries within the transaction of the act that they record, and signed checkpoints."""

from sqlalchemy import Connection, select

from audit import bundles, tiles
from audit.checkpoint import Checkpoint, Signer, Verifier, sign_checkpoint
from audit.events import Entry
from audit.head import lock_head, save_head
from audit.models import HEAD
from audit.statements import Stored, add_checkpoint, newest_checkpoint, stored_checkpoint
from hub.clock import now

__all__ = ["Stored", "append", "checkpoint", "newest_checkpoint", "size", "stored_checkpoint"]


def append(connection: Connection, *entries: Entry) -> range:
    """Add entries at the end of the log; they are kept if and only if the caller's transaction is.

    Returns their indices. Appends wait for each other: the head's row stays locked until the caller
    commits. Raises LogDamaged if what is stored contradicts itself.
    """
    if not entries:
        return range(0)
    head = lock_head(connection)
    grown = head.tree.grow(bundles.write(connection, head.tree.size, entries))
    tiles.write(connection, head.tree.size, grown)
    save_head(connection, head.grown(grown.tree))
    return range(head.tree.size, grown.tree.size)


def checkpoint(connection: Connection, signer: Signer) -> Checkpoint:
    """Sign the log as it stands and store the statement. Before it, the signer tells what its keys were used for.

    The last checkpoint is returned instead if nothing was added since and the same key signed it.
    """
    append(connection, *signer.told(connection))
    head = lock_head(connection)
    last = newest_checkpoint(connection)
    same = last is not None and last.checkpoint.size == head.tree.size
    if last is not None and same and Verifier.of(signer).signed(last.checkpoint.note):
        return last.checkpoint
    signed = sign_checkpoint(head.tree.size, head.tree.root, signer)
    add_checkpoint(connection, head, signed, now())
    return signed


def size(connection: Connection) -> int:
    """How many entries the log holds."""
    return connection.execute(select(HEAD.c.size)).scalar() or 0
