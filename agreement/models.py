"""The table of agreements that were ever in force here. Rows are only ever added: a trigger refuses anything else."""

from datetime import datetime
from typing import cast

from sqlalchemy import DateTime, Integer, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class AgreementVersion(Base):
    """One text under which something was done, with the signatures that brought it into force."""

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement", "version"),)

    number: Mapped[int] = mapped_column(
        Integer, unique=True, comment="in the order in which they came into force, from 1"
    )
    hash: Mapped[str] = mapped_column(Text, primary_key=True, comment="SHA-256 of text, in hex")
    agreement: Mapped[str] = mapped_column(Text, comment="the text's id")
    version: Mapped[str] = mapped_column(Text)
    text: Mapped[bytes] = mapped_column(LargeBinary, comment="canonical JSON (RFC 8785), without signatures")
    signatures: Mapped[bytes] = mapped_column(LargeBinary, comment="canonical JSON of the six signatures")
    enacted_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="when something was first done under it"
    )


VERSION = cast(Table, AgreementVersion.__table__)
