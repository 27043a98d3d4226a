"""The log's tables. Rows of audit_entry and audit_checkpoint are only ever added."""

from datetime import datetime
from typing import cast

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class AuditEntry(Base):
    """One entry: the bytes that are hashed, and copies of the fields that reviewers filter by."""

    __tablename__ = "audit_entry"

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary, comment="canonical JSON (RFC 8785)")
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256(0x00 || entry)")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    action: Mapped[str] = mapped_column(Text, index=True)
    actor: Mapped[str] = mapped_column(Text, index=True)
    outcome: Mapped[str] = mapped_column(Text)
    feed: Mapped[str | None] = mapped_column(Text, index=True)
    delivery: Mapped[str | None] = mapped_column(Text)
    period: Mapped[str | None] = mapped_column(Text)
    release: Mapped[str | None] = mapped_column(Text, index=True)
    recipient: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(Text)


class AuditHead(Base):
    """The one row that every append locks: how many entries and checkpoints there are, and the tree so far."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary, comment="roots of the perfect subtrees, largest first")
    checkpoints: Mapped[int] = mapped_column(Integer)


class AuditCheckpoint(Base):
    """One signed checkpoint (C2SP tlog-checkpoint), numbered from 1."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)


ENTRY = cast(Table, AuditEntry.__table__)
HEAD = cast(Table, AuditHead.__table__)
CHECKPOINT = cast(Table, AuditCheckpoint.__table__)
FILTERS = ("action", "actor", "outcome", "feed", "delivery", "period", "release", "recipient", "purpose")
