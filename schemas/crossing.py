"""What the rows of one delivery say of each other: repeated keys, barred records, references within the delivery.

A delivery is read in batches and may be larger than memory. So of each row DuckDB keeps, in a temporary file if
need be, its place, what is wrong with it (codes alone), and 128-bit hashes of its keys under seeds that are drawn for
this one delivery: no value of any row.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from schemas.contract import Contract
from schemas.quarantine import ReasonCount
from schemas.reasons import Reason

ORDINAL = "ordinal"  # a row's place in the whole delivery, from 0
LAST_OF_EVENT, LAST_OF_RECORD = "last_of_event", "last_of_record"
_MEMORY = "256MB"
_TABLES = """
CREATE TABLE seen (ordinal BIGINT, sound BOOLEAN, barred BOOLEAN, row_key UHUGEINT, event UHUGEINT, record UHUGEINT);
CREATE TABLE fault (ordinal BIGINT, number INTEGER, "column" VARCHAR, reason VARCHAR);
CREATE TABLE refers (ordinal BIGINT, number INTEGER, "column" VARCHAR, target UHUGEINT);
CREATE TABLE referred (number INTEGER, target UHUGEINT);
"""
_SETTLE = """
CREATE TABLE barred AS
    SELECT ordinal FROM seen WHERE barred
    UNION SELECT ordinal FROM seen SEMI JOIN (SELECT record FROM seen WHERE barred) USING (record);
CREATE TABLE dangling AS SELECT ordinal, number, "column" FROM refers ANTI JOIN referred USING (number, target);
CREATE TABLE unfaulted AS
    SELECT ordinal, row_key, event, record FROM seen
    ANTI JOIN barred USING (ordinal) ANTI JOIN dangling USING (ordinal) WHERE sound;
CREATE TABLE last_row AS
    SELECT max(ordinal) AS ordinal, any_value(event) AS event, arg_max(record, ordinal) AS record
    FROM unfaulted GROUP BY row_key;
CREATE TABLE standing AS
    SELECT ordinal, e.ordinal IS NOT NULL AS last_of_event, r.ordinal IS NOT NULL AS last_of_record FROM last_row
    LEFT JOIN (SELECT max(ordinal) AS ordinal FROM last_row GROUP BY event) AS e USING (ordinal)
    LEFT JOIN (SELECT max(ordinal) AS ordinal FROM last_row WHERE record IS NOT NULL GROUP BY record) AS r
        USING (ordinal)
    ORDER BY ordinal;
CREATE TABLE told AS
    SELECT * FROM (
        SELECT ordinal, number, "column", reason FROM fault ANTI JOIN barred USING (ordinal)
        UNION ALL SELECT ordinal, 1000 + number, "column", 'unknown_reference'
            FROM dangling ANTI JOIN barred USING (ordinal)
        UNION ALL SELECT ordinal, 0, $blocked_by, 'limited_access' FROM barred
        UNION ALL SELECT ordinal, 0, $row_key, 'repeated' FROM unfaulted ANTI JOIN last_row USING (ordinal)
    ) ORDER BY ordinal, number;
