"""The tables of assessments: what was given to the public, and the officers' decisions on it."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class PublicReleaseRow(Base):
    """A release to the public of one quarter: candidate, published or withdrawn. What was public stays known."""

    __tablename__ = "public_release"
    __table_args__ = (UniqueConstraint("quarter", "version"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    quarter: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    manifest_hash: Mapped[str] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text, comment="hub/public/1, canonical JSON")
    uri: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    told: Mapped[str | None] = mapped_column(Text, comment="JSON: of each table that was out its cells as they stood")


class PublicDecisionRow(Base):
    """A signed decision on a public release, kept as the very bytes that were signed."""

    __tablename__ = "public_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(ForeignKey("public_release.name"), index=True)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
