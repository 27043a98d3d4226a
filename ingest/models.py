"""What ingest remembers of a delivery besides its state: under what it was admitted, and what was quarantined."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey
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
