"""Tables of the person register and of trained models. Record ids and person ids are keyed digests, 32 hex digits."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base


class Person(Base):
    """A person, as the records of several authorities make one out. ``ended_in`` is set once no record is left."""

    __tablename__ = "person"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    founded_on_record: Mapped[str | None] = mapped_column(String(32))  # null once the record was erased
    founded_in: Mapped[str] = mapped_column(String(7))
    ended_in: Mapped[str | None] = mapped_column(String(7))


class Membership(Base):
    """Which person a record belongs to now, and since which period."""

    __tablename__ = "membership"

    record_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), index=True)
    since: Mapped[str] = mapped_column(String(7))


class RegisterEvent(Base):
    """One change of the register, with what it rests on. Together the events give every earlier state.

    ``kind`` is one of linkage.registered.changes.Kind. ``bits`` is the match weight of the strongest pair behind the
    change: ``record_id`` with ``evidence_record_id``, by the model ``model_version``; ``levels`` is how they agree
    (linkage.learned.told_levels).
    """

    __tablename__ = "register_event"
    __table_args__ = (Index("ix_register_event_moved", "person_id", postgresql_where=text("kind = 'moved'")),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(9))
    person_id: Mapped[str] = mapped_column(String(32))
    other_id: Mapped[str | None] = mapped_column(String(32))
    record_id: Mapped[str | None] = mapped_column(String(32))
    evidence_record_id: Mapped[str | None] = mapped_column(String(32))
    bits: Mapped[float | None]
    levels: Mapped[str | None] = mapped_column(Text)
    model_version: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Exclusion(Base):
    """A person who is in no release: ``ground`` is restricted (UK GDPR Art 18) or objected (Art 21)."""

    __tablename__ = "exclusion"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ground: Mapped[str] = mapped_column(String(10), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LinkageModel(Base):
    """A trained model by its version, the SHA-256 of its canonical JSON."""

    __tablename__ = "linkage_model"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    trained_in: Mapped[str] = mapped_column(String(7))
    trained_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LinkState(Base):
    """A part of what is kept between links (linkage.kept): its files' name and data key; ``stated`` is JSON."""

    __tablename__ = "link_state"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    data_key_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    stated: Mapped[str] = mapped_column(Text)


class LinkQuality(Base):
    """How right a link thinks that it is (linkage.assessed); ``report`` is JSON, with no id of a record or person."""

    __tablename__ = "link_quality"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    model_version: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    report: Mapped[str] = mapped_column(Text)


class LinkQuestion(Base):
    """A pair of records that the newest link was in doubt about; ``levels`` and ``bits`` are JSON, by comparison.

    One that was drawn at random, to measure by, has a ``stratum`` and says of how many pairs that was; it stays.
    """

    __tablename__ = "link_question"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)  # never used again
    record_id_l: Mapped[str] = mapped_column(String(32))
    record_id_r: Mapped[str] = mapped_column(String(32))
    feed_l: Mapped[str] = mapped_column(Text)
    feed_r: Mapped[str] = mapped_column(Text)
    joined: Mapped[bool]
    match_weight: Mapped[float]
    value: Mapped[float]
    levels: Mapped[str] = mapped_column(Text)
    bits: Mapped[str] = mapped_column(Text)
    held_by: Mapped[str | None] = mapped_column(Text)
    period: Mapped[str] = mapped_column(String(7))
    model_version: Mapped[str] = mapped_column(String(64))
    stratum: Mapped[str | None] = mapped_column(Text)
    stratum_pairs: Mapped[int | None] = mapped_column(BigInteger)


class LinkDecision(Base):
    """What a reviewer said of two records. Rows are added; the newest about a pair counts (reviewed.reviewing)."""

    __tablename__ = "link_decision"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    record_id_l: Mapped[str] = mapped_column(String(32), index=True)
    record_id_r: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[str] = mapped_column(String(5))
    ground: Mapped[str] = mapped_column(String(11))
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
