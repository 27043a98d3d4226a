"""Rows of the register by their ids, tens of thousands at once."""

import polars as pl
from sqlalchemy import Connection

from hub.database import Base


def look_up(connection: Connection, model: type[Base], asked: pl.Series, columns: list[str]) -> pl.DataFrame:
    """Columns of a table's rows whose first column of these is among the ids ``asked``; all are text.

    Ids go in as one text and each column comes out as one: as so many parameters and rows they would take longer to be
    written down one by one than to be found. No value may have a comma, and none is empty.
    """
    joined = ", ".join(f"string_agg(coalesce({name}, ''), ',')" for name in columns)
    query = f"SELECT {joined} FROM {model.__table__} WHERE {columns[0]} = ANY(string_to_array(%(asked)s, ','))"  # noqa: S608
    found = connection.exec_driver_sql(query, {"asked": asked.str.join(",").item()}).one()
    values = (pl.Series([text], dtype=pl.String).str.split(",").explode().replace("", None) for text in found)
    return pl.DataFrame(dict(zip(columns, values, strict=True))).drop_nulls(columns[0])
