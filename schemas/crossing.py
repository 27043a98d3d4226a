"""What the rows of one delivery say of each other: repeated keys, corrections, barred records, references.

A delivery is read in batches and may be larger than memory. Of each row there are kept its place, what is wrong with it
(codes alone), and 128-bit hashes of its keys under seeds that are drawn for this one delivery: no value of any row.
They lie in memory while they are few, then in DuckDB, which puts what does not fit into a temporary file.

Most deliveries are plain: no row repeats, bars, removes or refers to another, and the rows of an event follow each
other. Then a look along the hashes says all. Else DuckDB is asked (``schemas.crossing_sql``).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
KEPT_ROWS = 1_000_000  # whose keys are kept in memory, at most 60 bytes each; and as many faults
_SPILLED_AT_ONCE = KEPT_ROWS // 4  # once a delivery has more
_RUN = 16  # rows that follow each other with one event, of which each is compared with each
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
class Outcome:
    """Of every row, in a byte: whether it stands, and whether it is the last to tell of its event, of its record."""

    state: NDArray[np.uint8]

    def standing(self, checked: pl.DataFrame) -> pl.DataFrame:
        """Those of some rows with ordinals that stand, with LAST_OF_EVENT and LAST_OF_RECORD, without ordinals."""
        state = self.state[checked[ORDINAL].to_numpy()]
        stands, event, record = (pl.Series(state & bit != 0) for bit in (_STANDS, _LAST_OF_EVENT, _LAST_OF_RECORD))
        marked = checked.drop(ORDINAL).with_columns(event.alias(LAST_OF_EVENT), record.alias(LAST_OF_RECORD))
        return marked if stands.all() else marked.filter(stands)


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
       was wrong with them is mended. A row with a fault takes the place of those alone that are at fault as well, so
       that it is told of once, however often its source sends it.
    4. A row whose record another row bars is barred with it, and is at fault for that alone.
    5. Of the rows of one generation with one key and no fault, the last stands; the others are repeated.
    """

    def __init__(self, contract: Contract, folder: Path | None = None, kept_rows: int = KEPT_ROWS) -> None:
        self.contract, self._kept_rows = contract, kept_rows
        self._seeds = (secrets.randbits(64), secrets.randbits(64))
        self._database = sql.Database(folder)
        self._kept: list[pl.DataFrame] = []
        self._faults: list[pl.DataFrame] = []
        self._sound: list[NDArray[np.uint8]] = []
        self._has_barred = self._plain = False
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
        self._kept.append(pl.DataFrame([*about, *self._keys(seen.rows)]))
        numbered = seen.faults.unique(maintain_order=True).with_row_index("number")
        self._faults.append(
            numbered.select((pl.col("row").cast(pl.Int64) + first).alias(ORDINAL), "number", "column", "reason")
        )
        self._sound.append(sound.to_numpy().view(np.uint8))
        self._rows, self._newest = first + height, max(self._newest, seen.generation)
        self._has_barred |= bool(barred.any())
        self._deleted += int(deleted.sum())
        self._add_references(seen, deleted, first)
        most = min(self._kept_rows, _SPILLED_AT_ONCE) if self._database.opened else self._kept_rows
        if max(_height(self._kept), _height(self._faults)) > most:
            self._spill()

    def settle(self) -> Settled:
        """Hold all rows against each other, once no more are to come."""
        steps = {
            "removed": self._deleted > 0,  # (1)
            "dangling": bool(self.contract.refers_to),  # (2)
            "replaced": self._deleted > 0 or self._newest > 0,  # (3)
            "barred": self._has_barred,  # (4)
        }
        done = [table for table, needed in steps.items() if needed]
        self._state = np.concatenate([np.zeros(0, dtype=np.uint8), *self._sound])
        self._sound = []
        self._plain = not done and not self._database.opened and self._mark_runs()
        return self._told_plainly() if self._plain else self._asked([*done, "repeated"])  # (5)

    def faults(self, ordinals: range) -> pl.DataFrame:
        """All faults of these rows, in order: row (0-based within them), column, reason."""
        if not self._plain:
            return self._database.frame(sql.FAULTS, first=ordinals.start, stop=ordinals.stop)
        (told,) = self._faults
        first, stop = (int(told[ORDINAL].search_sorted(place)) for place in (ordinals.start, ordinals.stop))
        row = (pl.col(ORDINAL) - ordinals.start).cast(pl.UInt32).alias("row")
        return told[first:stop].select(row, "column", "reason")

    @property
    def outcome(self) -> "Outcome":
        """What became of each row, once they are settled."""
        return Outcome(self._state)

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
                self._database.insert(table, values, hashed.filter(~deleted).drop_nulls())

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

    def _spill(self) -> None:
        """Give keys and faults to DuckDB, which needs no more than its memory for them."""
        for frame in self._kept:
            self._database.insert("seen", "*", frame)
        for frame in self._faults:
            self._database.insert("fault", "*", frame)
        self._kept, self._faults = [], []

    def _mark_runs(self) -> bool:
        """Write down what ``standing`` says of each row of a plain delivery; False if it is none.

        1. The rows of each event follow each other: no hash begins two runs of rows.
        2. No row has the key of another: of rows as far from each other as a run is long, the hashes are compared.
        3. So a record is known by its row.
        """
        contract, rows = self.contract, np.flatnonzero(self._state)
        if not len(rows):
            return True
        if contract.record_key and set(contract.record_key) != set(contract.row_key):
            return False
        first, second = self._hashed("event_a", rows), self._hashed("event_b", rows)
        ends = np.flatnonzero(np.append((first[1:] != first[:-1]) | (second[1:] != second[:-1]), True))
        begun = np.sort(first[ends])
        longest = int(np.diff(ends, prepend=-1).max())
        if (begun[1:] == begun[:-1]).any() or not begun.all() or longest > _RUN:  # (1)
            return False
        keys = self._hashed("key_a", rows) if longest > 1 else begun
        if any((keys[far:] == keys[:-far]).any() for far in range(1, longest)):  # (2)
            return False
        self._state[rows[ends]] |= _LAST_OF_EVENT
        if contract.record_key:
            self._state[rows] |= _LAST_OF_RECORD  # (3)
        return True

    def _hashed(self, half: str, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Half of the hashes of these rows' keys; nought where a key is blank."""
        return np.concatenate([frame[half].fill_null(0).to_numpy() for frame in self._kept])[rows]

    def _told_plainly(self) -> Settled:
        told = pl.concat(self._faults).sort(ORDINAL, maintain_order=True)
        self._kept, self._faults = [], [told]
        counts = told.group_by("reason", "column").agg(pl.col(ORDINAL).n_unique().alias("rows"))
        return Settled(self._rows, told[ORDINAL].n_unique(), 0, _counts(counts))

    def _asked(self, steps: Sequence[str]) -> Settled:
        """Ask DuckDB what becomes of each row, in these steps, and write it down."""
        self._spill()
        for table in steps:
            self._database.execute(sql.STEPS[table])
            for fallen in self._database.ordinals(f"SELECT ordinal FROM {table}"):  # noqa: S608  # a table of this class
                self._state[fallen] = 0
        for bit, name, key in (
            (_LAST_OF_EVENT, "event", self.contract.event_key),
            (_LAST_OF_RECORD, "record", self.contract.record_key),
        ):
            if key and set(key) == set(self.contract.row_key):  # a row each
                self._state[self._state & _STANDS != 0] |= bit
            elif key:
                for last in self._database.ordinals(sql.last_of(name)):
                    self._state[last] |= bit
        contract = self.contract
        row_key = " + ".join(contract.source_name(name) for name in contract.row_key)
        self._database.execute(sql.TOLD, {"row_key": row_key, "bar": contract.source_name(contract.blocked_by or "")})
        quarantined, barred, replaced = self._database.frame(sql.NUMBERS).row(0)
        counts = _counts(self._database.frame(sql.COUNTS))
        return Settled(self._rows, quarantined, barred, counts, replaced, self._deleted)


def _counts(rows: pl.DataFrame) -> tuple[ReasonCount, ...]:
    """Counted faults, most rows first."""
    ordered = rows.select("reason", "column", "rows").sort("rows", "reason", "column", descending=[True, False, False])
    return tuple(ReasonCount(Reason(reason), column, count) for reason, column, count in ordered.iter_rows())


def _height(frames: Sequence[pl.DataFrame]) -> int:
    return sum(frame.height for frame in frames)


def _without(height: int, faults: pl.DataFrame) -> pl.Series:
    """Rows that are in no fault."""
    sound: NDArray[np.bool_] = np.ones(height, dtype=np.bool_)
    sound[faults["row"].to_numpy()] = False
    return pl.Series(sound)
