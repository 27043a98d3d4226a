"""What ingest remembers of a delivery besides its state: its admission, what was quarantined, who is barred."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class AdmissionRow(Base):
    """Under which agreement, and by which code, a delivery was admitted."""

    __tablename__ = "admission"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    agreement_hash: Mapped[str]
    code_commit: Mapped[str]
    admitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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
