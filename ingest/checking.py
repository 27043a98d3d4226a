"""A delivery's pages on their way through their contract: read as a stream, checked, and what is at fault sealed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from hub.database import transaction
from ingest.case import Case
from ingest.receipts import Tally
from keys.key import Key
from schemas.contract import Contract
from schemas.crossing import Settled
from schemas.formats import parse
from schemas.validation import PAGE, Checking, RemarkCount
from store.deliveries import Delivery
from store.files import remove, uri
from store.landing import Landed
from store.sealing import write_sealed
from store.tables import read_groups, writing_table


@dataclass(frozen=True)
class Checked:
    """What became of a delivery's rows, and the way to those that stand."""

    settled: Settled
    remarks: tuple[RemarkCount, ...]
    barred: pl.DataFrame
    tally: Tally
    parts: Iterator[pl.DataFrame]

    @property
    def accepted(self) -> int:
        """Rows that stand."""
        return self.settled.received - self.settled.quarantined


@contextmanager
def checking(case: Case, delivery: Delivery, contract: Contract, key: Key) -> Iterator[Checked]:
    """A block in which a delivery is checked: its memory is that of a batch, however large the delivery is.

    1. Each batch is checked by itself. Its sound rows wait, encrypted under the delivery's key, in the landing zone,
       where the same rows lie sealed as they came; they are removed at the block's end.
    2. All rows are held against each other.
    3. The rows that do not stand are read once more and sealed as they came, with page, row number and reasons: only
       the provider is to open them.
    4. ``parts`` gives the rows that stand, batch by batch.

    Raises SchemaError, SealBroken and FileMissing.
    """
    waiting = f"{delivery.feed}/{delivery.id}/checked.parquet"
    with transaction(case.settings) as connection:
        landed = Landed(case.settings, connection, case.ring, delivery)
    with TemporaryDirectory() as folder, Checking(contract, case.quarter, folder=Path(folder)) as rows:
        try:
            tally = Tally()
            with writing_table(case.settings, "landing", waiting, key) as keep:
                for frame in _frames(case, contract, landed):
                    tally.add(frame, delivery.receipt)
                    keep(rows.batch(frame))  # (1)
            settled = rows.settle()  # (2)
            faulty = (
                (rows.quarantined(frame) for frame in _frames(case, contract, landed)) if settled.quarantined else ()
            )
            name = f"{delivery.feed}/{delivery.id}.sealed"
            write_sealed(case.settings, "quarantine", name, key, map(_ndjson, faulty))  # (3)
            parts = map(rows.standing, read_groups(case.settings, "landing", waiting, key))
            yield Checked(settled, rows.remarks, rows.barred, tally, parts)  # (4)
        finally:
            remove(uri(case.settings, "landing", waiting))


def _frames(case: Case, contract: Contract, landed: Landed) -> Iterator[pl.DataFrame]:
    """Every row of the delivery as text, with the document that it came from; without any, one frame without rows."""
    empty = True
    for number, chunks in enumerate(landed.documents(), 1):
        for frame in (parse(case.feed.format, b"".join(chunks), contract),):
            empty = False
            yield frame.with_columns(pl.lit(number, pl.Int64).alias(PAGE))
    if empty:
        yield pl.DataFrame(schema=dict.fromkeys(contract.source_names, pl.String))


def _ndjson(rows: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    rows.write_ndjson(content)
    return content.getvalue()
