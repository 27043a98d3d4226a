"""The tables of re-identification: requests, officers' words on them, and what is sealed to authorities."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class RequestRow(Base):
    """A request, kept as the very bytes that were signed. Whom it is about is forgotten once it ends."""

    __tablename__ = "reidentification_request"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    target_under: Mapped[str | None] = mapped_column(Text)
    target_id: Mapped[str | None] = mapped_column(Text)
    target_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, comment="asked, refused, fulfilled")
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WordRow(Base):
    """An officer's signed word on a request, kept as the very bytes that were signed."""

    __tablename__ = "reidentification_word"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    request: Mapped[str] = mapped_column(ForeignKey("reidentification_request.digest"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EnvelopeRow(Base):
    """What is sealed to one authority, until it lies in that authority's outbox."""

    __tablename__ = "reidentification_envelope"

    request: Mapped[str] = mapped_column(ForeignKey("reidentification_request.digest"), primary_key=True)
    authority: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
