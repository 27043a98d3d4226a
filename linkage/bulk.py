"""Rows into and out of PostgreSQL by COPY, which is some fifty times faster than row by row."""

import io
from collections.abc import Iterator
from typing import Any, cast

import polars as pl
from sqlalchemy import Connection, Table

from hub.database import Base

PAGES_OF_A_PART = 2_000
_PARTS = """
    SELECT (
        SELECT string_agg({line}, chr(10)) FROM {table} AS rows
        WHERE rows.ctid >= ('(' || page || ',0)')::tid AND rows.ctid < ('(' || page + {pages} || ',0)')::tid
    )
    FROM generate_series(0, pg_relation_size('{table}') / current_setting('block_size')::int, {pages}) AS page
"""  # no table of the hub is partitioned: else its own file were empty


def append_rows(connection: Connection, model: type[Base], frame: pl.DataFrame) -> None:
    """Append a frame's rows; its columns are named as the table's."""
    if frame.is_empty():
        return
    statement = f"COPY {_table(model).fullname} ({', '.join(frame.columns)}) FROM STDIN WITH (FORMAT csv)"
    with _cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(frame.write_csv(include_header=False))


def read_columns(connection: Connection, model: type[Base], columns: list[str]) -> pl.DataFrame:
    """Columns of a whole table, in no order; all are text."""
    schema = dict.fromkeys(columns, pl.String)
    return pl.concat([pl.DataFrame(schema=schema), *read_parts(connection, model, columns)], rechunk=True)


def read_parts(
    connection: Connection, model: type[Base], columns: list[str], pages: int = PAGES_OF_A_PART
) -> Iterator[pl.DataFrame]:
    """``read_columns``, the rows of so many pages of the table's file at a time.

    The server joins the rows of a part, as CSV: one by one, as COPY gives them, they take five times as long. It is one
    statement, so all parts are of one moment.
    """
    table = _table(model).fullname
    line = " || ',' || ".join(f"coalesce('\"' || replace({name}::text, '\"', '\"\"') || '\"', '')" for name in columns)
    statement = _PARTS.format(line=line, table=table, pages=pages)
    driver: Any = connection.connection.driver_connection
    with driver.cursor(name="parts") as cursor:
        cursor.itersize = 1
        cursor.execute(statement)
        for (part,) in cursor:
            if part:
                yield pl.read_csv(io.BytesIO(part.encode()), has_header=False, schema=dict.fromkeys(columns, pl.String))


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def _cursor(connection: Connection) -> Any:  # psycopg's own, which SQLAlchemy types as Any
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
