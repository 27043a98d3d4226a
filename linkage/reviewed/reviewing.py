"""The review queue and reviewers' decisions, as the hub keeps them. A decision is added, and never changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Connection, delete, insert, select

from audit.events import Action, Entry
from audit.log import append
from hub import clock
from hub.settings import Settings
from linkage.clustered.decided import NOTHING, Decided
from linkage.errors import LinkageRefused
from linkage.models import LinkDecision, LinkQuestion
from linkage.paired.grouping import Edges

CONTRADICTED = "See them (hub link review decisions), and take one back first (hub link review reopen)"


class Verdict(StrEnum):
    """What a reviewer says of two records; ``open`` takes an earlier word back."""

    SAME = "same"
    APART = "apart"
    OPEN = "open"


class Ground(StrEnum):
    """What a verdict rests on. There is no free text, which would come to hold names."""

    PATTERN = "pattern"  # how the records agree, as the queue shows it
    AUTHORITIES = "authorities"  # the authorities that supplied them compared the persons
    SUBJECT = "subject"  # the person asked for it (UK GDPR Art 16)


@dataclass(frozen=True)
class Question:
    """A pair in the queue; ``bits`` begins with the prior, ``levels`` are by comparison."""

    number: int
    record_id_l: str
    record_id_r: str
    feed_l: str
    feed_r: str
    joined: bool
    match_weight: float
    value: float
    levels: dict[str, str]
    bits: dict[str, float]
    held_by: str | None
    period: str
    model_version: str
    stratum: str | None = None
    stratum_pairs: int | None = None


@dataclass(frozen=True)
class Word:
    """One decision."""

    number: int
    record_id_l: str
    record_id_r: str
    verdict: Verdict
    ground: Ground
    actor: str
    at: datetime


_PLAIN = ("record_id_l", "record_id_r", "joined", "match_weight", "value", "held_by")


def keep_questions(
    connection: Connection, asked: pl.DataFrame, feeds: pl.DataFrame, comparisons: tuple[str, ...], **about: str
) -> None:
    """Put the questions of the newest link in the place of the last one's, but for a sample (linkage.sampling).

    ``feeds``: record_id, feed.
    """
    connection.execute(delete(LinkQuestion).where(LinkQuestion.stratum.is_(None)))
    drawn = pl.DataFrame(
        connection.execute(select(LinkQuestion.record_id_l, LinkQuestion.record_id_r)).all(),
        schema={"record_id_l": pl.String, "record_id_r": pl.String},
        orient="row",
    )
    add_questions(connection, asked.join(drawn, on=drawn.columns, how="anti"), feeds, comparisons, **about)


def add_questions(
    connection: Connection,
    asked: pl.DataFrame,
    feeds: pl.DataFrame,
    comparisons: tuple[str, ...],
    **about: str,
) -> None:
    """Ask about more pairs; a sample's have stratum and stratum_pairs."""
    told = [name for name in ("stratum", "stratum_pairs") if name in asked.columns]
    meant = pl.concat([asked["record_id_l"], asked["record_id_r"]]).implode()
    feed = dict(feeds.filter(pl.col("record_id").is_in(meant)).select("record_id", "feed").iter_rows())
    rows = [
        about
        | {name: row[name] for name in (*_PLAIN, *told)}
        | {"feed_l": feed[row["record_id_l"]], "feed_r": feed[row["record_id_r"]]}
        | {
            "levels": json.dumps(dict(zip(comparisons, row["levels"], strict=True))),
            "bits": json.dumps(dict(zip(("prior", *comparisons), row["bits"], strict=True))),
        }
        for row in asked.iter_rows(named=True)
    ]
    if rows:
        connection.execute(insert(LinkQuestion), rows)


def read_questions(connection: Connection) -> list[Question]:
    """The queue, the most valuable first, then a sample's pairs; what was decided since the link is not in it."""
    judged = {(word.record_id_l, word.record_id_r) for word in words(connection)}
    drawn = LinkQuestion.stratum.is_not(None)
    rows = connection.execute(select(LinkQuestion.__table__).order_by(drawn, LinkQuestion.number))
    found = [_question(dict(row._mapping)) for row in rows]
    return [one for one in found if (one.record_id_l, one.record_id_r) not in judged]


def _question(row: dict[str, Any]) -> Question:
    return Question(**(row | {"levels": json.loads(row["levels"]), "bits": json.loads(row["bits"])}))


def words(connection: Connection) -> list[Word]:
    """The newest decision about each pair, oldest first, without those that were taken back."""
    rows = connection.execute(select(LinkDecision.__table__).order_by(LinkDecision.number))
    newest: dict[tuple[str, str], Word] = {}
    for row in rows:
        told = dict(row._mapping)
        pair = (told["record_id_l"], told["record_id_r"])
        newest.pop(pair, None)
        newest[pair] = Word(**(told | {"verdict": Verdict(told["verdict"]), "ground": Ground(told["ground"])}))
    return [word for word in newest.values() if word.verdict is not Verdict.OPEN]


