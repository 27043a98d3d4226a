"""What stands of a delivery between the steps of ``ingest.partitions``: frames, sealed in the landing zone.

1. The first frame of each file says under what its step worked (``ingest.bound``); who reads it works under the same.
2. A file that is not there is no fault of the delivery's: a step was started too early. One that was changed, or is not
   whole, is (``ingest.refusing``).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import chain, count
from typing import Any, Protocol, TypeVar

import polars as pl

from ingest.arriving import Arriving
from ingest.bound import STEPS, Bound, missing
from ingest.case import Case
from ingest.checking import Checked, Documents
from ingest.receipts import Tally
from keys.key import Key
from pseudonymise.split import Split
from schemas.contract import Contract
from schemas.crossing import Outcome, Settled
from schemas.drift import Drift
from schemas.quarantine import ReasonCount
from schemas.reasons import Reason, Remark
from schemas.validation import Read, RemarkCount
from store.deliveries import Delivery
from store.errors import FileMissing
from store.files import remove, uri
from store.sealing import broken
from store.waiting import read_frames, write_frames

_FLAGS = ("_sound", "_barred", "_deleted")
_ABOUT, _OUTCOME = "about", "outcome"


class Numbered(Protocol):
    """What a partition gives of the ``number``-th batch of a delivery."""

    @property
    def number(self) -> int: ...  # noqa: D102


Some = TypeVar("Some", bound=Numbered)


@dataclass(frozen=True)
class Work:
    """A delivery that waits to be admitted, and what stands of it between the steps."""

    case: Case
    delivery: Delivery
    contract: Contract
    documents: Documents
    key: Key

    def write(self, name: str, frames: Iterable[pl.DataFrame]) -> None:
        """Seal frames for the next step."""
        bound = _about(**asdict(Bound.of(self.case)))  # (1)
        write_frames(self.case.settings, "landing", self._place(name), self.key, chain((bound,), frames))

    def read(self, name: str) -> Iterator[pl.DataFrame]:
        """What the step before sealed; raises StepMissing, StepsDiffer or SealBroken."""
        frames = read_frames(self.case.settings, "landing", self._place(name), self.key)
        try:
            bound = next(frames, None)
        except FileMissing:
            raise missing(name, self.delivery.id) from None  # (2)
        if bound is None:
            raise broken(f"landing/{self._place(name)}", "it does not say under what its step worked")
        Bound.of(self.case).hold(_said(bound), STEPS[name.partition("-")[0]], self.delivery.id)  # (1)
        yield from frames

    def remove(self, name: str) -> None:
        """Forget it."""
        remove(uri(self.case.settings, "landing", self._place(name)))

    def _place(self, name: str) -> str:
        return f"{self.delivery.feed}/{self.delivery.id}/{name}.sealed"


@dataclass(frozen=True)
class Batch:
    """The ``number``-th batch of a delivery, whose first row has the ordinal ``first``, as it was read."""

    number: int
    first: int
    generation: int
    read: Read
    tally: Tally
    seen: frozenset[str]

    def frames(self) -> Iterator[pl.DataFrame]:
        """It as frames: what there is to know about it, its rows with their flags, their faults."""
        read = self.read
        yield _about(
            number=self.number,
            first=self.first,
            generation=self.generation,
            rows=self.tally.rows,
            totals={name: str(total) for name, total in self.tally.totals.items()},
            seen=sorted(self.seen),
            remarks=[(remark, column, rows) for (remark, column), rows in read.remarks.items()],
            drift=asdict(read.drift) if read.drift else None,
        )
        flags = zip(_FLAGS, (read.sound, read.barred, read.deleted), strict=True)
        yield read.rows.with_columns((pl.lit(None) if flag is None else flag).alias(name) for name, flag in flags)
        yield read.faults

    @classmethod
    def of(cls, about: dict[str, Any], rows: pl.DataFrame, faults: pl.DataFrame) -> "Batch":
        """The batch that gave these frames."""
        sound = rows[_FLAGS[0]]
        barred, deleted = (None if rows[name].dtype == pl.Null else rows[name] for name in _FLAGS[1:])
        remarks = {(Remark(remark), column): count for remark, column, count in about["remarks"]}
        drift = None if about["drift"] is None else _drift(about["drift"])
        read = Read(rows.drop(_FLAGS), faults, sound, barred, deleted, remarks, drift)
        tally = Tally(about["rows"], {name: Decimal(total) for name, total in about["totals"].items()})
        return cls(about["number"], about["first"], about["generation"], read, tally, frozenset(about["seen"]))


@dataclass(frozen=True)
class Part:
    """What the ``number``-th batch was split into."""

    number: int
    split: Split

    def frames(self) -> Iterator[pl.DataFrame]:
        """It as frames."""
        yield from (_about(number=self.number), self.split.events, self.split.involvements, self.split.records)


def write_batches(work: Work, partition: int, partitions: int, batches: Iterable[Batch]) -> None:
    """Seal what a partition's batches say by themselves."""
    work.write(_rows_name(partition, partitions), (frame for batch in batches for frame in batch.frames()))


