"""A partner's database in one unchanging, read-only state, whatever database it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.pool import NullPool

from connectors.errors import ConnectionFailed, Unauthorised, WrongAnswer
from connectors.silence import cut_when_silent
from hub.errors import ConfigurationError
from hub.transports import SqlTransport

_INVALID_PASSWORD, _INVALID_LOGIN, _NO_PRIVILEGE = "28P01", "28000", "42501"
_LEVELS: Mapping[str, str | None] = {
    "postgresql": "REPEATABLE READ",
    "mysql": "REPEATABLE READ",
    "mariadb": "REPEATABLE READ",
    "mssql": "SNAPSHOT",
    "oracle": "SERIALIZABLE",
    "sqlite": None,  # a transaction sees one state from its first reading on
}
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}  # a host that is gone is noticed
_STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
}


@dataclass(frozen=True)
class PartnerDatabase:
    """Opens the database of a feed.

    Numbered rules:

    1. All that one run reads is of one state: at the isolation level that gives a snapshot in this kind of database. A
       kind of which none is known here is refused.
    2. Where the database offers to refuse writing, it is told to; the role's own rights are the partner's to limit.
    3. Of an error only its SQLSTATE, or its kind, is told: the database's own words may quote a row.
    4. A question that is not answered for ``answer_s`` seconds counts as a lost connection (``connectors.silence``).
    """

    transport: SqlTransport
    secret: Callable[[str], SecretStr]
    where: str
    timeout_s: int
    answer_s: float = 600.0

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One transaction that sees one state; raises ConnectorError and ConfigurationError."""
        url = self._url()
        engine = self._engine(url)
        try:
            with engine.connect().execution_options(**_read_only(url)) as connection:
                for statement in _STATEMENTS.get(url.get_backend_name(), ()):
                    connection.exec_driver_sql(statement)
                yield connection
        except DBAPIError as error:
            raise self._translated(error) from None  # (3)

    def _engine(self, url: URL) -> Engine:
        kind = url.get_backend_name()
        if kind not in _LEVELS:
            known = ", ".join(_LEVELS)
            raise self._unusable(
                f"no snapshot is known of {kind}; databases are {known}", "Ask for a view in one"
            )  # (1)
        level = {} if _LEVELS[kind] is None else {"isolation_level": _LEVELS[kind]}
        try:
            arguments = _connect_arguments(url, self.timeout_s, self.answer_s)
            engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments, **level)
        except (NoSuchModuleError, ImportError):
            raise self._unusable("its driver is not installed", "Install it, or name another in the url") from None
        cut_when_silent(engine, self.answer_s)  # (4)
        return engine

    def _url(self) -> URL:
        try:
            url = make_url(self.transport.url)
        except (ArgumentError, ValueError):
            raise self._unusable(
                "it is not an SQLAlchemy URL", "Write it like postgresql+psycopg://user@host/database"
            ) from None
        if self.transport.password is None:
            return url
        return url.set(password=self.secret(self.transport.password).get_secret_value())

    def _unusable(self, why: str, fix: str) -> ConfigurationError:
        return ConfigurationError("The feed's url cannot be used", where=self.where, why=why, fix=fix)

    def _translated(self, error: DBAPIError) -> Unauthorised | WrongAnswer | ConnectionFailed:
        """By SQLSTATE; libpq gives none when a login fails, only its sentence. SQLite tells a wrong name as it does."""
        state = getattr(error.orig, "sqlstate", None)
        if state in (_INVALID_PASSWORD, _INVALID_LOGIN, _NO_PRIVILEGE) or "authentication failed" in str(error.orig):
            return Unauthorised(
                "The partner's database refuses the hub",
                where=self.where,
                why="the role, its password or its rights are not accepted",
                fix=f"Check the secret {self.transport.password}, and ask the partner for SELECT on the table",
            )
        misnamed = isinstance(error, ProgrammingError) or getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR"
        if isinstance(error, OperationalError | InterfaceError) and not misnamed:
            return ConnectionFailed(
                "The partner's database does not answer",
                where=self.where,
                why=f"SQLSTATE {state}" if state else "no connection",
                fix="It is tried again later",
            )
        trouble = "the table or one of the feed's columns is missing" if misnamed else "a value cannot be read"
        return WrongAnswer(
            "The partner's table is not as agreed",
            where=self.where,
            why=f"{trouble} (SQLSTATE {state or 'none'})",
            fix="Correct the feed's file or ask the partner",
        )


def _read_only(url: URL) -> dict[str, Any]:
    return {"postgresql_readonly": True} if url.get_backend_name() == "postgresql" else {}  # (2)


def _connect_arguments(url: URL, timeout_s: int, answer_s: float) -> dict[str, Any]:
    """What each driver calls the time to wait for a connection, and for an answer if it has such a setting."""
    match url.get_driver_name():
        case "psycopg" | "psycopg2":
            return {"connect_timeout": timeout_s, **_ALIVE}
        case "pymysql" | "mysqldb":
            return {"connect_timeout": timeout_s, "read_timeout": int(answer_s)}
        case "pysqlite":
            return {"timeout": timeout_s}
        case _:
            return {}
