"""What was signed about the log: its checkpoints, and the witnesses' cosignatures of them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from audit.canonical import instant
from audit.checkpoint import Checkpoint, Signature, parse_checkpoint
from audit.head import Head, lock_head, save_head
from audit.models import CHECKPOINT, COSIGNATURE


@dataclass(frozen=True)
class Stored:
    """A checkpoint as it is kept: its number, from 1, and when it was signed."""

    number: int
    checkpoint: Checkpoint
    at: datetime


@dataclass(frozen=True)
class Statement:
    """One row of audit_checkpoint, or one of audit_cosignature: that has a witness, and no size."""

    number: int
    size: int | None
    text: str
    at: datetime
    witness: str | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole row."""
        kind, about = ("checkpoint", self.size) if self.witness is None else ("cosignature", self.witness)
        return sha256(f"{kind}\n{self.number}\n{about}\n{instant(self.at)}\n{self.text}".encode()).digest()


def add_checkpoint(connection: Connection, head: Head, signed: Checkpoint, at: datetime) -> None:
    """Keep a checkpoint of the locked head."""
    said = Statement(head.checkpoints + 1, signed.size, str(signed.note), at)
    connection.execute(insert(CHECKPOINT).values(number=said.number, size=said.size, note=said.text, at=said.at))
    save_head(connection, head.with_statement(said.digest, checkpoints=1))


def add_cosignature(connection: Connection, number: int, line: Signature, received_at: datetime) -> bool:
    """Keep a witness's line under a checkpoint. The first one stays: says whether this is it.

    The line is kept as it came; the caller has checked it (``Witness.cosigned``).
    """
    head = lock_head(connection)
    said = Statement(number, None, str(line), received_at, line.name)
    row = {"number": number, "witness": said.witness, "line": said.text, "received_at": said.at}
    added = postgres_insert(COSIGNATURE).values(row).on_conflict_do_nothing().returning(COSIGNATURE.c.number)
    if connection.execute(added).first() is None:
        return False
    save_head(connection, head.with_statement(said.digest))
    return True


def newest_checkpoint(connection: Connection) -> Stored | None:
    """The last checkpoint; None before the first. Raises CheckpointRefused if it cannot be read."""
    return _read(connection, select(CHECKPOINT).order_by(CHECKPOINT.c.number.desc()).limit(1))


def stored_checkpoint(connection: Connection, number: int) -> Stored | None:
    """The checkpoint of that number; None if there is none. Raises CheckpointRefused if it cannot be read."""
    return _read(connection, select(CHECKPOINT).where(CHECKPOINT.c.number == number))


def _read(connection: Connection, query: Select[*tuple[Any, ...]]) -> Stored | None:
    row: Row[*tuple[Any, ...]] | None = connection.execute(query).first()
    return None if row is None else Stored(row.number, parse_checkpoint(row.note), row.at)
