"""The interface's own table: tokens that count no more."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class RevokedTokenRow(Base):
    """A token that was revoked, by the digest of its issuer and its id."""

    __tablename__ = "revoked_token"

    token: Mapped[str] = mapped_column(Text, primary_key=True, comment="SHA-256, as the log names the token")
    revoked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
