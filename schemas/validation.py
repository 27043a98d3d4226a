"""Rows of text in; typed valid rows and quarantined rows out. Pure: it writes nothing and asks no clock."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas
from schemas.contract import Contract
from schemas.crossing import LAST_OF_EVENT, LAST_OF_RECORD, ORDINAL, Crossing, Settled
from schemas.errors import ContractError
from schemas.faults import CONTROL, barred_rows, find_faults
from schemas.formats import ROW_NUMBER
from schemas.formats.header import check_columns
from schemas.quarantine import quarantined_rows
from schemas.reasons import Remark
from schemas.transform import clean, typed
from schemas.verdict import broken_rules

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


class Checking:
    """A delivery's rows on their way through their contract, batch by batch, as ``schemas.formats`` reads them.

    ``batch`` for each batch; then ``settle``, which holds all rows against each other; then ``standing`` for what each
    ``batch`` gave, and ``quarantined`` for each batch read once more. Used as a context. ``folder`` is for temporary
    files, which hold no value of any row (``schemas.crossing``).

    1. Columns that are undeclared or missing stop the whole delivery: ContractError.
    2. Text is trimmed, a blank or the word NULL is no value, and the rest is read as its column says.
    3. A row with any fault is quarantined, with all its faults (``schemas.faults``, ``schemas.crossing``).
    4. What is left is held once more against the pandera model, types and data. That it can fail is
       an error of the contract itself: ContractError.

    ``areas`` is the table of small areas; none: the one in the project's configuration.
    """

    def __init__(
        self, contract: Contract, quarter: Quarter, areas: Areas | None = None, folder: Path | None = None
    ) -> None:
        self.contract, self.quarter, self.areas = contract, quarter, areas
        self._crossing = Crossing(contract, folder)
        self._seen = self._seen_again = 0
        self._remarks: Counter[tuple[Remark, str]] = Counter()
        self._barred: list[pl.DataFrame] = []

    def __enter__(self) -> "Checking":
        return self

    def __exit__(self, *_: object) -> None:
        self._crossing.__exit__()

    def batch(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The typed rows that have no fault of their own, each with its ordinal."""
        contract = self.contract
        check_columns([name for name in frame.columns if name not in (ROW_NUMBER, PAGE)], contract)  # (1)
        text = clean(frame, contract)  # (2)
        rows = typed(text, contract, self.quarter, self.areas)
        faults, barred = find_faults(text, rows, contract, self.quarter), barred_rows(rows, contract)  # (3)
        self._crossing.add(rows, faults, barred, self._seen)
        self._barred.append(_barred_keys(rows[barred], contract))
        numbers = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
        sound = ~numbers.is_in(pl.concat([faults["row"], barred.cast(pl.UInt32)]).unique().implode())
        valid = rows.filter(sound)
        self._remarks.update(_remarks(text.filter(sound), valid, contract))
        ordinals = (numbers.filter(sound).cast(pl.Int64) + self._seen).alias(ORDINAL)
        self._seen += rows.height
        return valid.insert_column(0, ordinals)

    def settle(self) -> Settled:
        """Hold all rows against each other, once the last batch is seen."""
        return self._crossing.settle()

    def standing(self, checked: pl.DataFrame) -> pl.DataFrame:
        """Those rows of a ``batch`` that stand, with LAST_OF_EVENT and LAST_OF_RECORD, without ordinals."""
        ordinals = range(0) if checked.is_empty() else range(checked[ORDINAL][0], checked[ORDINAL][-1] + 1)
        left = checked.join(self._crossing.standing(ordinals), on=ORDINAL, how="inner", maintain_order="left")
        left = left.drop(ORDINAL)
        _hold_against_model(left.drop(LAST_OF_EVENT, LAST_OF_RECORD), self.contract)  # (4)
        return left

    def quarantined(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Those rows of a batch that do not stand, as they came, with ``reasons`` and ``columns``; call in order."""
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
        return pl.concat(self._barred).unique(maintain_order=True)


def validate(frame: pl.DataFrame, contract: Contract, quarter: Quarter, areas: Areas | None = None) -> Validated:
    """Check a delivery that fits into memory; raises ContractError as ``Checking``."""
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


def _hold_against_model(valid: pl.DataFrame, contract: Contract) -> None:
    broken = broken_rules(contract.schema, valid)
    if broken:
        raise ContractError(
            "Valid rows do not keep the model",
            where=f"feed {contract.feed}",
            why="; ".join(broken),
            fix="Report it: a reading and the model of the contract disagree",
        )


def _remarks(text: pl.DataFrame, valid: pl.DataFrame, contract: Contract) -> dict[tuple[Remark, str], int]:
    both = text.rename(lambda name: f"text_{name}").hstack(valid)
    counts = {}
    for name, reading in contract.readings.items():
        for remark, noticed in reading.remarks(pl.col(f"text_{name}"), pl.col(name)).items():
            counts[remark, name] = noticed
    if contract.place is not None:
        given = contract.place.given
        counts[Remark.UNKNOWN_AREA, given] = pl.col(f"text_{given}").is_not_null() & pl.col("lsoa_code").is_null()
    found = both.select(noticed.sum().alias(f"{remark} {name}") for (remark, name), noticed in counts.items())
    numbers = zip(counts, found.row(0) if counts else (), strict=True)
    return {(remark, contract.source_name(name)): rows for (remark, name), rows in numbers if rows}
