"""Reads a batch of text by its contract: typed rows, what is wrong with which, and what is to be remarked on.

A column is read as a whole, or, where it has few distinct values, each of these once; so a code, a flag or a day costs
little more than looking it up. Either way the same code says what a value is and what is wrong with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas
from schemas.contract import Contract
from schemas.distinct import Distinct
from schemas.faults import Fault, Kind, row_faults, told_as_table, value_faults
from schemas.gathered import Flags, Numbers, gathered
from schemas.local_time import INSTANT
from schemas.plain_text import PlainText, plain_text
from schemas.reasons import UNREAD, Remark
from schemas.transform import completed, values_of

Key = TypeVar("Key", Kind, Remark)


@dataclass(frozen=True)
class Told:
    """Typed values of one column, and of each value whether it has a fault or a remark; kinds without are left out."""

    values: pl.Series
    faults: Mapping[Kind, Flags]
    remarks: Mapping[Remark, Flags]

    def followed_by(self, other: "Told") -> "Told":
        """Both, one after the other."""
        return Told(
            pl.concat([self.values, other.values], rechunk=True), _joined(self, self.faults, other, other.faults),
            _joined(self, self.remarks, other, other.remarks),
        )  # fmt: skip

    def at(self, numbers: Numbers) -> "Told":
        """What is told of the values with these numbers, in their order."""
        faults = {kind: flags.take(numbers, mode="clip") for kind, flags in self.faults.items()}
        remarks = {remark: flags.take(numbers, mode="clip") for remark, flags in self.remarks.items()}
        return Told(gathered(self.values, numbers), faults, remarks)


@dataclass(frozen=True)
class Batch:
    """A batch as it was read: typed ``rows``; ``faults`` (row, column, reason); ``remarks`` by column."""

    rows: pl.DataFrame
    faults: pl.DataFrame
    sound: Flags
    remarks: Mapping[tuple[Remark, str], Flags]


class Reader:
    """Reads the batches of one delivery, one after the other, and remembers the values of columns that have few."""

    def __init__(self, contract: Contract, quarter: Quarter, areas: Areas | None) -> None:
        self.contract, self._areas = contract, areas
        self._columns = {name: _Column(name, contract, quarter) for name in contract.readings}

    def read(self, frame: pl.DataFrame) -> Batch:
        """Read text under the source's names; an optional column that did not come is blank."""
        read = {
            name: self._columns[name].read(_came(frame, source)) for source, name in self.contract.source_names.items()
        }
        rows = completed(pl.DataFrame({name: told.values for name, told in read.items()}), self.contract, self._areas)
        elsewhere = self._elsewhere(read, rows)
        faults = [*_value_faults(read), *row_faults(rows, elsewhere, self.contract)]
        sound: Flags = np.ones(rows.height, dtype=np.bool_)
        for fault in faults:
            sound[fault.rows] = False
        remarks = {(remark, name): flags for name, told in read.items() for remark, flags in told.remarks.items()}
        if elsewhere is not None and self.contract.place is not None and elsewhere.any():
            remarks[Remark.UNKNOWN_AREA, self.contract.place.given] = elsewhere.to_numpy()
        return Batch(rows, told_as_table(faults, self.contract), sound, remarks)

    def _elsewhere(self, read: Mapping[str, Told], rows: pl.DataFrame) -> pl.Series | None:
        """Which rows name a place that is not in or near the borough."""
        place = self.contract.place
        return None if place is None else read[place.given].values.is_not_null() & rows[place.found].is_null()


class _Column:
    """Reads one column of the source."""

    def __init__(self, name: str, contract: Contract, quarter: Quarter) -> None:
        self._name, self._contract, self._quarter = name, contract, quarter
        self._reading = contract.readings[name]
        self._distinct = None if self._reading.dtype == INSTANT else Distinct()  # instants are many
        self._known: Told | None = None

    def read(self, raw: pl.Series) -> Told:
        numbers = self._distinct.numbers(raw) if self._distinct is not None and len(raw) else None
        if numbers is None or self._distinct is None:
            return self._read(raw)
        known = self._known
        if known is None:
            known = self._read(self._distinct.values)
        elif len(known.values) < len(self._distinct.values):
            known = known.followed_by(self._read(self._distinct.values.slice(len(known.values))))
        self._known = known
        return known.at(numbers)

    def _read(self, raw: pl.Series) -> Told:
        text = plain_text(raw)
        values = values_of(text, self._reading, self._quarter).alias(self._name)
        faults = value_faults(self._name, text, values, self._contract, self._quarter)
        return Told(values, faults, dict(self._remarks(text, values)))

    def _remarks(self, text: PlainText, values: pl.Series) -> Iterator[tuple[Remark, Flags]]:
        """What to remark on; of rows alone of which the reading is not sure that there is nothing."""
        asked = self._reading.remarks(pl.col("text"), pl.col("value"))
        if values.null_count() == text.values.null_count():  # every text was read
            asked = {remark: noticed for remark, noticed in asked.items() if remark not in UNREAD}
        if not asked:
            return
        rows = self._reading.rows_to_remark_on(text, values)
        found = pl.DataFrame({"text": text.values, "value": values})[rows].select(
            noticed.fill_null(value=False).alias(remark) for remark, noticed in asked.items()
        )
        for remark in asked:
            if found[remark].any():
                flags = np.zeros(len(values), np.bool_)
                flags[rows] = found[remark].to_numpy()
                yield remark, flags


def _came(frame: pl.DataFrame, source: str) -> pl.Series:
    if source in frame.columns:
        return frame[source]
    return pl.repeat(None, frame.height, dtype=pl.String, eager=True)


def _value_faults(read: Mapping[str, Told]) -> Iterator[Fault]:
    for name, told in read.items():
        for kind, flags in told.faults.items():
            rows = np.flatnonzero(flags)
            if len(rows):
                yield Fault(name, kind, rows)


def _joined(one: Told, first: Mapping[Key, Flags], other: Told, second: Mapping[Key, Flags]) -> dict[Key, Flags]:
    none_of = {id(told): np.zeros(len(told.values), dtype=np.bool_) for told in (one, other)}
    return {
        key: np.concatenate([first.get(key, none_of[id(one)]), second.get(key, none_of[id(other)])])
        for key in {**first, **second}
    }