def batches_of(work: Work, partition: int, partitions: int) -> Iterator[Batch]:
    """Every batch of a partition, as it was checked."""
    frames = work.read(_rows_name(partition, partitions))
    for about in frames:
        yield Batch.of(_said(about), next(frames), next(frames))


def write_parts(work: Work, partition: int, partitions: int, parts: Iterable[Part]) -> None:
    """Seal what a partition's batches were split into."""
    work.write(_split_name(partition, partitions), (frame for part in parts for frame in part.frames()))


def parts_of(work: Work, partition: int, partitions: int) -> Iterator[Part]:
    """What every batch of a partition was split into."""
    frames = work.read(_split_name(partition, partitions))
    for about in frames:
        yield Part(_said(about)["number"], Split(next(frames), next(frames), next(frames)))


def in_turn(work: Work, partitions: Sequence[Iterator[Some]]) -> Iterator[Some]:
    """What each partition gives, in the order of the batches; raises SealBroken if one is missing."""
    for number in count():
        found = next(partitions[number % len(partitions)], None)
        if found is None:
            break
        if found.number != number:
            raise broken(f"landing/{work.delivery.feed}/{work.delivery.id}", f"batch {number} is missing")
        yield found
    if any(next(each, None) is not None for each in partitions):
        raise broken(f"landing/{work.delivery.feed}/{work.delivery.id}", "a batch is missing")


def write_outcome(work: Work, checked: Checked, outcome: Outcome) -> None:
    """Seal what became of the delivery's rows: all counts, each row's state, the keys of barred records."""
    settled = asdict(checked.settled) | {"counts": [(c.reason, c.column, c.rows) for c in checked.settled.counts]}
    about = _about(
        settled=settled,
        remarks=[(c.remark, c.column, c.rows) for c in checked.remarks],
        drift=[asdict(each) for each in checked.drift],
        seen=sorted(checked.arriving.seen),
    )
    work.write(_OUTCOME, (about, pl.DataFrame({"state": outcome.state}), checked.barred))


def outcome_of(work: Work) -> Outcome:
    """What became of each row."""
    _, state, _ = work.read(_OUTCOME)
    return Outcome(state["state"].to_numpy())


def checked_of(work: Work) -> Checked:
    """What became of the rows, in counts; the receipt was held to."""
    about, _, barred = work.read(_OUTCOME)
    said, arriving = _said(about), Arriving(work.case)
    arriving.seen |= set(said["seen"])
    counts = tuple(ReasonCount(Reason(reason), column, rows) for reason, column, rows in said["settled"]["counts"])
    remarks = tuple(RemarkCount(Remark(remark), column, rows) for remark, column, rows in said["remarks"])
    settled, drift = Settled(**said["settled"] | {"counts": counts}), frozenset(map(_drift, said["drift"]))
    return Checked(settled, remarks, drift, barred, Tally(), arriving)


def _drift(said: dict[str, Any]) -> Drift:
    renamed = tuple((old, today) for old, today in said["renamed"])
    return Drift(tuple(said["new"]), renamed, tuple(said["absent"]), said["recognised"])


def _about(**said: Any) -> pl.DataFrame:
    return pl.DataFrame({_ABOUT: [json.dumps(said)]})


def _said(about: pl.DataFrame) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(about[_ABOUT].item())
    return said


def _rows_name(partition: int, partitions: int) -> str:
    return f"rows-{partition}-of-{partitions}"


def _split_name(partition: int, partitions: int) -> str:
    return f"split-{partition}-of-{partitions}"


def clear(work: Work, partitions: int) -> None:
    """Forget what stood between the steps."""
    for name in (_OUTCOME, *(name(n, partitions) for n in range(partitions) for name in (_rows_name, _split_name))):
        work.remove(name)
