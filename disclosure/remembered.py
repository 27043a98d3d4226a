"""What a recipient was told in counts of a release that is withdrawn: the answers are known still, the rows are gone.

1. Right before the rows go, the units behind each count that was shown are kept as groups: units that are behind the
   very same counts are one group. No value of a row, no id, no count is kept, but of each unit a mark.
2. A mark is a keyed hash of the recipient's own id of the unit (BLAKE2b, RFC 7693, 64 bits, a random key of 32 bytes
   for each recipient). Of a unit that is in a later release it is the same again; of one that was erased nobody can
   tell whose it was.
3. From then on whatever is asked by that recipient is held against these groups as if the rows were there still.
4. All of it goes when the time is over for which the release itself might have been kept (``forget``).
"""

import io
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import polars as pl
from sqlalchemy import Connection, Table, delete, func, insert, select

from disclosure.differencing import Told
from disclosure.models import AnsweredQuestion, RememberedRelease
from disclosure.questions import Question
from hub.clock import now

ANSWERED = cast("Table", AnsweredQuestion.__table__)
REMEMBERED = cast("Table", RememberedRelease.__table__)
Read = Callable[[str, Sequence[str]], pl.DataFrame]
"""From a table and columns of it: the rows of the release that is about to go."""


@dataclass(frozen=True)
class Marks:
    """How the units of one recipient are named: by themselves, or by their marks once anything is remembered (2)."""

    salt: bytes | None

    def of(self, rows: pl.DataFrame, unit: str) -> pl.DataFrame:
        """The rows with marks in place of the unit's ids."""
        if self.salt is None:
            return rows
        ids = rows[unit].cast(pl.String)
        known = {one: _mark(self.salt, one) for one in ids.drop_nulls().unique().to_list()}
        return rows.with_columns(ids.replace_strict(known, default=None, return_dtype=pl.String).alias(unit))


@dataclass(frozen=True)
class Remembered:
    """Of each question about a withdrawn release, by its number, who is behind its cells: columns cell, unit.

    Under a number below 0, with the first question about a table: everybody whom the table told of.
    """

    marks: Marks
    behind: Mapping[int, pl.DataFrame]
    releases: frozenset[str]

    def told(self, number: int) -> Iterator[Told]:
        """What a question was told, and before it the whole of its table, if it was the first one about it."""
        for one in (-number, number):
            if one in self.behind:
                yield Told(self.behind[one])


def one_at_a_time(connection: Connection, recipient: str) -> None:
    """Wait until nobody else answers the recipient, or takes a release away that was answered about."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"answers to {recipient}", 0))))


def remember(connection: Connection, recipient: str, release: str, read: Read) -> int:
    """Keep who is behind what was told of a release that is withdrawn in this transaction; of how many questions.

    Raises whatever ``read`` raises.
    """
    one_at_a_time(connection, recipient)
    asked = select(ANSWERED).where(ANSWERED.c.recipient == recipient, ANSWERED.c.release == release)
    rows = connection.execute(asked.order_by(ANSWERED.c.number)).all()
    if not rows:
        return 0
    salt = _salt(connection, recipient) or secrets.token_bytes(32)
    first = {(told_of(row)[0].table, told_of(row)[0].unit): row.number for row in reversed(rows)}.values()
    told = pl.concat([part for row in rows for part in _behind(row, read, Marks(salt), first=row.number in first)])
    units, cells = _grouped(told)  # (1)
    kept = {"release": release, "recipient": recipient, "salt": salt, "remembered_at": now()}
    connection.execute(insert(REMEMBERED).values(kept | {"units": _bytes(units), "cells": _bytes(cells)}))
    return len(rows)


def recalled(connection: Connection, recipient: str) -> Remembered:
    """All that is remembered of what a recipient was told (3)."""
    found = connection.execute(select(REMEMBERED).where(REMEMBERED.c.recipient == recipient)).all()
    behind: dict[int, pl.DataFrame] = {}
    for row in found:
        units, cells = (pl.read_parquet(io.BytesIO(content)) for content in (row.units, row.cells))
        each = cells.join(units, on="group").select("question", "cell", pl.col("mark").cast(pl.String).alias("unit"))
        behind |= {
            cast(int, key[0]): part.drop("question")
            for key, part in each.partition_by("question", as_dict=True).items()
        }
    salt = bytes(found[0].salt) if found else None
    return Remembered(Marks(salt), behind, frozenset(row.release for row in found))


def forget(connection: Connection, release: str) -> int:
    """Forget what was told of a release, whose time is over (4); of how many questions."""
    connection.execute(delete(REMEMBERED).where(REMEMBERED.c.release == release))
    return connection.execute(delete(ANSWERED).where(ANSWERED.c.release == release)).rowcount


def told_of(row: Any) -> tuple[Question, list[tuple[str | None, ...]]]:
    """A question that was answered, and the values of each count that was shown."""
    stated = json.loads(row.question)
    question = Question(stated["table"], tuple(stated["by"]), stated["where"], stated["unit"])
    return question, [tuple(values) for values in json.loads(row.shown)]


def whole(rows: pl.DataFrame, unit: str) -> Told:
    """Everybody whom a table tells of."""
    return Told.of(rows.select(unit).drop_nulls().unique(), unit, [()])


def _behind(row: Any, read: Read, marks: Marks, *, first: bool) -> Iterator[pl.DataFrame]:
    question, shown = told_of(row)
    rows = marks.of(read(question.table, question.columns), question.unit)
    told = {row.number: Told.of(question.counted(rows), question.unit, shown)}
    for number, one in (told | ({-row.number: whole(rows, question.unit)} if first else {})).items():
        yield one.cells.select(
            pl.lit(number, pl.Int64).alias("question"), pl.col("cell").cast(pl.UInt32),
            pl.col("unit").cast(pl.UInt64).alias("mark"),
        )  # fmt: skip


def _grouped(told: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rule 1: each unit once with its group; each cell of each question with the groups in it."""
    place = pl.struct("question", "cell")
    alike = told.group_by("mark").agg(place.sort().alias("places"))
    groups = alike.group_by("places").agg("mark").with_row_index("group")
    units = groups.select("group", "mark").explode("mark").sort("mark")
    cells = groups.select("places", "group").explode("places").unnest("places").sort("question", "cell", "group")
    return units, cells


def _salt(connection: Connection, recipient: str) -> bytes | None:
    query = select(REMEMBERED.c.salt).where(REMEMBERED.c.recipient == recipient).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)


def _mark(salt: bytes, unit: str) -> str:
    return str(int.from_bytes(blake2b(unit.encode(), digest_size=8, key=salt).digest(), "big"))


def _bytes(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_parquet(sink, compression="zstd")
    return sink.getvalue()
