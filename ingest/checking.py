"""A delivery on its way through its contract: read as a stream, checked, and what is at fault sealed."""

import io
import itertools
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from sqlalchemy import Connection

from hub.database import transaction
from hub.feeds import Feed
from ingest.arriving import Arriving
from ingest.case import Case
from ingest.receipts import Tally
from keys.key import Key
from schemas.contract import Contract
from schemas.crossing import Settled
from schemas.drift import Drift
from schemas.formats import frames
from schemas.validation import PAGE, Checking, RemarkCount
from store.deliveries import Delivery
from store.kept import PARTS, open_key
from store.landing import Landed, generations
from store.sealing import write_sealed
from store.waiting import Waiting

log = logging.getLogger(__name__)
_ROWS_TOGETHER = 100_000  # that are split and stored at once: they take less than the text that they were read from


@dataclass(frozen=True)
class Checked:
    """What became of a delivery's rows."""

    settled: Settled
    remarks: tuple[RemarkCount, ...]
    drift: frozenset[Drift]
    barred: pl.DataFrame
    tally: Tally
    arriving: Arriving

    @property
    def accepted(self) -> int:
        """Rows that stand."""
        return self.settled.accepted


@contextmanager
def checking(
    case: Case, delivery: Delivery, contract: Contract, dropped: Collection[str] = ()
) -> Iterator[tuple[Checked, Iterator[pl.DataFrame]]]:
    """A block in which a delivery is checked: its memory is that of a batch, however large the delivery is.

    1. Each batch, its tokens taken back to stage 1 (``ingest.arriving``), is checked by itself; what a delivery
       continues is read before it, as earlier generations. Sound rows wait in memory; what does not fit there waits
       sealed under the landing key in the landing zone, where the same rows lie sealed as they came. At the block's
       end it is removed. ``dropped`` columns do not wait.
    2. All rows are held against each other.
    3. The rows that do not stand are read once more and sealed as they came, with page, row number and reasons: only
       the provider is to open them.
    4. Beside what became of the rows it gives those that stand, in batches of some size, once.

    Raises SchemaError, EncodedFormRefused, SealBroken, FileMissing and DataKeyGone.
    """
    with transaction(case.settings) as connection:
        read = Documents.of(connection, case, delivery, contract)
        landing, quarantine = (open_key(connection, case.ring, delivery, part) for part in PARTS)
    name = f"{delivery.feed}/{delivery.id}/checked.sealed"
    with (
        TemporaryDirectory() as folder,
        row_checks(case, contract, Path(folder)) as rows,
        Waiting(case.settings, "landing", name, landing) as waiting,
    ):
        tally, arriving = Tally(), Arriving(case)
        sound = _sound(rows, read, tally, arriving, delivery.receipt)
        waiting.keep(batch.drop(dropped, strict=False) for batch in sound)  # (1)
        settled = settle(case, delivery, quarantine, rows, read)  # (2), (3)
        parts = map(rows.standing, _together(waiting.frames()))
        yield Checked(settled, rows.remarks, rows.drift, rows.barred, tally, arriving), parts  # (4)


def _together(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in fewer frames, of up to 100,000 rows and at least one frame of those that came."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        if held and sum(each.height for each in held) + frame.height > _ROWS_TOGETHER:
            yield pl.concat(held)
            held = []
        held.append(frame)
    if held:
        yield pl.concat(held)


def row_checks(case: Case, contract: Contract, folder: Path | None = None) -> Checking:
    """What checks the delivery's rows; ``folder`` is for what does not fit into memory."""
    return Checking(contract, case.quarter, folder=folder, drift=case.feed.drift, deleted=deleted_marker(case.feed))


def deleted_marker(feed: Feed) -> str | None:
    """The column by which the feed's source marks a row as deleted, if it does."""
    return getattr(feed.transport, "deleted_column", None)


@dataclass(frozen=True)
class Documents:
    """The documents of all generations, which are read again and again."""

    feed: Feed
    contract: Contract
    generations: tuple[Landed, ...]

    @classmethod
    def of(cls, connection: Connection, case: Case, delivery: Delivery, contract: Contract) -> "Documents":
        """Those of a delivery and of what it continues; raises DataKeyGone."""
        return cls(case.feed, contract, generations(case.settings, connection, case.ring, delivery))

    @property
    def newest(self) -> int:
        """The delivery's own generation."""
        return len(self.generations) - 1

    def frames(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """Every row as text, with its generation and the document that it came from; at least one frame."""
        empty, numbers = True, itertools.count(1)  # through all generations, so that a row number is of one document
        for generation, landed in enumerate(self.generations):
            for document, number in zip(landed.documents(), numbers, strict=False):
                for frame in self._document(document):
                    empty = False
                    yield generation, frame.with_columns(pl.lit(number, pl.Int64).alias(PAGE))
        if empty:
            yield 0, pl.DataFrame(schema=dict.fromkeys(self.contract.source_names, pl.String))

    def _document(self, document: Iterator[bytes]) -> Iterator[pl.DataFrame]:
        feed, marker = self.feed, deleted_marker(self.feed)
        return frames(feed.format, feed.form, document, self.contract, drift=feed.drift, marker=marker)


def _sound(
    rows: Checking, read: Documents, tally: Tally, arriving: Arriving, receipt: str | None
) -> Iterator[pl.DataFrame]:
    """Each batch's rows without a fault; the receipt tells of the delivery itself, not of what it continues."""
    for generation, frame in read.frames():
        if generation == read.newest:
            tally.add(frame, receipt)
        yield rows.batch(arriving.stage_1(frame, newest=generation == read.newest), generation)


def settle(case: Case, delivery: Delivery, quarantine: Key, rows: Checking, read: Documents) -> Settled:
    """Hold all rows against each other, once each was seen, and seal those that do not stand."""
    settled = rows.settle()
    _tell_drift(delivery, rows)
    _seal_quarantined(case, delivery, quarantine, rows, read if settled.quarantined else None)
    return settled


def _tell_drift(delivery: Delivery, rows: Checking) -> None:
    for drift in sorted(rows.drift, key=str):
        log.warning("delivery %s has other columns than agreed, as its feed lets it: %s", delivery.id, drift)


def _seal_quarantined(case: Case, delivery: Delivery, key: Key, rows: Checking, read: Documents | None) -> None:
    """Seal the rows that do not stand, as one JSON object a line; with nothing to read, an empty file."""
    found = (rows.quarantined(frame) for _, frame in read.frames()) if read is not None else ()
    write_sealed(case.settings, "quarantine", f"{delivery.feed}/{delivery.id}.sealed", key, map(_ndjson, found))


def _ndjson(rows: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    rows.write_ndjson(content)
    return content.getvalue()
