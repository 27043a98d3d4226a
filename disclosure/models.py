"""The tables of disclosure control: what was answered to whom, so that the next answer is held against it."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class AnsweredQuestion(Base):
    """A question that a recipient had answered, and which of its counts were shown. It holds no count and no person."""

    __tablename__ = "answered_question"
    __table_args__ = (UniqueConstraint("recipient", "release", "digest"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    release: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text, comment="SHA-256 of the question")
    question: Mapped[str] = mapped_column(Text, comment="canonical JSON")
    shown: Mapped[str] = mapped_column(Text, comment="JSON: the values of by of each count that was shown")
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RememberedRelease(Base):
    """Of a release that was withdrawn after counts of it were told: who is behind each, without an id or a value.

    It goes when the time is over for which the release itself might have been kept.
    """

    __tablename__ = "remembered_release"

    recipient: Mapped[str] = mapped_column(Text, primary_key=True)
    release: Mapped[str] = mapped_column(Text, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary, comment="the recipient's: the key of its units' marks")
    units: Mapped[bytes] = mapped_column(LargeBinary, comment="Parquet: group, mark of a unit")
    cells: Mapped[bytes] = mapped_column(LargeBinary, comment="Parquet: question, cell, group")
    remembered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
