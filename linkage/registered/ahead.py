"""Whose records are, looked up in the register while their persons are still sought: the database has time then."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import polars as pl
from sqlalchemy import Connection

from hub.database import plan_by_values
from linkage.models import Membership
from linkage.registered.looked_up import look_up

_NOBODY = pl.DataFrame(schema={"record_id": pl.String, "person_id": pl.String})


@dataclass(frozen=True)
class Held:
    """What the register holds of some records: record_id, person_id; and the person of each record of these persons."""

    before: pl.DataFrame
    rows: pl.Series

    @property
    def whole(self) -> bool:
        """Whether these records are all that their persons have."""
        return len(self.rows) == self.before.height


class Ahead:
    """Asked early which records will be looked at, it answers what the register holds of those that are.

    It is asked within its own block, in which nothing else may use the connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pool = ThreadPoolExecutor(1)
        self._asked: list[tuple[pl.Series, Future[Held]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def ask(self, records: pl.Series) -> None:
        """Begin to look these up."""
        self._asked.append((records, self._pool.submit(self._look, records, _NOBODY["person_id"])))

    def held(self, records: pl.Series) -> Held:
        """What the register holds of these, asked for before or not."""
        early, before, rows = records.clear(), _NOBODY, _NOBODY["person_id"]
        if self._asked:
            early, found = self._asked[-1][0], self._asked[-1][1].result()
            before = found.before.filter(pl.col("record_id").is_in(records.implode()))
            rows = found.rows.filter(found.rows.is_in(before["person_id"].unique().implode()))
        late = records.filter(~records.is_in(early.implode()))
        if len(late):
            more = self._look(late, before["person_id"])
            before, rows = pl.concat([before, more.before]), pl.concat([rows, more.rows])
        return Held(before, rows)

    def _look(self, records: pl.Series, known: pl.Series) -> Held:
        """Of persons that are known already no more is asked."""
        plan_by_values(self._connection)
        before = look_up(self._connection, Membership, records, ["record_id", "person_id"])
        persons = before["person_id"].unique()
        persons = persons.filter(~persons.is_in(known.implode()))
        return Held(before, look_up(self._connection, Membership, persons, ["person_id"])["person_id"])
