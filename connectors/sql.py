"""A table of a partner's database, read in pages by its key, in one read-only snapshot: whole, or what was changed."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import RowMapping

from connectors.cursors import KeyCursor, TableCursor
from connectors.errors import NothingNew, NotReady, SourceChanged, WrongAnswer
from connectors.page import DONE, Page, Receipt
from connectors.snapshot import PartnerDatabase
from connectors.table import Table
from connectors.watermark import Watermark, use_of
from hub.periods import Quarter
from hub.transports import SqlTransport

_STANDS = ("", "0", "f", "false", "n", "no")


@dataclass(frozen=True)
class SqlConnector:
    """Fetches a quarter's rows as pages of NDJSON.

    Within a run, a page begins after the last key of the page before it (keyset paging). The cursor counts the rows so
    far and all rows, and holds a digest of the keys so far. Numbered rules:

    1. A resumed run reads the keys so far again. Are there more or fewer rows now, or other keys among
       those, the delivery cannot be continued.
    2. A key that is missing or not unique would lose rows: it stops the delivery.
    3. ``since`` a watermark, only the rows of its tail are given (``connectors.watermark``), those that are marked
       deleted too, each with its mark, true or false. Without one, all rows are given that are not marked deleted.
    4. Is the tail as it was, there is nothing new. Are there fewer rows than there were, some went without a mark, and
       only a whole delivery tells which.
    5. The watermark of a delivery is that of its first run: what changes between it and a later run comes again.
    6. With changes the receipt says how many rows stand in the quarter: if more do once the delivery is read after what
       it continues, some went without a mark while others came. It is refused, and the next one is whole.
    """

    feed: str
    transport: SqlTransport
    secret: Callable[[str], SecretStr]
    timeout_s: int = 30
    answer_s: float = 600.0
    since: Watermark | None = field(default=None, repr=False)

    @property
    def _where(self) -> str:
        return f"{self.feed}, table {self.transport.table}"

    def continuing(self, watermark: str) -> "SqlConnector | None":
        """See ``connectors.continuing``."""
        try:
            since = Watermark.parse(watermark)
        except ValueError:
            return None
        return replace(self, since=since) if since.of == use_of(self.transport) else None

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The quarter's rows after ``cursor``, in key order; raises ConnectorError."""
        if cursor == DONE:
            return
        database = PartnerDatabase(self.transport, self.secret, self._where, self.timeout_s, self.answer_s)
        with database.snapshot() as connection:
            table = Table(connection, self.transport, quarter, self._bound, self._where)
            read, last = self._begun(table) if cursor is None else self._found_again(table, cursor)
            while not read.is_whole:
                rows = table.after(last)
                read, last = self._past(read, rows), rows[-1][self.transport.key]
                yield from self._page(read, rows)

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: the hub may only read."""

    @property
    def _bound(self) -> datetime | str | None:
        return None if self.since is None else self.since.bound(self.transport.overlap_minutes)

    def _begun(self, table: Table) -> tuple[TableCursor, object]:
        """The cursor before the first row; raises NotReady, NothingNew and SourceChanged (4)."""
        everything = table.everything()
        if everything == 0:
            raise NotReady(
                "The quarter's rows are not there yet",
                where=self._where,
                why=f"none has {self.transport.period_column} {table.quarter}",
                fix="It is tried again later; ask the partner if they stay away",
            )
        if self.since is not None:
            self._hold_new(table, self.since, everything)
        if (total := table.count()) == 0:
            raise self._changed("the rows that were last changed are not there any more")
        watermark = table.watermark(everything)
        standing = None if self.since is None else sum(rows for mark, rows in table.marks() if not _is_set(mark))
        return TableCursor(KeyCursor(total), 0, None if watermark is None else str(watermark), standing), None

    def _hold_new(self, table: Table, since: Watermark, everything: int) -> None:
        if everything < since.rows:
            raise self._changed(f"the quarter had {since.rows} rows and has {everything} now; some went without a mark")
        if everything == since.rows and since.digest_of(table.tail()) == since.tail:
            raise NothingNew(
                "Nothing was changed since the last delivery",
                where=self._where,
                why=f"the rows that were last changed are those that were read, of {everything} in the quarter",
                fix="The delivery in force stands",
            )

    def _found_again(self, table: Table, cursor: str) -> tuple[TableCursor, object]:
        """Where an earlier run stopped, and the last key that it read; raises SourceChanged (1)."""
        try:
            before = TableCursor.parse(cursor)
        except ValueError:
            raise self._changed("its cursor is of another version of the hub") from None
        total = table.count()
        if before.keys.total != total:
            raise self._changed(f"the quarter had {before.keys.total} rows when it began and has {total} now")
        keys = table.keys(before.keys.rows)
        if before.keys.begun().after(keys) != before.keys:
            raise self._changed(f"the first {before.keys.rows} rows of the quarter are not those that were read")
        return before, keys[-1]

    def _past(self, read: TableCursor, rows: Sequence[RowMapping]) -> TableCursor:
        keys = [row[self.transport.key] for row in rows]
        if not keys or keys[-1] is None:  # (2)
            raise self._wrong(f"{self.transport.key} is empty or not unique")
        given = sum(self._is_given(row) for row in rows)
        return replace(read, keys=read.keys.after(keys), given=read.given + given)

    def _page(self, read: TableCursor, rows: Sequence[RowMapping]) -> Iterator[Page]:
        """The page of these rows, unless none of them is given and others are to come."""
        body = "".join(self._line(row) for row in rows if self._is_given(row)).encode()
        name = f"rows to {read.keys.rows} of {read.keys.total}"
        if read.is_whole:
            receipt = Receipt(rows=read.given, standing=read.standing)  # (6)
            yield Page(body, DONE, name, receipt=receipt, watermark=read.watermark)  # (5)
        elif body:
            yield Page(body, str(read), name)

    def _is_given(self, row: RowMapping) -> bool:
        return self.since is not None or not self._is_deleted(row)  # (3)

    def _is_deleted(self, row: RowMapping) -> bool:
        return self.transport.deleted_column is not None and _is_set(row[self.transport.deleted_column])

    def _line(self, row: RowMapping) -> str:
        own = (self.transport.changed_column, self.transport.deleted_column)
        content = {name: value for name, value in row.items() if name not in own}
        if self.since is not None and self.transport.deleted_column is not None:
            content[self.transport.deleted_column] = self._is_deleted(row)
        return json.dumps(content, default=self._plain, ensure_ascii=False) + "\n"

    def _plain(self, value: object) -> str:
        """What JSON has no type for: dates and times in ISO 8601, exact numbers and UUIDs as text."""
        if isinstance(value, date | datetime | time):
            return value.isoformat()
        if isinstance(value, Decimal | UUID):
            return str(value)
        raise self._wrong(f"it holds a value of the type {type(value).__name__}, which no contract has")

    def _wrong(self, why: str) -> WrongAnswer:
        return WrongAnswer(
            "The partner's table is not as agreed",
            where=self._where,
            why=why,
            fix="Correct the feed's file or ask the partner",
        )

    def _changed(self, why: str) -> SourceChanged:
        return SourceChanged(
            "The delivery cannot be continued",
            where=self._where,
            why=why,
            fix="Begin the delivery anew; the hub does so by itself",
        )


def _is_set(mark: object) -> bool:
    """Whether a row is marked deleted: by true, a number but 0, a word but no, or an instant."""
    return mark.strip().lower() not in _STANDS if isinstance(mark, str) else bool(mark)
