"""Quarantined rows: as the source sent them, with the reasons why they were not taken."""

from dataclasses import dataclass

import polars as pl

from schemas.contract import Contract
from schemas.reasons import Reason

REASONS, COLUMNS = "reasons", "columns"
_LISTS = (REASONS, COLUMNS)


@dataclass(frozen=True)
class ReasonCount:
    """How many rows were quarantined for one reason in one column (the source's name for it). Holds no value."""

    reason: Reason
    column: str
    rows: int


def quarantined_rows(original: pl.DataFrame, faults: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The original text of each row that has a fault, and its faults.

    ``faults`` has ``row`` (0-based, of ``original``), ``column``, ``reason``. Returns the columns
    of ``original`` and two lists of equal length, ``reasons`` and ``columns``, one entry a fault.
    Of a row to which access is barred no value is kept, not even here.
    """
    lists = (
        faults.sort("row", maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(pl.col("reason").alias(REASONS), pl.col("column").alias(COLUMNS))
    )
    rows = original[lists["row"]].with_columns(lists[REASONS], lists[COLUMNS])
    barred = pl.col(REASONS).list.contains(Reason.LIMITED_ACCESS.value)
    values = [name for name in original.columns if name in contract.source_names or name in contract.ignored]
    return rows.with_columns(pl.when(~barred).then(pl.col(values))) if contract.blocked_by else rows


def summary(quarantined: pl.DataFrame) -> tuple[ReasonCount, ...]:
    """Rows by reason and column, most rows first, without any value; a row with two reasons is counted under both."""
    pairs = (
        quarantined.select(*_LISTS).explode(*_LISTS, empty_as_null=False).rename({REASONS: "reason", COLUMNS: "column"})
    )
    counts = (
        pairs.group_by("reason", "column").len("rows").sort("rows", "reason", "column", descending=[True, False, False])
    )
    return tuple(ReasonCount(Reason(reason), column, rows) for reason, column, rows in counts.iter_rows())