def question(connection: Connection, number: int) -> Question:
    """The pair of that number, asked about by the newest link or in a sample; raises LinkageRefused."""
    row = connection.execute(select(LinkQuestion.__table__).where(LinkQuestion.number == number)).first()
    if row is None:
        raise LinkageRefused(
            "There is no such pair",
            where="the review queue",
            why=f"the newest link asks about no pair {number}",
            fix="See what is asked: hub link review",
        )
    return _question(dict(row._mapping))


def word_on(connection: Connection, asked: Question) -> Word | None:
    """What was decided of a pair since it was asked about."""
    pair = (asked.record_id_l, asked.record_id_r)
    return next((word for word in words(connection) if (word.record_id_l, word.record_id_r) == pair), None)


def undecided(connection: Connection, number: int) -> Question:
    """The pair of that number, of which nobody said anything yet; raises LinkageRefused."""
    found = question(connection, number)
    if word := word_on(connection, found):
        why = f"pair {number} was decided already ({word.verdict}, by {word.actor})"
        raise _refused(why, f"Take that back first: hub link review reopen {word.number}")
    return found


def decision(connection: Connection, number: int) -> Word:
    """The decision of that number, if it counts; raises LinkageRefused."""
    for word in words(connection):
        if word.number == number:
            return word
    raise LinkageRefused(
        "There is no such decision",
        where="what people decided of pairs",
        why=f"none that counts has the number {number}",
        fix="See those that do: hub link review decisions",
    )


def decide(settings: Settings, connection: Connection, pair: tuple[str, str], verdict: Verdict, ground: Ground) -> None:
    """Say that two records are of one person, or of two; the next link obeys, and so does every later one.

    1. The records are in the queue, or were decided before; a verdict is taken back only if there is one.
    2. It contradicts no other decision: two records are not of two persons if others make them one.
    3. Decision and log entry are kept together.

    Raises LinkageRefused.
    """
    one, other = sorted(pair)
    known = words(connection)
    before = next((word for word in known if (word.record_id_l, word.record_id_r) == (one, other)), None)
    if before is None and (verdict is Verdict.OPEN or not _is_asked(connection, one, other)):  # (1)
        raise _refused("no link asked about it, and nobody decided it", "See what is asked: hub link review")
    if verdict is not Verdict.OPEN and contradicts(known, [(one, other, verdict)]):  # (2)
        raise _refused("it contradicts what was decided of other pairs", CONTRADICTED)
    row = {"record_id_l": one, "record_id_r": other, "verdict": verdict, "ground": ground, "actor": settings.actor}
    connection.execute(insert(LinkDecision).values(row | {"at": clock.now()}))
    append(connection, _entry(settings, verdict, ground))  # (3)


def _entry(settings: Settings, verdict: Verdict, ground: Ground) -> Entry:
    """It names no record: which pair, the table tells those who may read it."""
    detail = {"verdict": str(verdict), "ground": str(ground)}
    return Entry(
        action=Action.DECIDE_LINK, actor=settings.actor, table="link_decision", rows=1, purpose="linkage",
        code_commit=settings.code_commit, detail=detail,
    )  # fmt: skip


def _is_asked(connection: Connection, one: str, other: str) -> bool:
    asked = select(LinkQuestion.number).where(LinkQuestion.record_id_l == one, LinkQuestion.record_id_r == other)
    return connection.execute(asked).first() is not None


def contradicts(known: Sequence[Word], said: Sequence[tuple[str, str, Verdict]]) -> bool:
    """Whether verdicts on pairs go against others or each other; one on a pair that was decided replaces that."""
    pairs = {(one, other) for one, other, _ in said}
    rest = [word for word in known if (word.record_id_l, word.record_id_r) not in pairs]
    new = [Word(0, one, other, verdict, Ground.PATTERN, "", clock.now()) for one, other, verdict in said]
    ids = pl.Series(sorted({it for word in (*rest, *new) for it in (word.record_id_l, word.record_id_r)}))
    try:
        decided_of([*rest, *new], ids).start(len(ids))
    except LinkageRefused:
        return True
    return False


def decided_of(known: Sequence[Word], ids: pl.Series) -> Decided:
    """Decisions by the number of each record in ``ids``, which is sorted; of a record that is not there, none."""
    number = {record: place for place, record in enumerate(ids)} if known else {}
    held = [word for word in known if word.record_id_l in number and word.record_id_r in number]
    if not held:
        return NOTHING
    left, right = (np.array([number[getattr(word, f"record_id_{side}")] for word in held]) for side in "lr")
    same = np.array([word.verdict is Verdict.SAME for word in held])
    return Decided(Edges.between(left[same], right[same]), Edges.between(left[~same], right[~same]))


def _refused(why: str, fix: str) -> LinkageRefused:
    return LinkageRefused("The pair is not decided", where="the review queue", why=why, fix=fix)
