"""A table of a partner's database, read in pages by its key, in one read-only snapshot."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Connection, RowMapping, TableClause, column, create_engine, func, select, table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from connectors.cursors import KeyCursor
from connectors.errors import ConnectionFailed, NotReady, SourceChanged, Unauthorised, WrongAnswer
from connectors.page import DONE, Page
from hub.errors import ConfigurationError
from hub.feeds import SqlTransport
from hub.periods import Quarter

_INVALID_PASSWORD, _INVALID_LOGIN, _NO_PRIVILEGE = "28P01", "28000", "42501"


@dataclass(frozen=True)
class SqlConnector:
    """Fetches a quarter's rows as pages of NDJSON.

    Within a run, a page begins after the last key of the page before it (keyset paging). Keys are
    the partner's own references and must not lie open in the hub's database, so the cursor counts
    the rows so far and all rows, and holds a digest of the keys so far. Numbered rules:

    1. A resumed run reads the keys so far again. Are there more or fewer rows now, or other keys among
       those, the delivery cannot be continued.
    2. A key that is missing or not unique would lose rows: it stops the delivery.
    3. Of an error only its SQLSTATE is told: the database's own words may quote a row.
    """

    feed: str
    transport: SqlTransport
    secret: Callable[[str], SecretStr]
    timeout_s: int = 30

    @property
    def _where(self) -> str:
        return f"{self.feed}, table {self.transport.table}"

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The quarter's rows after ``cursor``, in key order; raises ConnectorError."""
        if cursor == DONE:
            return
        with self._snapshot() as connection:
            total = self._count(connection, quarter)
            read, last = KeyCursor(total), None
            if cursor is not None:
                read, last = self._found_again(connection, quarter, cursor, total)
            while read.rows < total:
                rows = self._after(connection, quarter, last)
                keys = [row[self.transport.key] for row in rows]
                if not keys or keys[-1] is None:  # (2)
                    raise self._wrong(f"{self.transport.key} is empty or not unique")
                read, last = read.after(keys), keys[-1]
                body = "".join(self._line(row) for row in rows).encode()
                following = str(read) if read.rows < total else DONE
                yield Page(body, following, f"rows to {read.rows} of {total}")

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: the hub may only read."""

    @property
    def _source(self) -> TableClause:
        schema, _, name = self.transport.table.rpartition(".")
        return table(name, column(self.transport.key), column(self.transport.period_column), schema=schema or None)

    def _count(self, connection: Connection, quarter: Quarter) -> int:
        source = self._source
        of_quarter = source.c[self.transport.period_column] == str(quarter)
        total = connection.execute(select(func.count()).select_from(source).where(of_quarter)).scalar_one()
        if total == 0:
            raise NotReady(
                "The quarter's rows are not there yet",
                where=self._where,
                why=f"none has {self.transport.period_column} {quarter}",
                fix="It is tried again later; ask the partner if they stay away",
            )
        return total

    def _found_again(
        self, connection: Connection, quarter: Quarter, cursor: str, total: int
    ) -> tuple[KeyCursor, object]:
        """Where an earlier run stopped, and the last key that it read; raises SourceChanged (1)."""
        try:
            before = KeyCursor.parse(cursor)
        except ValueError:
            raise self._changed("its cursor is of another version of the hub") from None
        if before.total != total:
            raise self._changed(f"the quarter had {before.total} rows when it began and has {total} now")
        source = self._source
        key = source.c[self.transport.key]
        query = select(key).where(source.c[self.transport.period_column] == str(quarter)).order_by(key)
        keys = connection.execute(query.limit(before.rows)).scalars().all()
        if before.begun().after(keys) != before:
            raise self._changed(f"the first {before.rows} rows of the quarter are not those that were read")
        return before, keys[-1]

    def _after(self, connection: Connection, quarter: Quarter, last: object) -> Sequence[RowMapping]:
        source = self._source
        key = source.c[self.transport.key]
        query = select(text("*")).select_from(source).where(source.c[self.transport.period_column] == str(quarter))
        if last is not None:
            query = query.where(key > last)
        return connection.execute(query.order_by(key).limit(self.transport.page_size)).mappings().all()

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """One REPEATABLE READ, READ ONLY transaction, so that all pages show the same state."""
        engine = create_engine(
            self._url(),
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": self.timeout_s},
        )
        try:
            with engine.connect().execution_options(postgresql_readonly=True) as connection:
                yield connection
        except DBAPIError as error:
            raise self._translated(error) from None  # (3)

    def _url(self) -> URL:
        try:
            url = make_url(self.transport.url)
        except (ArgumentError, ValueError):
            raise ConfigurationError(
                "The feed's url cannot be used",
                where=self._where,
                why="it is not an SQLAlchemy URL",
                fix="Write it like postgresql+psycopg://user@host/database",
            ) from None
        if self.transport.password is None:
            return url
        return url.set(password=self.secret(self.transport.password).get_secret_value())

    def _translated(self, error: DBAPIError) -> Unauthorised | WrongAnswer | ConnectionFailed:
        """By SQLSTATE; libpq gives none when a login fails, only its sentence."""
        state = getattr(error.orig, "sqlstate", None)
        if state in (_INVALID_PASSWORD, _INVALID_LOGIN, _NO_PRIVILEGE) or "authentication failed" in str(error.orig):
            return Unauthorised(
                "The partner's database refuses the hub",
                where=self._where,
                why="the role, its password or its rights are not accepted",
                fix=f"Check the secret {self.transport.password}, and ask the partner for SELECT on the table",
            )
        if isinstance(error, OperationalError | InterfaceError):
            return ConnectionFailed(
                "The partner's database does not answer",
                where=self._where,
                why=f"SQLSTATE {state}" if state else "no connection",
                fix="It is tried again later",
            )
        missing = f"the table, {self.transport.key} or {self.transport.period_column} is missing"
        trouble = missing if isinstance(error, ProgrammingError) else "a value cannot be read"
        return self._wrong(f"{trouble} (SQLSTATE {state or 'none'})")

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

    def _line(self, row: RowMapping) -> str:
        return json.dumps(dict(row), default=self._plain, ensure_ascii=False) + "\n"

    def _plain(self, value: object) -> str:
        """What JSON has no type for: dates and times in ISO 8601, exact numbers and UUIDs as text."""
        if isinstance(value, date | datetime | time):
            return value.isoformat()
        if isinstance(value, Decimal | UUID):
            return str(value)
        raise self._wrong(f"it holds a value of the type {type(value).__name__}, which no contract has")
