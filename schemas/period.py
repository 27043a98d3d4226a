"""Whether a delivery is of the quarter that it is said to be of."""

from collections import Counter

import polars as pl

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.errors import WrongPeriod
from schemas.local_time import local_day

FEWEST = 10  # dated rows from which a delivery's quarter can be told


class PeriodCheck:
    """Counts rows by the quarter in which they lie.

    1. If more than half of at least FEWEST dated rows lie in one other quarter, the delivery is that quarter's.
    2. Otherwise rows of other quarters are each at fault by themselves (``schemas.faults``).
    """

    def __init__(self, contract: Contract, quarter: Quarter) -> None:
        self._contract, self._quarter = contract, quarter
        self._rows: Counter[Quarter] = Counter()

    def see(self, rows: pl.DataFrame) -> None:
        """Count typed rows."""
        if self._contract.period_column is None:
            return
        days = rows[self._contract.period_column]
        if days.dtype != pl.Date:
            days = rows.select(local_day(pl.col(self._contract.period_column))).to_series()
        within = int(days.is_between(self._quarter.starts_on, self._quarter.ends_on).sum())
        self._rows[self._quarter] += within
        if within < len(days):
            others = days.filter(~days.is_between(self._quarter.starts_on, self._quarter.ends_on))
            counted = pl.DataFrame({"year": others.dt.year(), "number": others.dt.quarter()})
            for year, number, count in counted.group_by("year", "number").len().iter_rows():
                self._rows[Quarter(year, number)] += count

    def settle(self) -> None:
        """Raise WrongPeriod, which names the quarter that it seems to be."""
        dated = self._rows.total()
        seems, rows = max(self._rows.items(), key=lambda item: item[1], default=(self._quarter, 0))
        if dated >= FEWEST and seems != self._quarter and 2 * rows > dated:  # (1)
            column = self._contract.source_name(self._contract.period_column or "")
            raise WrongPeriod(
                f"The delivery seems to be that of {seems}, not of {self._quarter}",
                where=f"feed {self._contract.feed}",
                why=f"by {column}, {rows:,} of {dated:,} rows lie in {seems}",
                fix="Ask the provider for the right file, or deliver this one under its own quarter's name",
            )
