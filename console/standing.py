"""How an entry stands: which signed and witnessed statements of the log cover it, proved when it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from audit.checkpoint import Signature, Verifier
from audit.cosignatures import Quorum
from audit.errors import LogDamaged
from audit.log import Stored, newest_checkpoint
from audit.merkle import leaf_hash, verify_inclusion
from audit.proofs import inclusion
from audit.proving import cosignatures, witnessed
from audit.query import Kept


@dataclass(frozen=True)
class Cosigned:
    """One of the witnesses, and when it cosigned a checkpoint; None: it did not, or not rightly."""

    witness: str
    at: datetime | None


@dataclass(frozen=True)
class Inclusion:
    """An entry held against one checkpoint.

    ``hashes`` lead from the entry's own hash ``leaf`` up to the checkpoint's root, if it is ``included``; ``signed``
    says whether the checkpoint carries the log's own signature. ``damage`` is why no proof could be made at all.
    """

    stored: Stored
    leaf: bytes
    hashes: tuple[bytes, ...]
    included: bool
    signed: bool
    cosigned: tuple[Cosigned, ...]
    damage: str | None = None

    @property
    def proved(self) -> bool:
        """Whether the entry is in the log that the checkpoint states, and the log signed it."""
        return self.included and self.signed

    @property
    def cosignatures(self) -> int:
        """How many witnesses cosigned the checkpoint."""
        return sum(witness.at is not None for witness in self.cosigned)


@dataclass(frozen=True)
class Standing:
    """The entry against the newest checkpoint, and against the newest that enough witnesses cosigned.

    Each is None where that checkpoint does not reach the entry, or there is none.
    """

    newest: Inclusion | None
    witnessed: Inclusion | None
    quorum: Quorum

    @property
    def proved(self) -> bool:
        """Whether everything that was held against a checkpoint fits it."""
        return self.newest is not None and self.newest.proved and (self.witnessed is None or self.witnessed.proved)


def standing(connection: Connection, entry: Kept, key: Verifier, quorum: Quorum) -> Standing:
    """Make the entry's proofs and check them, now."""
    newest, agreed = newest_checkpoint(connection), witnessed(connection, quorum)
    return Standing(
        _held_against(connection, entry, newest, key, quorum),
        _held_against(connection, entry, agreed, key, quorum),
        quorum,
    )


def cosigned(text: str, lines: Iterable[Signature], quorum: Quorum) -> tuple[Cosigned, ...]:
    """What each of the quorum's witnesses said of a checkpoint's text."""
    given = tuple(lines)
    return tuple(
        Cosigned(witness.name, next(filter(None, (witness.cosigned(text, line) for line in given)), None))
        for witness in quorum.witnesses
    )


def _held_against(
    connection: Connection, entry: Kept, stored: Stored | None, key: Verifier, quorum: Quorum
) -> Inclusion | None:
    if stored is None or stored.checkpoint.size <= entry.index:
        return None
    point, leaf = stored.checkpoint, leaf_hash(entry.content)
    said = cosigned(point.note.text, cosignatures(connection, stored.number), quorum)
    signed = key.signed(point.note)
    try:
        hashes = inclusion(connection, entry.index, point.size)
    except LogDamaged as damage:
        return Inclusion(stored, leaf, (), False, signed, said, f"{damage.where}: {damage.why}")
    included = verify_inclusion(leaf, entry.index, point.size, hashes, point.root)
    return Inclusion(stored, leaf, hashes, included, signed, said)
