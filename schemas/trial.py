"""What would become of a file if it were delivered: asked by a provider or an engineer, with no hub at hand.

Pure but for the file: no database, no key, no log, and nothing of it is kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from hub.feeds import Feed
from hub.periods import Quarter
from schemas.contract import Contract
from schemas.crossing import Settled
from schemas.errors import SchemaError
from schemas.findings import Finding, Findings
from schemas.formats import frames
from schemas.validation import Checking, RemarkCount

Rows = Callable[[], Iterator[pl.DataFrame]]


@dataclass(frozen=True)
class Trial:
    """What became of the rows: counts, row numbers and words alone.

    ``drift`` says which columns are not those agreed, where the feed lets that pass; ``refused``, why the whole would
    be refused.
    """

    received: int
    accepted: int
    quarantined: int
    barred: int
    findings: tuple[Finding, ...]
    remarks: tuple[RemarkCount, ...]
    drift: tuple[str, ...]
    refused: str | None

    @property
    def sound(self) -> bool:
        """Whether all that may be taken would be taken: rows that are barred are no fault of the file."""
        return self.refused is None and self.quarantined == self.barred


def rows_of(feed: Feed, contract: Contract, parts: Iterable[bytes]) -> Iterator[pl.DataFrame]:
    """One document of a feed as rows of text, in batches; raises FormatError and ContractError."""
    return frames(feed.format, feed.form, parts, contract, drift=feed.drift, marker=deleted_marker(feed))


def deleted_marker(feed: Feed) -> str | None:
    """The column by which the feed's source marks a row as deleted, if it does."""
    marker: str | None = getattr(feed.transport, "deleted_column", None)
    return marker


def try_rows(rows: Rows, contract: Contract, feed: Feed, quarter: Quarter) -> Trial:
    """Check rows as a delivery is checked; ``rows`` gives them from the beginning whenever it is called.

    1. What cannot be read by its contract at all is refused, in the words that the hub would say.
    2. Each row is checked, and all are held against each other (``schemas.validation``).
    3. A file without any row, or with too many at fault, would be refused whole; rows that are barred do not count.
    """
    try:
        with (
            TemporaryDirectory() as folder,
            Checking(
                contract, quarter, folder=Path(folder), drift=feed.drift, deleted=deleted_marker(feed)
            ) as checking,
        ):
            for frame in rows():
                checking.batch(frame)
            settled = checking.settle()  # (2)
            found = _found(checking, rows) if settled.quarantined else Findings()
            return Trial(
                received=settled.received,
                accepted=settled.accepted,
                quarantined=settled.quarantined,
                barred=settled.barred,
                findings=found.found(),
                remarks=checking.remarks,
                drift=tuple(sorted(map(str, checking.drift))),
                refused=_refused(settled, feed.rejection_threshold),  # (3)
            )
    except SchemaError as refusal:  # (1)
        return Trial(0, 0, 0, 0, (), (), (), f"{refusal.what}: {refusal.why}")


def _found(checking: Checking, rows: Rows) -> Findings:
    found = Findings()
    for frame in rows():
        found.add(checking.quarantined(frame))
    return found


def _refused(settled: Settled, allowed: float) -> str | None:
    bad = settled.quarantined - settled.barred
    if settled.received == 0:
        return "it holds no row"
    if bad > allowed * settled.received:
        return f"{bad:,} of {settled.received:,} rows break the contract, above the {allowed:.0%} allowed"
    return None
