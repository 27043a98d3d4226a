"""The questions of ``schemas.crossing``, in SQL. Each step makes one table of the ordinals of rows that do not stand.

``seen`` has a row's ordinal, generation, whether it is sound, barred or marked deleted, and two halves of the hash of
its key, its event and its record. Ordinals grow with generations.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

_MEMORY, _THREADS = "128MB", 1  # each thread more needs as much again
_AT_ONCE = 1_000_000

TABLES = """
CREATE TABLE seen (
    ordinal BIGINT, generation INTEGER, sound BOOLEAN, barred BOOLEAN, deleted BOOLEAN, key_a UBIGINT, key_b UBIGINT,
    event_a UBIGINT, event_b UBIGINT, record_a UBIGINT, record_b UBIGINT
);
CREATE TABLE fault (ordinal BIGINT, number INTEGER, "column" VARCHAR, reason VARCHAR);
CREATE TABLE refers (ordinal BIGINT, number INTEGER, "column" VARCHAR, target_a UBIGINT, target_b UBIGINT);
CREATE TABLE referred (ordinal BIGINT, number INTEGER, target_a UBIGINT, target_b UBIGINT);
CREATE TABLE removed (ordinal BIGINT);
CREATE TABLE dangling (ordinal BIGINT, number INTEGER, "column" VARCHAR);
CREATE TABLE replaced (ordinal BIGINT);
CREATE TABLE barred (ordinal BIGINT);
CREATE TABLE repeated (ordinal BIGINT);
CREATE TABLE told (ordinal BIGINT, number INTEGER, "column" VARCHAR, reason VARCHAR);
CREATE VIEW live AS
    SELECT ordinal, key_a, key_b, event_a, event_b, record_a, record_b FROM seen
    ANTI JOIN (
        SELECT ordinal FROM replaced UNION ALL SELECT ordinal FROM dangling
        UNION ALL SELECT ordinal FROM barred UNION ALL SELECT ordinal FROM repeated
    ) USING (ordinal) WHERE sound;
"""
STEPS = {
    "removed": """
        INSERT INTO removed SELECT ordinal FROM seen
        JOIN (SELECT key_a, key_b, max(ordinal) AS newest FROM seen WHERE deleted GROUP BY ALL) USING (key_a, key_b)
        WHERE NOT deleted AND ordinal < newest""",
    "dangling": """
        INSERT INTO dangling SELECT ordinal, number, "column" FROM refers ANTI JOIN removed USING (ordinal)
        ANTI JOIN (FROM referred ANTI JOIN removed USING (ordinal)) USING (number, target_a, target_b)""",
    "replaced": """
        INSERT INTO replaced FROM removed UNION
        SELECT ordinal FROM seen JOIN (
            SELECT key_a, key_b, max(generation) AS newest FROM seen
            ANTI JOIN removed USING (ordinal) ANTI JOIN dangling USING (ordinal)
            WHERE sound OR barred OR deleted GROUP BY ALL
        ) USING (key_a, key_b) WHERE NOT deleted AND generation < newest
        UNION SELECT ordinal FROM seen LEFT JOIN (SELECT DISTINCT ordinal, true AS lost FROM dangling) USING (ordinal)
        JOIN (
            SELECT key_a, key_b, max(generation) AS newest FROM seen ANTI JOIN removed USING (ordinal) GROUP BY ALL
        ) USING (key_a, key_b) WHERE (lost OR NOT (sound OR barred OR deleted)) AND generation < newest""",
    "barred": """
        INSERT INTO barred SELECT ordinal FROM seen ANTI JOIN replaced USING (ordinal) WHERE barred
        UNION SELECT ordinal FROM seen SEMI JOIN (
            SELECT record_a, record_b FROM seen ANTI JOIN replaced USING (ordinal) WHERE barred
        ) USING (record_a, record_b) ANTI JOIN replaced USING (ordinal) WHERE NOT deleted""",
    "repeated": """
        INSERT INTO repeated SELECT ordinal FROM live JOIN (
            SELECT key_a, key_b, max(ordinal) AS newest FROM live GROUP BY ALL HAVING count(*) > 1
        ) USING (key_a, key_b) WHERE ordinal < newest""",
}
TOLD = """
INSERT INTO told SELECT * FROM (
    SELECT ordinal, number, "column", reason FROM fault
        ANTI JOIN barred USING (ordinal) ANTI JOIN replaced USING (ordinal)
    UNION ALL SELECT ordinal, 1000 + number, "column", 'unknown_reference' FROM dangling
        ANTI JOIN barred USING (ordinal) ANTI JOIN replaced USING (ordinal)
    UNION ALL SELECT ordinal, 0, $bar, 'limited_access' FROM barred
    UNION ALL SELECT ordinal, 0, $row_key, 'repeated' FROM repeated
) ORDER BY ordinal, number
"""
COUNTS = 'SELECT reason, "column", count(DISTINCT ordinal) AS rows FROM told GROUP BY ALL'
NUMBERS = """
SELECT (SELECT count(DISTINCT ordinal) FROM told), (SELECT count(*) FROM barred), (SELECT count(*) FROM replaced)
"""
FAULTS = """
SELECT (ordinal - $first)::UINTEGER AS row, "column", reason FROM told
WHERE ordinal >= $first AND ordinal < $stop ORDER BY ordinal, number
"""


def last_of(name: str) -> str:
    """The ordinals of the rows that stand and are the last with their event or record."""
    return f"SELECT max(ordinal) FROM live WHERE {name}_a IS NOT NULL GROUP BY {name}_a, {name}_b"  # noqa: S608


class Database:
    """The tables, which are made when they are first needed: in a file in ``folder``, or else in memory.

    DuckDB spills what it is working on, but keeps books on all tables that have no file: of 20 million rows these alone
    take more than it is given here.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def opened(self) -> bool:
        """Whether something was put into it."""
        return self._connection is not None

    def close(self) -> None:
        """Forget everything."""
        if self._connection is not None:
            self._connection.close()

    def execute(self, command: str, named: dict[str, str] | None = None) -> None:
        """Do something to the tables."""
        self._open().execute(command, named)

    def frame(self, asked: str, **named: int) -> pl.DataFrame:
        """The answer to a question."""
        found: pl.DataFrame = self._open().sql(asked, params=named).pl()
        return found

    def ordinals(self, asked: str) -> Iterator[NDArray[np.int64]]:
        """The answer to a question for ordinals, some at a time: there may be one for every row of a delivery."""
        for batch in self._open().sql(asked).to_arrow_reader(_AT_ONCE):
            yield batch.column(0).to_numpy()

    def insert(self, table: str, values: str, frame: pl.DataFrame) -> None:
        """Put the rows of a frame into a table, as these values."""
        if frame.height:
            connection = self._open()
            connection.register("given", frame.to_arrow())
            connection.execute(f"INSERT INTO {table} SELECT {values} FROM given")  # noqa: S608  # by schemas.crossing
            connection.unregister("given")

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _MEMORY, "threads": _THREADS}
            place = ":memory:" if self._folder is None else str(self._folder / "crossing.duckdb")
            self._connection = duckdb.connect(place, config=config)
            self._connection.execute(TABLES)
        return self._connection