"""


@dataclass(frozen=True)
class Settled:
    """How many rows there were, how many do not stand, how many of those are barred, and why, most first."""

    received: int
    quarantined: int
    barred: int
    counts: tuple[ReasonCount, ...]


class Crossing:
    """The rows of one delivery held against each other. Used as a context, whose end forgets everything.

    1. A row whose record another row bars is barred with it, and is at fault for that alone.
    2. A value that refers to another row of the delivery (``Contract.refers_to``) is found in one, be it at fault.
    3. Of rows with one key and no fault, the last stands.
    """

    def __init__(self, contract: Contract, folder: Path | None = None) -> None:
        self.contract = contract
        self._seeds = (secrets.randbits(64), secrets.randbits(64))
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _MEMORY}
        if folder is not None:
            config["temp_directory"] = str(folder)
        self._database = duckdb.connect(config=config)
        self._database.execute(_TABLES)

    def __enter__(self) -> "Crossing":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, rows: pl.DataFrame, faults: pl.DataFrame, barred: pl.Series, first: int) -> None:
        """See typed rows, the first of which has the ordinal ``first``.

        ``faults``: row (0-based within ``rows``), column, reason. ``barred``: numbers of the rows that are barred.
        """
        contract, numbers = self.contract, pl.int_range(rows.height, eager=True, dtype=pl.UInt32)
        blocked = numbers.is_in(barred.cast(pl.UInt32).implode())
        ordinals = (numbers.cast(pl.Int64) + first).alias(ORDINAL)
        columns = [
            ordinals,
            (~numbers.is_in(faults["row"].unique().implode()) & ~blocked).alias("sound"),
            blocked.alias("barred"),
            *self._hashes(rows, "row_key", contract.row_key),
            *self._hashes(rows, "event", contract.event_key),
            *self._hashes(rows, "record", contract.record_key),
        ]
        keys = ", ".join(f"({key}_a::UHUGEINT << 64) + {key}_b" for key in ("row_key", "event", "record"))
        self._insert("seen", f"ordinal, sound, barred, {keys}", pl.DataFrame(columns))
        found = faults.unique(maintain_order=True).with_row_index("number")
        self._insert("fault", f'row + {first}, number, "column", reason', found)
        for number, (name, target) in enumerate(contract.refers_to.items()):
            given = pl.DataFrame([ordinals, *self._hashes(rows, "target", (name,))]).drop_nulls()
            source = contract.source_name(name).replace("'", "''")
            self._insert("refers", f"ordinal, {number}, '{source}', (target_a::UHUGEINT << 64) + target_b", given)
            known = pl.DataFrame(self._hashes(rows, "target", (target,))).drop_nulls()
            self._insert("referred", f"{number}, (target_a::UHUGEINT << 64) + target_b", known)

    def settle(self) -> Settled:
        """Hold all rows against each other, once no more are to come."""
        contract = self.contract
        named = {
            "row_key": " + ".join(contract.source_name(name) for name in contract.row_key),
            "blocked_by": contract.source_name(contract.blocked_by or ""),
        }
        for statement in _SETTLE.split(";\n"):
            used = {name: text for name, text in named.items() if f"${name}" in statement}
            if statement:
                self._database.execute(statement, used)
        told = self._frame(
            'SELECT reason, "column", count(DISTINCT ordinal) AS rows FROM told GROUP BY ALL ORDER BY rows DESC, 1, 2'
        )
        counts = tuple(ReasonCount(Reason(reason), column, rows) for reason, column, rows in told.iter_rows())
        rows = ("SELECT count(*) FROM seen", "SELECT count(DISTINCT ordinal) FROM told", "SELECT count(*) FROM barred")
        received, quarantined, barred = (self._frame(asked).item() for asked in rows)
        return Settled(received, quarantined, barred, counts)

    def faults(self, ordinals: range) -> pl.DataFrame:
        """All faults of these rows, in order: row (0-based within them), column, reason."""
        asked = (
            'SELECT (ordinal - $first)::UINTEGER AS row, "column", reason FROM told '
            "WHERE ordinal >= $first AND ordinal < $stop ORDER BY ordinal, number"
        )
        return self._frame(asked, first=ordinals.start, stop=ordinals.stop)

    def standing(self, ordinals: range) -> pl.DataFrame:
        """Those of these rows that stand: ordinal, and whether each is the last to tell of its event, of its record."""
        asked = "FROM standing WHERE ordinal >= $first AND ordinal < $stop ORDER BY ordinal"
        return self._frame(asked, first=ordinals.start, stop=ordinals.stop)

    def _hashes(self, rows: pl.DataFrame, name: str, columns: Sequence[str]) -> list[pl.Series]:
        """Two halves of a hash of some columns; null where one of them is, or where there are none."""
        halves = [f"{name}_a", f"{name}_b"]
        if not columns:
            return [pl.Series(half, [None] * rows.height, dtype=pl.UInt64) for half in halves]
        key = rows.select(columns)
        whole = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        hashed = pl.DataFrame([key.hash_rows(seed).alias(half) for seed, half in zip(self._seeds, halves, strict=True)])
        return hashed.select(pl.when(whole).then(pl.all())).get_columns()

    def _frame(self, asked: str, **named: int) -> pl.DataFrame:
        found: pl.DataFrame = self._database.sql(asked, params=named).pl()
        return found

    def _insert(self, table: str, values: str, frame: pl.DataFrame) -> None:
        if frame.height:
            self._database.register("given", frame.to_arrow())
            self._database.execute(f"INSERT INTO {table} SELECT {values} FROM given")  # noqa: S608  # by this class alone
            self._database.unregister("given")
