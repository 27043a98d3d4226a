"""The tables of rotation: what was asked for, and what officers said of it, each kept as the bytes that were signed."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class RotationRow(Base):
    """A re-keying that was asked for. ``finished_at``: when all that was stored was first under the new version."""

    __tablename__ = "rotation"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[str] = mapped_column(Text, comment="hub/rotation/1")
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class WordRow(Base):
    """An officer's signed word on a rotation."""

    __tablename__ = "rotation_word"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    rotation: Mapped[str] = mapped_column(ForeignKey("hub.rotation.digest"), index=True)
    document: Mapped[str] = mapped_column(Text, comment="hub/rotation-word/1")
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
