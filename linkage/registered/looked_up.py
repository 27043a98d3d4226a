"""Rows of the register by their ids, tens of thousands at once."""

from collections.abc import Iterable
from typing import Any

import polars as pl
from sqlalchemy import Connection


def look_up(connection: Connection, query: str, asked: Iterable[str], columns: list[str]) -> pl.DataFrame:
    """What a query finds of the ids ``asked``, which it has as %(asked)s, one text with commas; all columns are text.

    As many parameters would take longer to be written down one by one than the rows to be found.
    """
    driver: Any = connection.connection.driver_connection  # psycopg's own, which SQLAlchemy types as Any
    rows = driver.execute(query, {"asked": ",".join(asked)}).fetchall()
    found = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pl.DataFrame(dict(zip(columns, found, strict=True)), schema=dict.fromkeys(columns, pl.String))
