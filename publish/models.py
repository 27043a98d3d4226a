"""The tables of publication: what parties said of officers, the officers' decisions, and releases."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class OfficerRow(Base):
    """A party's signed word on an officer, kept as the very document that was handed in.

    Whatever else is to be known is read from the document, after its signature was verified.
    """

    __tablename__ = "officer"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(Text, comment="hub/appointment/1 or hub/dismissal/1, signed")
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReleaseRow(Base):
    """A release of one quarter for one recipient: candidate, published or withdrawn."""

    __tablename__ = "release"
    __table_args__ = (Index("ix_release_quarter_recipient", "quarter", "recipient"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    quarter: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    manifest_hash: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    uri: Mapped[str] = mapped_column(Text)
    data_key_id: Mapped[str] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OrderRow(Base):
    """An officer's signed order on what is kept, as the very bytes that were signed."""

    __tablename__ = "officer_order"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(Text, comment="hub/order/1")
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DecisionRow(Base):
    """A signed decision, kept as the very bytes that were signed."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(ForeignKey("release.name"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
