"""The questions that are put to a partner's table: how many rows, which after a key, which were last changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    TableClause,
    column,
    func,
    or_,
    select,
    table,
    text,
)

from connectors.errors import WrongAnswer
from connectors.watermark import Watermark, use_of, written
from hub.periods import Quarter
from hub.transports import SqlTransport


@dataclass(frozen=True)
class Table:
    """One quarter's rows in one snapshot: all of them, or the tail after ``bound``."""

    connection: Connection
    transport: SqlTransport
    quarter: Quarter
    bound: datetime | str | None
    where: str

    def everything(self) -> int:
        """How many rows the quarter has, those that are marked deleted too."""
        return int(self.connection.execute(self._of_quarter(func.count())).scalar_one())

    def count(self) -> int:
        """How many rows are to be read."""
        return int(self.connection.execute(self._to_read(func.count())).scalar_one())

    def marks(self) -> Iterator[tuple[object, int]]:
        """What the quarter's rows have in ``deleted_column``, and how many have it."""
        if self.transport.deleted_column is None:
            return
        mark: ColumnElement[Any] = column(self.transport.deleted_column)
        found = self.connection.execute(self._of_quarter(mark, func.count()).group_by(mark))
        yield from ((row[0], row[1]) for row in found)

    def keys(self, most: int) -> Sequence[object]:
        """The first keys of those that are to be read."""
        return self.connection.execute(self._to_read(self._key).order_by(self._key).limit(most)).scalars().all()

    def after(self, last: object) -> Sequence[RowMapping]:
        """The next page of rows, after a key; None: the first."""
        query = self._to_read(text("*"))
        if last is not None:
            query = query.where(self._key > last)
        return self.connection.execute(query.order_by(self._key).limit(self.transport.page_size)).mappings().all()

    def tail(self) -> Iterator[tuple[object, object]]:
        """Key and instant of change of each row of the tail, in key order."""
        if self.bound is None or self._changed is None:
            return
        found = self.connection.execute(self._to_read(self._key, self._changed).order_by(self._key))
        yield from ((row[0], row[1]) for row in found)

    def watermark(self, everything: int) -> Watermark | None:
        """Up to which change the quarter is read now; None if no row tells, or the feed is not set up for it."""
        if self._changed is None:
            return None
        past = self._of_quarter(func.max(self._changed)).where(self._changed <= func.current_timestamp())
        at = self.connection.execute(past).scalar_one()
        if at is None:
            return None
        found = written(at)
        if found is None:
            raise WrongAnswer(
                "The partner's table is not as agreed",
                where=self.where,
                why=f"{self.transport.changed_column} holds something else than instants",
                fix="Name a column of timestamps in the feed's file, or ask the partner",
            )
        mark = Watermark(*found, rows=everything, of=use_of(self.transport))
        tail = replace(self, bound=mark.bound(self.transport.overlap_minutes)).tail()
        return replace(mark, tail=mark.digest_of(tail))

    @cached_property
    def _source(self) -> TableClause:
        schema, _, name = self.transport.table.rpartition(".")
        named = (self.transport.key, self.transport.period_column, self.transport.changed_column)
        return table(name, *(column(each) for each in named if each is not None), schema=schema or None)

    @property
    def _key(self) -> ColumnElement[Any]:
        return self._source.c[self.transport.key]

    @property
    def _changed(self) -> ColumnElement[Any] | None:
        changed = self.transport.changed_column
        return None if changed is None else self._source.c[changed]

    def _of_quarter(self, *asked: Any) -> Select[Any]:
        source = self._source
        return select(*asked).select_from(source).where(source.c[self.transport.period_column] == str(self.quarter))

    def _to_read(self, *asked: Any) -> Select[Any]:
        query = self._of_quarter(*asked)
        if self.bound is None or self._changed is None:
            return query
        return query.where(or_(self._changed > self.bound, self._changed.is_(None)))
