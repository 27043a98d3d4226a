"""Rows of text in; typed valid rows and quarantined rows out. Pure: it writes nothing and asks no clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from hub.periods import Quarter
from schemas.areas import Areas
from schemas.contract import Contract
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


def validate(frame: pl.DataFrame, contract: Contract, quarter: Quarter, areas: Areas | None = None) -> Validated:
    """Check a delivery's rows, as ``parse`` gives them (several pages: concatenated), against their contract.

    1. Columns that are undeclared or missing stop the whole delivery: ContractError.
    2. Text is trimmed, a blank or the word NULL is no value, and the rest is read as its column says.
    3. A row with any fault is quarantined, with all its faults (``schemas.faults``).
    4. What is left is held once more against the pandera model, types and data. That it can fail is
       an error of the contract itself: ContractError.

    ``areas`` is the table of small areas; none: the one in the project's configuration.
    """
    check_columns([name for name in frame.columns if name not in (ROW_NUMBER, PAGE)], contract)  # (1)
    text = clean(frame, contract)  # (2)
    rows = typed(text, contract, quarter, areas)
    faults = find_faults(text, rows, contract, quarter)  # (3)
    sound = ~pl.int_range(rows.height, dtype=pl.UInt32, eager=True).is_in(faults["row"].unique().implode())
    valid = rows.filter(sound)
    _hold_against_model(valid, contract)  # (4)
    remarks = tuple(_remarks(text.filter(sound), valid, contract))
    return Validated(valid, quarantined_rows(frame, faults, contract), remarks, _barred(rows, contract))


def _barred(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Record keys of barred rows; one that is blank or malformed names no record that was ever kept."""
    keys = rows[barred_rows(rows, contract)].select(contract.record_key).drop_nulls().unique(maintain_order=True)
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


def _remarks(text: pl.DataFrame, valid: pl.DataFrame, contract: Contract) -> Iterator[RemarkCount]:
    both = text.rename(lambda name: f"text_{name}").hstack(valid)
    counts = {}
    for name, reading in contract.readings.items():
        for remark, noticed in reading.remarks(pl.col(f"text_{name}"), pl.col(name)).items():
            counts[remark, name] = noticed
    if contract.place is not None:
        given = contract.place.given
        counts[Remark.UNKNOWN_AREA, given] = pl.col(f"text_{given}").is_not_null() & pl.col("lsoa_code").is_null()
    found = both.select(noticed.sum().alias(f"{remark} {name}") for (remark, name), noticed in counts.items())
    for (remark, name), rows in zip(counts, found.row(0) if counts else (), strict=True):
        if rows:
            yield RemarkCount(remark, contract.source_name(name), rows)
