"""What ingest remembers of a delivery besides its state: its admission, what was quarantined, who is barred."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class AdmissionRow(Base):
    """Under which agreement, and by which code, a delivery was admitted; under which key its tokens are now."""

    __tablename__ = "admission"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    agreement_hash: Mapped[str]
    code_commit: Mapped[str]
    hub_version: Mapped[int]  # of its stored tokens: the number of the newest key that lies on them
    source_keys: Mapped[str | None]  # as its rows said when they came (``pseudonymise.wire``), apart by spaces
    admitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SourceEndRow(Base):
    """The overlap before a version of the source key has ended: rows under earlier ones are refused."""

    __tablename__ = "source_end"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ended_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CircuitRow(Base):
    """How often in a row an authority did not answer, and since when it is left alone."""

    __tablename__ = "partner_circuit"

    authority: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # the last that was let through
    last_ground: Mapped[str | None]


class QuarantineCountRow(Base):
    """Rows of one delivery quarantined for one reason in one column. Holds no value of any row."""

    __tablename__ = "quarantine_count"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    column: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]


class BarredRecordRow(Base):
    """A record to which its authority bars access, as one delivery says. The keyed id alone: no value of any row."""

    __tablename__ = "barred_record"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(32), primary_key=True)


class SuppressedRow(Base):
    """A record that was erased and does not come back: a keyed digest of its id."""

    __tablename__ = "suppressed"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RefusalRow(Base):
    """Why a delivery was refused whole, in words for its provider: columns, counts and reasons, no value of any row."""

    __tablename__ = "refusal"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    ground: Mapped[str]
    why: Mapped[str]


class MendedRow(Base):
    """A delivery that holds nothing but mended rows of the one that it continues, and how many were handed in."""

    __tablename__ = "mended"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    rows: Mapped[int]
