"""What a partner says that a delivery holds, held against what came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

_SUM = pl.Decimal(38, 6)


@dataclass
class Tally:
    """How many rows came, and the sums of the columns that the partner gives sums of (by the source's names)."""

    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame, receipt: str | None) -> None:
        """Count the rows of a frame of text; what is no number adds nothing."""
        self.rows += frame.height
        for name in _said(receipt).get("totals", {}):
            if name in frame.columns:
                found = frame[name].str.strip_chars().cast(_SUM, strict=False).sum()
                self.totals[name] = self.totals.get(name, Decimal()) + (found or Decimal())

    def join(self, other: "Tally") -> None:
        """Count what another has counted."""
        self.rows += other.rows
        for name, total in other.totals.items():
            self.totals[name] = self.totals.get(name, Decimal()) + total

    def differences(self, receipt: str | None, accepted: int = 0) -> Iterator[str]:
        """Where the receipt says something else than what came: one clause each, with counts and sums alone.

        ``accepted``: how many rows stand, of the delivery and of what it continues. The source has as many, or more.
        """
        said = _said(receipt)
        if accepted > said.get("standing", accepted):
            yield f"{accepted} rows stand and the source has {said['standing']}: some were removed without a mark"
        if said.get("rows") not in (None, self.rows):
            yield f"the receipt says {said['rows']} rows and {self.rows} came"
        for name, total in said.get("totals", {}).items():
            if self.totals.get(name) != _number(total):
                yield f"the sum of {name} is not the receipt's"


def _said(receipt: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if receipt is None else json.loads(receipt)
    return found


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
