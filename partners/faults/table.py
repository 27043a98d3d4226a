# ruff: noqa: S608  # every part of a statement is written in this package
"""The council's tables, in its own PostgreSQL: rows spoiled, changed, stamped, and put back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from partners.faults.kinds import Way
from partners.faults.sources import NONSENSE, Source

_CORRECTED = {"sessions": "coalesce(sessions, 0) + 1", "repeat_case": "NOT repeat_case"}
_STAMP = "(SELECT max(changed_at) FROM {table} WHERE changed_at < now()) + interval '1 minute'"
_LATE = "(SELECT max(changed_at) FROM {table} WHERE changed_at < now()) - interval '30 minutes'"
_AHEAD = "now() + interval '1 hour'"


@dataclass
class Table(Source):
    """One table. Where the hub fetches changes, each row is stamped as it is changed, and marked rather than deleted.

    A row that comes is committed late: its stamp is earlier than others that were there before it.
    """

    way: Way
    url: str
    name: str
    rows: int
    period: str

    def prepare(self) -> None:
        """Keep so many rows, with stamps an hour apart and more in the past."""
        self._do(
            "DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM {table} ORDER BY {key} LIMIT %s)", self.rows
        )
        if self._stamped:
            self._do("ALTER TABLE {table} ADD changed_at timestamptz, ADD deleted boolean NOT NULL DEFAULT false")
            numbered = "(SELECT {key} AS k, row_number() OVER (ORDER BY {key}) AS n FROM {table}) AS numbered"
            stamp = "now() - interval '1 day' + n * interval '10 minutes'"
            self._do("UPDATE {table} SET changed_at = " + stamp + " FROM " + numbered + " WHERE {key} = k")

    def count(self) -> int:
        """See Source."""
        stands = " AND NOT deleted" if self._stamped else ""
        found = self._do("SELECT count(*) FROM {table} WHERE period = %s" + stands, self.period)
        return int(found[0][0])

    def spoil(self, which: int) -> None:
        """See Source."""
        self._change(f"{self.way.spoilt} = '{NONSENSE}'", self._keys()[(2, self.rows // 2, -1)[which]])

    def change(self, which: int) -> None:
        """See Source."""
        keys = self._keys()
        if which == 0 and self._stamped:
            self._change("deleted = true", keys[1])
        elif which == 0:
            self._do("DELETE FROM {table} WHERE {key} = %s", keys[1])
        elif which == 1:
            self._change(f"{self.way.other} = {_CORRECTED[self.way.other]}", keys[1])
        else:
            self._copy(keys[-1])

    def skew(self) -> None:
        """Have the partner's clock be fast when it last changed a row."""
        self._do("UPDATE {table} SET changed_at = " + _AHEAD + " WHERE {key} = %s", self._keys()[3])

    def state(self) -> bytes:
        """See Source."""
        found = self._do("SELECT row_to_json(t)::text FROM {table} AS t ORDER BY {key}")
        return "\n".join(row for (row,) in found).encode()

    def restore(self, state: bytes) -> None:
        """See Source."""
        with psycopg.connect(self.url) as connection:
            connection.execute(self._said("DELETE FROM {table}"))
            if state:
                rows = [json.loads(line) for line in state.splitlines()]
                put = "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
                connection.execute(self._said(put), [json.dumps(rows)])

    @property
    def _stamped(self) -> bool:
        return "changed_column" in self.way.transport

    def _keys(self) -> list[Any]:
        return [key for (key,) in self._do("SELECT {key} FROM {table} ORDER BY {key}")]

    def _change(self, what: str, key: Any) -> None:
        stamp = f", changed_at = {_STAMP}" if self._stamped else ""
        self._do("UPDATE {table} SET " + what + stamp + " WHERE {key} = %s", key)

    def _copy(self, key: Any) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(self._said("CREATE TEMP TABLE one AS TABLE {table} WITH NO DATA"))
            connection.execute(self._said("INSERT INTO one SELECT * FROM {table} WHERE {key} = %s"), [key])
            connection.execute(self._said("UPDATE one SET {key} = {key} || 'N'"))
            if self._stamped:
                connection.execute(self._said("UPDATE one SET changed_at = " + _LATE))
            connection.execute(self._said("INSERT INTO {table} SELECT * FROM one"))

    def _do(self, statement: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(self._said(statement), values or None)
            return cursor.fetchall() if cursor.description else []

    def _said(self, statement: str) -> sql.Composed:
        table, key = sql.Identifier(self.name), sql.Identifier(self.way.key)
        return sql.SQL(statement).format(table=table, key=key)
