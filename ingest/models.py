"""What ingest remembers of a delivery besides its state: how many rows were quarantined, and why."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class QuarantineCount(Base):
    """Rows of one delivery quarantined for one reason in one column. Holds no value of any row."""

    __tablename__ = "quarantine_count"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("hub.delivery.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    column: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]
