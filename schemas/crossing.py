"""What the rows of one delivery say of each other: repeated keys, corrections, barred records, references.

A delivery is read in batches and may be larger than memory. Of each row there are kept its place, what is wrong with it
(codes alone), and 128-bit hashes of its keys under seeds that are drawn for this one delivery: no value of any row.
They lie in memory while they are few, then in DuckDB, which puts what does not fit into a temporary file.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas import crossing_sql as sql
from schemas.contract import Contract
from schemas.gathered import held_where
from schemas.quarantine import ReasonCount
from schemas.reasons import Reason

ORDINAL = "ordinal"  # a row's place in the whole delivery, from 0
LAST_OF_EVENT, LAST_OF_RECORD = "last_of_event", "last_of_record"
KEPT_ROWS = 2_000_000  # whose keys are kept in memory, at most 60 bytes each
_MEMORY = "256MB"
_STANDS, _LAST_OF_EVENT, _LAST_OF_RECORD = np.uint8(1), np.uint8(2), np.uint8(4)
_KEYS = ("key", "event", "record")


@dataclass(frozen=True)
class Settled:
    """What became of all rows, and why those that do not stand were quarantined, most first.

    Each row is one of: accepted, quarantined (of these ``barred`` for a bar to access), ``replaced`` by a row of a
    later generation or removed by a row marked deleted, or itself such a marker (``deleted``).
    """

    received: int
    quarantined: int
    barred: int
    counts: tuple[ReasonCount, ...]
    replaced: int = 0
    deleted: int = 0

    @property
    def accepted(self) -> int:
        """Rows that stand."""
        return self.received - self.quarantined - self.replaced - self.deleted


@dataclass(frozen=True)
class Seen:
    """A batch of typed rows as it is held against the others. Booleans have one entry a row.

    ``faults``: row (0-based), column, reason. ``barred``: access is barred. ``deleted``: marked so at the source.
    """

    rows: pl.DataFrame
    faults: pl.DataFrame
    barred: pl.Series | None = None
    deleted: pl.Series | None = None
    generation: int = 0


class Crossing:
    """The rows of one delivery held against each other. Used as a context, whose end forgets everything.

    1. A row that is marked deleted removes the rows with its key that come before it, and is not kept itself.
    2. A value that refers to another row of the delivery (``Contract.refers_to``) is found in one that was not removed,
       be it at fault.
    3. A row with no fault, or a bar, or a marker takes the place of all rows of earlier generations with its key: what
       was wrong with them is mended. A row with a fault takes nobody's place.
    4. A row whose record another row bars is barred with it, and is at fault for that alone.
    5. Of the rows of one generation with one key and no fault, the last stands; the others are repeated.
    """

    def __init__(self, contract: Contract, folder: Path | None = None, kept_rows: int = KEPT_ROWS) -> None:
        self.contract, self._kept_rows = contract, kept_rows
        self._seeds = (secrets.randbits(64), secrets.randbits(64))
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _MEMORY}
        if folder is not None:
            config["temp_directory"] = str(folder)
        self._database = duckdb.connect(config=config)
        self._database.execute(sql.TABLES)
        self._kept: list[pl.DataFrame] = []
        self._sound: list[NDArray[np.bool_]] = []
        self._spilt = self._offered = self._has_barred = False
        self._newest = self._rows = self._deleted = 0
        self._state: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)

    def __enter__(self) -> "Crossing":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, seen: Seen) -> None:
        """See the next batch; its generation is not smaller than those before it."""
        first, height = self._rows, seen.rows.height
        nowhere = pl.repeat(False, height, eager=True)
        barred = nowhere if seen.barred is None else seen.barred
        deleted = nowhere if seen.deleted is None else seen.deleted
        sound = _without(height, seen.faults) & ~barred & ~deleted
        about = [
            pl.int_range(first, first + height, eager=True).alias(ORDINAL),
            pl.repeat(seen.generation, height, dtype=pl.Int32, eager=True).alias("generation"),
            *(flag.alias(name) for flag, name in ((sound, "sound"), (barred, "barred"), (deleted, "deleted"))),
        ]
        self._keep(pl.DataFrame([*about, *self._keys(seen.rows)]))
        self._sound.append(sound.to_numpy())
        self._rows, self._newest = first + height, max(self._newest, seen.generation)
        self._has_barred |= bool(barred.any())
        self._deleted += int(deleted.sum())
        self._add_faults(seen.faults, first)
        self._add_references(seen, deleted, first)

    def settle(self) -> Settled:
        """Hold all rows against each other, once no more are to come."""
        steps = {
            "removed": self._deleted > 0,  # (1)
            "dangling": bool(self.contract.refers_to),  # (2)
            "replaced": self._deleted > 0 or self._newest > 0,  # (3)
            "barred": self._has_barred,  # (4)
            "repeated": self._has_doubles(),  # (5)
        }
        done = [table for table, needed in steps.items() if needed]
        for table in done:
            self._offer_keys()
            self._database.execute(sql.STEPS[table])
        self._mark(done)
        return self._told()

    def faults(self, ordinals: range) -> pl.DataFrame:
        """All faults of these rows, in order: row (0-based within them), column, reason."""
        return self._frame(sql.FAULTS, first=ordinals.start, stop=ordinals.stop)

    def standing(self, ordinals: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
        """Of each of these rows: whether it stands, and whether it is the last to tell of its event, of its record."""
        state = self._state[ordinals.to_numpy()]
        stands, event, record = (pl.Series(state & bit != 0) for bit in (_STANDS, _LAST_OF_EVENT, _LAST_OF_RECORD))
        return stands, event.alias(LAST_OF_EVENT), record.alias(LAST_OF_RECORD)

    def _add_faults(self, faults: pl.DataFrame, first: int) -> None:
        if faults.height:
            numbered = faults.unique(maintain_order=True).with_row_index("number")
            self._insert("fault", f'row + {first}, number, "column", reason', numbered)

    def _add_references(self, seen: Seen, deleted: pl.Series, first: int) -> None:
        """What rows refer to, and what can be referred to; a row marked deleted does neither."""
        ordinals = pl.int_range(first, first + seen.rows.height, eager=True).alias(ORDINAL)
        for number, (name, target) in enumerate(self.contract.refers_to.items()):
            source = self.contract.source_name(name).replace("'", "''")
            for table, column, values in (
                ("refers", name, f"ordinal, {number}, '{source}', target_a, target_b"),
                ("referred", target, f"ordinal, {number}, target_a, target_b"),
            ):
                hashed = pl.DataFrame([ordinals, *self._hashes(seen.rows, "target", (column,))])
                self._insert(table, values, hashed.filter(~deleted).drop_nulls())

    def _keys(self, rows: pl.DataFrame) -> list[pl.Series]:
        """Hashes of a row's keys."""
        contract = self.contract
        keys = dict(zip(_KEYS, (contract.row_key, contract.event_key, contract.record_key), strict=True))
        made = {columns: self._hashes(rows, name, columns) for name, columns in keys.items()}
        return [half.alias(f"{name}_{half.name[-1]}") for name, columns in keys.items() for half in made[columns]]

    def _hashes(self, rows: pl.DataFrame, name: str, columns: Sequence[str]) -> list[pl.Series]:
        """Two halves of a hash of some columns; null where one of them is, or where there are none."""
        halves = [f"{name}_a", f"{name}_b"]
        if not columns:
            return [pl.repeat(None, rows.height, dtype=pl.UInt64, eager=True).alias(half) for half in halves]
        key = rows.select(columns)
        hashed = [key.hash_rows(seed).alias(half) for seed, half in zip(self._seeds, halves, strict=True)]
        if any(key[name].null_count() for name in columns):
            whole = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy()
            hashed = [held_where(half, whole) for half in hashed]
        return hashed

    def _keep(self, keys: pl.DataFrame) -> None:
        self._kept.append(keys)
        if sum(frame.height for frame in self._kept) > self._kept_rows:
            self._spill()

    def _spill(self) -> None:
        """Give the keys to DuckDB, which needs no more than its memory for them."""
        for frame in self._kept:
            self._insert("spilt", "*", frame)
        self._kept, self._spilt = [], True

    def _offer_keys(self) -> None:
        """Make the keys readable as ``seen``, once."""
        if self._offered:
            return
        self._offered = True
        if self._kept and not self._spilt:
            self._database.register("seen", pl.concat(self._kept).to_arrow())
        else:
            self._spill()
            self._database.execute("CREATE VIEW seen AS FROM spilt")
        self._database.execute(sql.LIVE)

    def _has_doubles(self) -> bool:
        """Whether two sound rows may have one key: a quick question, for most deliveries have none."""
        if self._spilt or not self._kept:
            return True
        halves = np.sort(np.concatenate([frame["key_a"].filter(frame["sound"]).to_numpy() for frame in self._kept]))
        return bool((halves[1:] == halves[:-1]).any())

    def _mark(self, done: Sequence[str]) -> None:
        """Write down of each row what ``standing`` says of it, after these steps."""
        self._state = np.concatenate([np.zeros(0, dtype=np.bool_), *self._sound]).astype(np.uint8)
        self._sound = []
        for table in done:
            self._state[self._ordinals(f"SELECT ordinal FROM {table}")] = 0  # noqa: S608  # a table of this class
        for bit, name, key in (
            (_LAST_OF_EVENT, "event", self.contract.event_key),
            (_LAST_OF_RECORD, "record", self.contract.record_key),
        ):
            if key and set(key) == set(self.contract.row_key):  # a row each
                self._state[self._state & _STANDS != 0] |= bit
            elif key:
                last = None if done or self._spilt else self._last_in_runs(name)
                self._state[self._last_of(name) if last is None else last] |= bit

    def _last_in_runs(self, name: str) -> NDArray[np.intp] | None:
        """The last sound row of each event or record, where the rows of each follow each other; none if they do not."""
        rows = np.flatnonzero(self._state)
        if not len(rows):
            return rows
        keys = pl.concat([frame.select(f"{name}_a", f"{name}_b") for frame in self._kept])
        first, second = (keys[half].fill_null(0).to_numpy()[rows] for half in keys.columns)
        ends = np.append((first[1:] != first[:-1]) | (second[1:] != second[:-1]), True)
        each = np.sort(first[ends])
        return None if (each[1:] == each[:-1]).any() or not each.all() else rows[ends]

    def _last_of(self, name: str) -> NDArray[np.int64]:
        self._offer_keys()
        return self._ordinals(sql.last_of(name))

    def _told(self) -> Settled:
        contract = self.contract
        row_key = " + ".join(contract.source_name(name) for name in contract.row_key)
        self._database.execute(sql.TOLD, {"row_key": row_key, "bar": contract.source_name(contract.blocked_by or "")})
        counts = tuple(ReasonCount(Reason(why), column, rows) for why, column, rows in self._frame(sql.COUNTS).rows())
        quarantined, barred, replaced = self._frame(sql.NUMBERS).row(0)
        return Settled(self._rows, quarantined, barred, counts, replaced, self._deleted)

    def _ordinals(self, asked: str) -> NDArray[np.int64]:
        return self._frame(asked).to_series().to_numpy()

    def _frame(self, asked: str, **named: int) -> pl.DataFrame:
        found: pl.DataFrame = self._database.sql(asked, params=named).pl()
        return found

    def _insert(self, table: str, values: str, frame: pl.DataFrame) -> None:
        if frame.height:
            self._database.register("given", frame.to_arrow())
            self._database.execute(f"INSERT INTO {table} SELECT {values} FROM given")  # noqa: S608  # by this class alone
            self._database.unregister("given")


def _without(height: int, faults: pl.DataFrame) -> pl.Series:
    """Rows that are in no fault."""
    sound: NDArray[np.bool_] = np.ones(height, dtype=np.bool_)
    sound[faults["row"].to_numpy()] = False
    return pl.Series(sound)
