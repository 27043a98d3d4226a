"""The store's tables: deliveries, their pages, and their wrapped data keys. No column holds a row's content."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class DataKeyRow(Base):
    """One data key, wrapped by the key ring; ``wrapped`` is null once it is destroyed."""

    __tablename__ = "data_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str]  # the ring's key that wraps it
    nonce: Mapped[bytes | None]
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    destroyed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class UnscrubbedRow(Base):
    """A table of which rows were erased: their bytes are still in its file, until it is written anew."""

    __tablename__ = "unscrubbed"

    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeliveryRow(Base):
    """One delivery of one feed for one period, and how far it has come."""

    __tablename__ = "delivery"

    id: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str]
    authority: Mapped[str]
    period: Mapped[str]
    state: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    pages: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None]
    rows_received: Mapped[int | None]
    rows_accepted: Mapped[int | None]
    rows_quarantined: Mapped[int | None]
    data_key_id: Mapped[str] = mapped_column(ForeignKey(DataKeyRow.id))
    cursor: Mapped[str | None]  # sealed under the data key: a partner's own word for where to go on may hold anything
    receipt: Mapped[str | None]  # JSON: what the partner says that it holds (rows, sha256, totals by column)
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("hub.delivery.id"))
    continues_id: Mapped[str | None] = mapped_column(ForeignKey("hub.delivery.id"))  # its rows come after that one's
    watermark: Mapped[str | None]  # sealed: up to which change its source was read

    __table_args__ = (
        Index("ix_delivery_feed_period", "feed", "period"),
        Index("uq_delivery_open", "feed", "period", unique=True, postgresql_where=text("state = 'open'")),
    )


class PageRow(Base):
    """One sealed page of a delivery; ``sha256`` and ``bytes`` are of its clear content."""

    __tablename__ = "page"

    delivery_id: Mapped[str] = mapped_column(ForeignKey(DeliveryRow.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]  # inside the landing zone
    more: Mapped[bool] = mapped_column(default=False)  # the document goes on with the next page
    cursor: Mapped[str | None]
