"""What would become of a file if it were delivered: asked by a provider or an engineer, with no hub at hand.

Pure but for the file: no database, no key, no log, and nothing of it is kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from hub.feeds import Feed
from hub.periods import Quarter
from schemas.contract import Contract
from schemas.crossing import Settled
from schemas.errors import SchemaError
from schemas.findings import Finding, Findings
from schemas.formats import parse
from schemas.validation import Checking, RemarkCount

Frames = Callable[[], Iterator[pl.DataFrame]]


@dataclass(frozen=True)
class Trial:
    """What became of the rows: counts, row numbers and words alone. ``refused`` says why the whole would be refused."""

    received: int
    accepted: int
    quarantined: int
    barred: int
    findings: tuple[Finding, ...]
    remarks: tuple[RemarkCount, ...]
    refused: str | None

    @property
    def sound(self) -> bool:
        """Whether all that may be taken would be taken: rows that are barred are no fault of the file."""
        return self.refused is None and self.quarantined == self.barred


def rows_of(feed: Feed, contract: Contract, parts: Iterable[bytes]) -> Iterator[pl.DataFrame]:
    """One document of a feed as rows of text, in batches; raises FormatError and ContractError."""
    yield parse(feed.format, b"".join(parts), contract)


def try_rows(frames: Frames, contract: Contract, feed: Feed, quarter: Quarter) -> Trial:
    """Check rows as a delivery is checked; ``frames`` gives them from the beginning whenever it is called.

    1. What cannot be read by its contract at all is refused, in the very sentence that the hub would say.
    2. Each row is checked, and all are held against each other (``schemas.validation``).
    3. A file without any row, or with too many at fault, would be refused whole; rows that are barred do not count.
    """
    try:
        with Checking(contract, quarter) as rows:
            for frame in frames():
                rows.batch(frame)
            settled = rows.settle()  # (2)
            found = _found(rows, frames) if settled.quarantined else Findings()
            return Trial(
                received=settled.received,
                accepted=settled.received - settled.quarantined,
                quarantined=settled.quarantined,
                barred=settled.barred,
                findings=found.found(),
                remarks=rows.remarks,
                refused=_refused(settled, feed.rejection_threshold),  # (3)
            )
    except SchemaError as refusal:  # (1)
        return Trial(0, 0, 0, 0, (), (), str(refusal))


def _found(rows: Checking, frames: Frames) -> Findings:
    found = Findings()
    for frame in frames():
        found.add(rows.quarantined(frame))
    return found


def _refused(settled: Settled, allowed: float) -> str | None:
    bad = settled.quarantined - settled.barred
    if settled.received == 0:
        return "it holds no row"
    if bad > allowed * settled.received:
        return f"{bad:,} of {settled.received:,} rows break the contract, above the {allowed:.0%} allowed"
    return None
