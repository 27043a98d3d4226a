"""Rows of text in; typed valid rows and quarantined rows out. Pure: it writes nothing and asks no clock."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas
from schemas.contract import Contract
from schemas.crossing import LAST_OF_EVENT, LAST_OF_RECORD, ORDINAL, Crossing, Outcome, Seen, Settled
from schemas.drift import Drift, Policy, agreed_columns, drift_of
from schemas.errors import ContractError
from schemas.faults import CONTROL
from schemas.formats import ROW_NUMBER
from schemas.gathered import Flags
from schemas.period import PeriodCheck
from schemas.quarantine import quarantined_rows
from schemas.reader import Batch, Reader
from schemas.reasons import Remark
from schemas.verdict import broken_rules, wrong_types

_HELD_ROWS = 1000  # of a delivery are held against the model itself
_NO = ("", "false", "f", "0", "no", "n", "null")  # how a source says that a row is not deleted
PAGE = "page"  # which page a row came from; carried along where the caller has added it


@dataclass(frozen=True)
class RemarkCount:
    """How many of the valid rows were remarked on in one column (the source's name for it). Holds no value."""

    remark: Remark
    column: str
    rows: int


@dataclass(frozen=True)
class Validated:
    """What became of a delivery's rows: each is either in ``valid`` or in ``quarantined``.

    ``valid``: exactly the contract's columns, typed. ``quarantined``: the source's own text with
    ``row_number`` (and ``page``), and the lists ``reasons`` and ``columns``. ``barred``: the record key
    of each record to which access is barred, as far as it has one; it is for its keyed id alone.
    """

    valid: pl.DataFrame
    quarantined: pl.DataFrame
    remarks: tuple[RemarkCount, ...]
    barred: pl.DataFrame

    @property
    def received(self) -> int:
        """All rows."""
        return self.valid.height + self.quarantined.height


@dataclass(frozen=True)
class Read:
    """A batch by itself: typed ``rows``, and which of them have no fault, are barred, or are marked deleted.

    ``faults``: row (0-based), column, reason. ``remarks``: how many of the sound rows, by kind and the source's column.
    """

    rows: pl.DataFrame
    faults: pl.DataFrame
    sound: pl.Series
    barred: pl.Series | None
    deleted: pl.Series | None
    remarks: Mapping[tuple[Remark, str], int]
    drift: Drift | None


class Checking:
    """A delivery's rows on their way through their contract, batch by batch, as ``schemas.formats`` reads them.

    ``batch`` for each batch, which is ``see`` of what ``read`` says of it: that may have been done elsewhere, for it
    hangs on nothing but the batch. Then ``settle``, which holds all rows against each other; then ``standing`` for
    what each ``batch`` gave, and ``quarantined`` for each batch read once more. Used as a context. ``folder`` is for
    temporary files, which hold no value of any row (``schemas.crossing``).

    1. Columns that are not those of the contract stop the whole delivery, or are told, as ``drift`` says; one that is
       missing stops it in any case: ContractError.
    2. Text is trimmed, a blank or the word NULL is no value, and the rest is read as its column says.
    3. A row with any fault is quarantined, with all its faults (``schemas.faults``, ``schemas.crossing``).
    4. What is left has the model's types, and the first thousand rows are held once more against the pandera model
       as a whole. That this can fail is an error of the contract itself: ContractError.
    5. If most rows lie in one other quarter, the delivery is that quarter's: WrongPeriod.
    6. A delivery may continue an earlier one, whose rows come first, with a smaller ``generation``: a later row takes
       the place of an earlier one with its key. ``deleted`` names a column of the frames that is not of the contract:
       a row of which it says anything but no removes what came before it (``schemas.crossing``). Of such a row
       nothing but its key need be sound.

    ``areas`` is the table of small areas; none: the one in the project's configuration.
    """

    def __init__(
        self,
        contract: Contract,
        quarter: Quarter,
        areas: Areas | None = None,
        folder: Path | None = None,
        *,
        drift: Policy = "refuse",
        deleted: str | None = None,
    ) -> None:
        self.contract, self.quarter = contract, quarter
        self.drift: frozenset[Drift] = frozenset()
        self._policy, self._deleted = drift, deleted
        self._reader, self._crossing = Reader(contract, quarter, areas), Crossing(contract, folder)
        self._period = PeriodCheck(contract, quarter)
        self._seen = self._seen_again = 0
        self._held = False
        self._remarks: Counter[tuple[Remark, str]] = Counter()
        self._barred: list[pl.DataFrame] = []

    def __enter__(self) -> "Checking":
        return self

    def __exit__(self, *_: object) -> None:
        self._crossing.__exit__()

    def batch(self, frame: pl.DataFrame, generation: int = 0) -> pl.DataFrame:
        """The typed rows that have no fault of their own, each with its ordinal."""
        return self.see(self.read(frame), generation)

    def read(self, frame: pl.DataFrame) -> Read:
        """Check each row of a batch by itself."""
        contract = self.contract
        drift = drift_of((name for name in frame.columns if name not in self._beside), contract, self._policy)  # (1)
        batch = self._reader.read(agreed_columns(frame, drift))  # (2)
        deleted, batch = self._marked(frame, batch)  # (6)
        blocked = batch.rows[contract.blocked_by].fill_null(value=False) if contract.blocked_by else None
        barred = blocked if blocked is None or deleted is None else blocked & ~deleted
        sound = batch.sound
        for flags in (barred, deleted):
            sound = sound if flags is None else sound & ~flags.to_numpy()
        remarks = self._remarked(batch, sound)
        return Read(batch.rows, batch.faults, pl.Series(sound), barred, deleted, remarks, drift or None)

    def see(self, read: Read, generation: int = 0) -> pl.DataFrame:
        """The same of a batch that was read; the batches come in their order."""
        self.drift |= {read.drift} if read.drift else frozenset()
        self._period.see(read.rows)  # (5)
        self._crossing.add(Seen(read.rows, read.faults, read.barred, read.deleted, generation))  # (3)
        if read.barred is not None and read.barred.any():
            self._barred.append(_barred_keys(read.rows.filter(read.barred), self.contract))
        self._remarks.update(read.remarks)
        valid = sound_rows(read, self._seen)
        self._seen += read.rows.height
        self._hold_against_model(valid)  # (4)
        return valid

    def settle(self) -> Settled:
        """Hold all rows against each other, once the last batch is seen; raises WrongPeriod."""
        self._period.settle()  # (5)
        return self._crossing.settle()

    def standing(self, checked: pl.DataFrame) -> pl.DataFrame:
        """Those rows of a ``batch`` that stand, with LAST_OF_EVENT and LAST_OF_RECORD, without ordinals."""
        return self.outcome.standing(checked)

    @property
    def outcome(self) -> Outcome:
        """What became of each row, once they are settled."""
        return self._crossing.outcome

    def quarantined(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Those rows of a batch that do not stand, as they came, with ``reasons`` and ``columns``; call in order.

        Rows that a later one replaced or removed, and rows marked deleted, are at no fault and not among them.
        """
        ordinals = range(self._seen_again, self._seen_again + frame.height)
        self._seen_again = ordinals.stop
        return quarantined_rows(frame, self._crossing.faults(ordinals), self.contract)

    @property
    def remarks(self) -> tuple[RemarkCount, ...]:
        """What was noticed in rows that have no fault of their own."""
        return tuple(RemarkCount(*kind, rows) for kind, rows in sorted(self._remarks.items()))

    @property
    def barred(self) -> pl.DataFrame:
        """The record keys of barred rows, each once."""
        schema = {name: self.contract.schema.columns[name].dtype.type for name in self.contract.record_key}
        return pl.concat([pl.DataFrame(schema=schema), *self._barred]).unique(maintain_order=True)

    @property
    def _beside(self) -> tuple[str, ...]:
        """Columns of a frame that are not the source's, or not the contract's."""
        return (ROW_NUMBER, PAGE) if self._deleted is None else (ROW_NUMBER, PAGE, self._deleted)

    def _marked(self, frame: pl.DataFrame, batch: Batch) -> tuple[pl.Series | None, Batch]:
        """Which rows are marked deleted, and the batch without their faults; a key that is at fault deletes nothing."""
        if self._deleted is None or self._deleted not in frame.columns:
            return None, batch
        marked = ~frame[self._deleted].str.strip_chars().str.to_lowercase().is_in(_NO).fill_null(value=True)
        key = [self.contract.source_name(name) for name in self.contract.row_key]
        of_key = batch.faults.filter(pl.col("column").is_in(key))["row"].unique().to_numpy()
        keyed = np.ones(frame.height, dtype=np.bool_)
        keyed[of_key] = False
        deleted = marked & pl.Series(keyed)
        left = batch.faults.filter(~deleted.gather(batch.faults["row"]))
        return deleted, replace(batch, faults=left)

    def _remarked(self, batch: Batch, sound: Flags) -> dict[tuple[Remark, str], int]:
        found = (
            ((remark, self.contract.source_name(name)), int(np.count_nonzero(flags & sound)))
            for (remark, name), flags in batch.remarks.items()
        )
        return {kind: rows for kind, rows in found if rows}

    def _hold_against_model(self, valid: pl.DataFrame) -> None:
        """Types of all rows; and once, of the first that there are, everything that the pandera model says."""
        broken = wrong_types(self.contract.schema, valid.drop(ORDINAL))
        if valid.height and not self._held:
            self._held = True
            broken += broken_rules(self.contract.schema, valid.drop(ORDINAL).head(_HELD_ROWS))
        if broken:
            raise ContractError(
                "Valid rows do not keep the model",
                where=f"feed {self.contract.feed}",
                why="; ".join(broken),
                fix="Report it: a reading and the model of the contract disagree",
            )


def sound_rows(read: Read, first: int) -> pl.DataFrame:
    """The sound rows of a batch whose first row has the ordinal ``first``, each with its own."""
    valid = read.rows if read.sound.all() else read.rows.filter(read.sound)
    ordinals = pl.Series(ORDINAL, np.flatnonzero(read.sound.to_numpy()) + first)
    return pl.DataFrame([ordinals, *valid.get_columns()])


def validate(frame: pl.DataFrame, contract: Contract, quarter: Quarter, areas: Areas | None = None) -> Validated:
    """Check a delivery that fits into memory; raises ContractError and WrongPeriod as ``Checking``."""
    with Checking(contract, quarter, areas) as checking:
        checked = checking.batch(frame)
        checking.settle()
        valid = checking.standing(checked).drop(LAST_OF_EVENT, LAST_OF_RECORD)
        return Validated(valid, checking.quarantined(frame), checking.remarks, checking.barred)


def _barred_keys(barred: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Record keys of barred rows; one that is blank or malformed names no record that was ever kept."""
    keys = barred.select(contract.record_key).drop_nulls().unique(maintain_order=True)
    texts = [name for name, kind in keys.schema.items() if kind == pl.String]
    return keys.filter(~pl.col(name).str.contains(CONTROL) for name in texts)
