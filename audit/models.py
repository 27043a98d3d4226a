"""The log's tables.

Rows of audit_bundle, audit_checkpoint, audit_cosignature and audit_disclosed are only ever added: a trigger of the
database refuses to change or remove any. It holds against accident; who switches it off is found by verification.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base

_DENSE = {"pages_per_range": 64, "autosummarize": True}


class AuditBundle(Base):
    """Entries that one addition brought, up to 256 that belong to one tile, and what they are found by.

    ``terms`` and the instants say for all of them together what each says (``audit.terms``).
    """

    __tablename__ = "audit_bundle"
    __table_args__ = (
        Index(None, "terms", postgresql_using="gin", postgresql_with={"fastupdate": False}),
        Index(None, "earliest_at", "latest_at", postgresql_using="brin", postgresql_with=_DENSE),
    )

    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="of its entries")
    size: Mapped[int] = mapped_column(SmallInteger, comment="how many entries")
    earliest_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    latest_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    terms: Mapped[list[str]] = mapped_column(ARRAY(Text), comment="name=value, in order")
    entries: Mapped[bytes] = mapped_column(
        LargeBinary, comment="canonical JSON (RFC 8785), a line each; Zstandard (RFC 8878), then CRC-32"
    )


class AuditTile(Base):
    """A piece of the Merkle tree (C2SP tlog-tiles, height 8): up to 256 hashes beside each other at one level.

    Level 0 holds the hashes of the entries, level n the roots of whole tiles of level n - 1.
    The last tile of a level may be partial; it grows and is never otherwise changed. ``middle`` spares a proof
    most of the hashing within a tile.
    """

    __tablename__ = "audit_tile"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 hashes one after the other, 256 in a whole one")
    middle: Mapped[bytes] = mapped_column(LargeBinary, comment="roots of each 16 whole hashes, one after the other")


class AuditHead(Base):
    """The one row that every addition locks: how much the log holds, and the tree so far."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary, comment="roots of the perfect subtrees, largest first")
    checkpoints: Mapped[int] = mapped_column(Integer)
    statements: Mapped[bytes] = mapped_column(
        LargeBinary, comment="exclusive or of the SHA-256 of each row of audit_checkpoint and audit_cosignature"
    )


class AuditCheckpoint(Base):
    """One checkpoint as the log alone signed it (C2SP tlog-checkpoint), numbered from 1.

    The signature covers ``note``. What it does not cover, ``at``, is held by the head's ``statements``: that finds a
    slip or a single change, not someone who rewrites both.
    """

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), comment="not signed; held by audit_head.statements")


class AuditCosignature(Base):
    """One witness's line under one checkpoint (C2SP tlog-cosignature); the line says when the witness signed.

    ``received_at`` lies outside what is signed, and is held as a checkpoint's ``at`` is.
    """

    __tablename__ = "audit_cosignature"

    number: Mapped[int] = mapped_column(
        Integer, ForeignKey(AuditCheckpoint.number), primary_key=True, autoincrement=False
    )
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text, comment="one signature line of a signed note, type cosignature/v1")
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="not signed; held by audit_head.statements"
    )


class AuditVerification(Base):
    """What a full verification found, for those who look at the log's page. A note to readers: it proves nothing."""

    __tablename__ = "audit_verification"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    size: Mapped[int] = mapped_column(BigInteger)
    witnessed: Mapped[int | None] = mapped_column(BigInteger, comment="null: no quorum was asked for")
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))


class AuditSubject(Base):
    """The salt of one person's commitments; once it is gone, nobody can tell which were about that person."""

    __tablename__ = "audit_subject"
    __table_args__ = (CheckConstraint("length(salt) = 32", name="salt_of_32_bytes"),)

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class AuditDisclosed(Base):
    """The commitments of all persons in one disclosure, whose root its entry states."""

    __tablename__ = "audit_disclosed"

    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    commitments: Mapped[bytes] = mapped_column(LargeBinary, comment="32 bytes each, sorted, one after the other")


BUNDLE = cast(Table, AuditBundle.__table__)
TILE = cast(Table, AuditTile.__table__)
HEAD = cast(Table, AuditHead.__table__)
CHECKPOINT = cast(Table, AuditCheckpoint.__table__)
COSIGNATURE = cast(Table, AuditCosignature.__table__)
VERIFICATION = cast(Table, AuditVerification.__table__)
SUBJECT = cast(Table, AuditSubject.__table__)
DISCLOSED = cast(Table, AuditDisclosed.__table__)
GUARDED = (BUNDLE, CHECKPOINT, COSIGNATURE, DISCLOSED)
