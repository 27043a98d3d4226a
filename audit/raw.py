"""psycopg's own cursor within a SQLAlchemy transaction, for what must be quick: COPY, and rows by the million."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from struct import Struct
from typing import Any, cast

import psycopg
from psycopg.errors import UniqueViolation
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection

from audit.errors import LogDamaged
from hub.database import SCHEMA
from hub.errors import DatabaseError

_SIGNATURE, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_LENGTH = Struct("!i")
_ARRAY = Struct("!iiiii")  # dimensions; whether one is null; type of each; how many; number of the first
_TEXT_TYPE = 25  # the number of PostgreSQL's type text


@contextmanager
def raw_cursor(connection: Connection) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A cursor whose rows come in binary form; raises DatabaseError if the connection is lost."""
    cursor = cast("psycopg.Cursor[tuple[Any, ...]]", connection.connection.cursor(binary=True))
    try:
        with cursor:
            yield cursor
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseError(
            "The log does not answer",
            where="the database",
            why=f"the connection was lost, or the server gave up ({type(error).__name__})",
            fix="Start it (hub up) and try again",
        ) from None


@contextmanager
def copying(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[Callable[[bytes], None]]:
    """A block that adds rows to a table of the log by writing them in PostgreSQL's binary COPY form.

    Each row is two bytes of the number of fields and, for each field, four bytes of its length and its value.
    Raises LogDamaged if a row is there already, DatabaseError if the connection is lost.
    """
    query = SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        Identifier(SCHEMA, table), SQL(", ").join(map(Identifier, columns))
    )
    try:
        with raw_cursor(connection) as cursor, cursor.copy(query) as copy:
            copy.write(_SIGNATURE)
            yield copy.write
            copy.write(_TRAILER)
    except UniqueViolation:
        raise LogDamaged(
            "Nothing can be added to the log",
            where=f"the table {table}",
            why="it holds rows that the log's head does not count",
            fix="Run hub audit verify and restore the database",
        ) from None


def texts_field(values: Sequence[str]) -> bytes:
    """Some texts, at least one, as a text[] of a row in binary COPY form."""
    return bytes_field(_ARRAY.pack(1, 0, _TEXT_TYPE, len(values), 1) + b"".join([_text(value) for value in values]))


@lru_cache(maxsize=4096)  # rows that are written together say much the same
def _text(value: str) -> bytes:
    return bytes_field(value.encode())


def bytes_field(value: bytes) -> bytes:
    """Some bytes of a row in binary COPY form."""
    return _LENGTH.pack(len(value)) + value
