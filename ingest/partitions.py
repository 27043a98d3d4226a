"""The second half of a very large delivery's journey, carried by many tasks side by side, on as many machines.

It is ``ingest.admission.admit`` in four steps, which give the same: ``check`` and ``split`` work on one partition each,
``settle`` and ``keep_all`` on the whole. Between them stands what the next needs, sealed under the delivery's landing
key in the landing zone, where the same rows lie sealed as they came.

1. A delivery's batches go to its partitions in turn. Each ``check`` reads all documents, which takes little beside the
   checking of its own batches.
2. Every step asks the agreement for itself. One that was killed is run again and writes over what it left.
3. What a step finds wrong with the delivery refuses it whole; the other tasks then do nothing.
4. A step that is started before what it goes on from, or under other code or configuration than the steps before it
   (``ingest.bound``), fails, and the delivery stays as it is: it is not at fault, and the steps can be run again.
5. Once the delivery is admitted, what stood between the steps is removed. If it is refused, that goes when the pages
   do, whose key it lies under.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from agreement.model import Treatment
from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from ingest.admission import case_of, dropped, permitted, split_rows
from ingest.arriving import Arriving
from ingest.between import (
    Batch,
    Part,
    Work,
    batches_of,
    checked_of,
    clear,
    in_turn,
    outcome_of,
    parts_of,
    write_batches,
    write_outcome,
    write_parts,
)
from ingest.checking import Checked, Documents, row_checks
from ingest.checking import settle as settle_rows
from ingest.keeping import keep
from ingest.outcome import Admission, known_outcome
from ingest.receipts import Tally
from ingest.refusing import hold_receipt, hold_threshold, refusing
from pseudonymise.linkage_columns import Steps
from pseudonymise.on_spark import token_step
from schemas.registry import contract_for
from schemas.validation import Checking, sound_rows
from store.deliveries import State, find_delivery
from store.kept import open_key


@leaving_no_values
def check(settings: Settings, delivery_id: str, partition: int, partitions: int) -> None:
    """Check the batches of one partition (from 0), each by itself.

    Raises AgreementRefusal; or, after the delivery was marked refused, SchemaError, StoreError or PseudonymiseError.
    """
    work = _opened(settings, delivery_id)
    if work is not None:
        permitted(work.case, work.delivery, work.contract)
        with refusing(work.case, work.delivery):
            write_batches(work, partition, partitions, _read(work, partition, partitions))


@leaving_no_values
def settle(settings: Settings, delivery_id: str, partitions: int) -> None:
    """Hold all rows against each other, once each partition is checked, and the delivery to its receipt and threshold.

    Raises as ``check``, StepMissing and StepsDiffer (4), and DeliveryRefused.
    """
    work = _opened(settings, delivery_id)
    if work is None:
        return
    permitted(work.case, work.delivery, work.contract)
    with (
        refusing(work.case, work.delivery),
        TemporaryDirectory() as folder,
        row_checks(work.case, work.contract, Path(folder)) as rows,
    ):
        checked = _settled(work, rows, partitions)
        hold_receipt(work.case, work.delivery, checked)
        hold_threshold(work.case, work.delivery, checked)
        write_outcome(work, checked, rows.outcome)


@leaving_no_values
def split(settings: Settings, delivery_id: str, partition: int, partitions: int) -> None:
    """Split those rows of one partition that stand into tokens and attributes; raises as ``settle``."""
    work = _opened(settings, delivery_id)
    if work is not None:
        treatments = permitted(work.case, work.delivery, work.contract)
        with token_step(settings) as steps, refusing(work.case, work.delivery):
            splits = _split(work, batches_of(work, partition, partitions), treatments, steps)
            write_parts(work, partition, partitions, splits)


@leaving_no_values
def keep_all(settings: Settings, delivery_id: str, partitions: int) -> Admission:
    """Store and admit what was split (``ingest.keeping``); raises as ``admit`` and ``settle``."""
    work = _opened(settings, delivery_id)
    if work is None:
        with transaction(settings) as connection:
            return known_outcome(connection, find_delivery(connection, delivery_id))
    permitted(work.case, work.delivery, work.contract)
    with refusing(work.case, work.delivery):
        parts = in_turn(work, [parts_of(work, n, partitions) for n in range(partitions)])
        kept = keep(work.case, work.delivery, work.contract, checked_of(work), (part.split for part in parts))
    clear(work, partitions)  # (5)
    return kept


def _opened(settings: Settings, delivery_id: str) -> Work | None:
    """The delivery, if nothing was decided of it yet."""
    with transaction(settings) as connection:
        delivery = find_delivery(connection, delivery_id)
    if delivery.state is not State.CLOSED:  # (3)
        return None
    case, contract = case_of(settings, delivery), contract_for(delivery.feed)
    with refusing(case, delivery), transaction(settings) as connection:
        documents = Documents.of(connection, case, delivery, contract)
        return Work(case, delivery, contract, documents, open_key(connection, case.ring, delivery, "landing"))


def _read(work: Work, partition: int, partitions: int) -> Iterator[Batch]:
    """Every batch of a partition, read from the documents (1)."""
    arriving, first = Arriving(work.case), 0
    with row_checks(work.case, work.contract) as checks:
        for number, (generation, frame) in enumerate(work.documents.frames()):
            if number % partitions == partition:
                newest, tally = generation == work.documents.newest, Tally()
                if newest:
                    tally.add(frame, work.delivery.receipt)
                read = checks.read(arriving.stage_1(frame, newest=newest))
                yield Batch(number, first, generation, read, tally, frozenset(arriving.seen))
            first += frame.height


def _settled(work: Work, rows: Checking, partitions: int) -> Checked:
    """What became of the rows of all partitions; those that do not stand are sealed."""
    tally, arriving = Tally(), Arriving(work.case)
    for batch in in_turn(work, [batches_of(work, n, partitions) for n in range(partitions)]):
        rows.see(batch.read, batch.generation)
        tally.join(batch.tally)
        arriving.seen |= batch.seen
    with transaction(work.case.settings) as connection:
        quarantine = open_key(connection, work.case.ring, work.delivery, "quarantine")
    settled = settle_rows(work.case, work.delivery, quarantine, rows, work.documents)
    return Checked(settled, rows.remarks, rows.drift, rows.barred, tally, arriving)


def _split(work: Work, batches: Iterable[Batch], treatments: dict[str, Treatment], steps: Steps) -> Iterator[Part]:
    outcome, unkept = outcome_of(work), dropped(work.contract, treatments)
    for batch in batches:
        valid = outcome.standing(sound_rows(batch.read, batch.first)).drop(unkept, strict=False)
        yield Part(batch.number, split_rows(work.case, valid, work.contract, treatments, steps))
