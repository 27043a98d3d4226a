"""A table of a partner's database, read in pages by its key, in one read-only snapshot."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import SecretStr
from sqlalchemy import Connection, RowMapping, TableClause, column, create_engine, func, select, table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from connectors.errors import ConnectionFailed, NotReady, SourceChanged, Unauthorised, WrongAnswer
from connectors.page import Page
from hub.feeds import SqlTransport
from hub.periods import Quarter

_INVALID_PASSWORD, _INVALID_LOGIN, _NO_PRIVILEGE = "28P01", "28000", "42501"


@dataclass(frozen=True)
class SqlConnector:
    """Fetches a quarter's rows as pages of NDJSON.

    Within a run, a page begins after the last key of the page before it (keyset paging). Keys are
    the partner's own references and must not lie open in the hub's database, so the cursor only
    counts: ``rows so far/rows in all``. A resumed run finds its key again by that count, and refuses
    if the table has since gained or lost rows, for then the count means nothing.
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
        fetched, expected = (int(part) for part in cursor.split("/")) if cursor else (0, None)
        if fetched == expected:
            return
        with self._snapshot() as connection:
            total = self._count(connection, quarter)
            if expected is not None and expected != total:
                raise self._changed(expected, total)
            last = self._key_of_row(connection, quarter, fetched) if fetched else None
            while fetched < total:
                rows = self._after(connection, quarter, last)
                fetched, last = fetched + len(rows), rows[-1][self.transport.key]
                yield Page(_ndjson(rows), f"{fetched}/{total}", f"rows to {fetched} of {total}")

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

    def _key_of_row(self, connection: Connection, quarter: Quarter, number: int) -> object:
        source = self._source
        key = source.c[self.transport.key]
        query = select(key).where(source.c[self.transport.period_column] == str(quarter)).order_by(key)
        return connection.execute(query.offset(number - 1).limit(1)).scalar_one()

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
        url = make_url(self.transport.url)
        if self.transport.password is not None:
            url = url.set(password=self.secret(self.transport.password).get_secret_value())
        engine = create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": self.timeout_s},
        )
        try:
            with engine.connect().execution_options(postgresql_readonly=True) as connection:
                yield connection
        except (OperationalError, ProgrammingError) as error:
            raise self._translated(error) from None

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
        if isinstance(error, ProgrammingError):
            return WrongAnswer(
                "The partner's table is not as agreed",
                where=self._where,
                why=f"the table, {self.transport.key} or {self.transport.period_column} is missing (SQLSTATE {state})",
                fix="Correct the feed's file or ask the partner",
            )
        return ConnectionFailed(
            "The partner's database does not answer",
            where=self._where,
            why=f"SQLSTATE {state}" if state else "no connection",
            fix="It is tried again later",
        )

    def _changed(self, expected: int, total: int) -> SourceChanged:
        return SourceChanged(
            "The delivery cannot be continued",
            where=self._where,
            why=f"the quarter had {expected} rows when it began and has {total} now",
            fix="Begin the delivery anew; the hub does so by itself",
        )


def _ndjson(rows: Sequence[RowMapping]) -> bytes:
    lines = (json.dumps(dict(row), default=_plain, ensure_ascii=False) for row in rows)
    return "".join(line + "\n" for line in lines).encode()


def _plain(value: object) -> str:
    """What JSON has no type for: dates in ISO 8601, exact numbers as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
