"""Proving one entry to somebody outside: the entry, the way from it to the root, and who signed that root.

The text is a C2SP tlog-proof, which anybody's program can check without asking the hub. Its ``extra`` line carries the
entry's bytes, so that the text is all that has to be handed over; the proof shows that they are the ones in the log.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from audit.checkpoint import Note, Signature, Verifier, parse_note
from audit.cosignatures import Quorum, cosigners
from audit.errors import LogDamaged, ProofRefused
from audit.merkle import leaf_hash, verify_inclusion
from audit.models import COSIGNATURE
from audit.proofs import inclusion
from audit.query import Kept, entry
from audit.statements import Stored, newest_checkpoint, stored_checkpoint

FORMAT = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    """That the log holds an entry. ``hashes`` lead from the entry up to the root that ``note`` states.

    ``note`` is the checkpoint with its cosignatures; ``witnesses`` are those of the quorum who cosigned it.
    """

    entry: Kept
    hashes: tuple[bytes, ...]
    size: int
    root: bytes
    note: Note
    witnesses: frozenset[str]

    def __str__(self) -> str:
        lines = [
            FORMAT,
            f"extra {_base64(self.entry.content)}",
            f"index {self.entry.index}",
            *map(_base64, self.hashes),
        ]
        return "\n".join(lines) + f"\n\n{self.note}"


def prove(connection: Connection, index: int, *verifiers: Verifier, quorum: Quorum | None = None) -> Proof:
    """Prove an entry, and check the proof as its receiver will.

    1. The newest checkpoint that the quorum's witnesses cosigned is taken if it covers the entry, or else the newest.
    2. One of ``verifiers`` signed it.
    3. The hashes lead from the entry to its root (RFC 9162 section 2.1.3.2).

    Raises EntryUnknown, ProofRefused if no checkpoint covers the entry yet, LogDamaged if the proof does not hold.
    """
    found = entry(connection, index)
    stored = _covering(connection, index, quorum)  # (1)
    point, lines = stored.checkpoint, cosignatures(connection, stored.number)
    hashes = inclusion(connection, index, point.size)
    if not any(verifier.signed(point.note) for verifier in verifiers):  # (2)
        raise _damaged(f"checkpoint {stored.number}", "no known key signed it")
    if not verify_inclusion(leaf_hash(found.content), index, point.size, hashes, point.root):  # (3)
        raise _damaged(f"entry {index}", f"its bytes do not lead to the root of checkpoint {stored.number}")
    names = cosigners(point.note.text, lines, quorum.witnesses if quorum else ())
    return Proof(found, hashes, point.size, point.root, with_lines(point.note, lines), names)


def cosignatures(connection: Connection, number: int) -> tuple[Signature, ...]:
    """The witnesses' lines under one checkpoint, in the order of their names."""
    lines = select(COSIGNATURE.c.line).where(COSIGNATURE.c.number == number).order_by(COSIGNATURE.c.witness)
    return tuple(parse_note(f"\n\n{line}").signatures[0] for line in connection.execute(lines).scalars())


def with_lines(note: Note, lines: Sequence[Signature]) -> Note:
    """The log's note with the witnesses' lines after the log's own."""
    return Note(note.text, (*note.signatures, *lines))


def _covering(connection: Connection, index: int, quorum: Quorum | None) -> Stored:
    stored = (witnessed(connection, quorum) if quorum else None) or newest_checkpoint(connection)
    if stored is None or stored.checkpoint.size <= index:
        stored = newest_checkpoint(connection)
    if stored is None or stored.checkpoint.size <= index:
        raise ProofRefused(
            "The entry cannot be proved yet",
            where=f"entry {index} of the log",
            why="no checkpoint covers it",
            fix="Sign the log with hub audit witness, and ask again",
        )
    return stored


def witnessed(connection: Connection, quorum: Quorum) -> Stored | None:
    """The newest checkpoint that enough of the quorum's witnesses cosigned rightly; None before the first."""
    numbers = select(COSIGNATURE.c.number).distinct().order_by(COSIGNATURE.c.number.desc())
    for number in connection.execute(numbers).scalars():
        stored = stored_checkpoint(connection, number)
        if stored is None:
            continue
        names = cosigners(stored.checkpoint.note.text, cosignatures(connection, number), quorum.witnesses)
        if len(names) >= quorum.needed:
            return stored
    return None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _damaged(where: str, why: str) -> LogDamaged:
    return LogDamaged("The entry cannot be proved", where=where, why=why, fix="Run hub audit verify")
