"""The second half of a delivery's journey: checked row by row, split into tokens and attributes, and kept."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from agreement.model import Treat, Treatment
from agreement.policy import load_agreement, permit_collection, permit_fields
from audit.events import Action
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from hub.traces import leaving_no_values
from ingest.barred import barred_ids, remember_barred
from ingest.case import Case
from ingest.checking import Checked, checking
from ingest.errors import DeliveryRefused
from ingest.outcome import Admission, known_outcome, remember_admission, remember_counts, remember_refusal
from ingest.storing import storing
from ingest.suppressed import Suppressing
from keys.home import log_signer, open_ring
from keys.key import Key
from keys.services import Service
from pseudonymise.errors import EncodedFormRefused, ReferenceMissing
from pseudonymise.hub_stage import hub_stage
from pseudonymise.scheme_keys import hub_keys, scheme_keys
from pseudonymise.split import Split, split
from schemas.contract import Contract
from schemas.crossing import Settled
from schemas.errors import SchemaError
from schemas.quarantine import ReasonCount
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, advance, find_delivery
from store.errors import DataKeyGone, FileMissing, SealBroken

log = logging.getLogger(__name__)
Counts = tuple[ReasonCount, ...]
_AT_FAULT = (SchemaError, SealBroken, FileMissing, DataKeyGone, ReferenceMissing, EncodedFormRefused)


@leaving_no_values
def admit(settings: Settings, delivery_id: str) -> Admission:
    """Check, split and keep a closed delivery. Killed anywhere and run again, it gives the same and doubles nothing.

    1. The agreement permits the feed and the quarter today, and says how each column is treated; else the delivery
       stops where it is, for it is not at fault.
    2. A delivery that cannot be opened, read by its contract or split is refused whole, so that the next can come.
    3. Rows that break their contract are quarantined: sealed with their reasons, and counted.
    4. Without any row, with other rows than its receipt says, or past the feed's threshold, the delivery is refused
       whole; bars to access do not count against it. More or fewer rows than usual are admitted and remarked on.
    5. Valid rows are split into events, involvements and records, each stored encrypted under its own name,
       so that a rerun writes over what a killed run left. The agreement is read and asked again, about the very
       columns that are written.
    6. What was erased at its person's request is not kept again (``ingest.suppressed``).
    7. State, counts, barred records and log entries are committed together. Until then nothing reads what (5) and (6)
       wrote.

    A delivery is read and written as a stream (``checking``). Raises AgreementRefusal; or, after the delivery was
    marked refused, SchemaError, DeliveryRefused, StoreError or PseudonymiseError.
    """
    with transaction(settings) as connection:
        delivery = find_delivery(connection, delivery_id)
        if delivery.state is not State.CLOSED:
            return known_outcome(connection, delivery)
    feed, contract = load_feed(settings.config, delivery.feed), contract_for(delivery.feed)
    case = Case(settings, load_agreement(settings), feed, delivery.period, open_ring(settings, Service.INGEST))
    treatments = _permitted(case, delivery, contract)  # (1)
    with _refusing(case, delivery):  # (2)
        key = _data_key(case, delivery)
        with checking(case, delivery, contract, _dropped(contract, treatments)) as checked:  # (3)
            _hold_receipt(case, delivery, checked)
            _hold_threshold(case, delivery, checked)  # (4)
            stored, suppressing = _Stored(), Suppressing(case)
            with storing(case, delivery, key, contract) as add:  # (5)
                for valid in checked.parts:
                    parts = suppressing.without(_split(case, valid, contract, treatments))
                    add(case.renewed(), parts)
                    stored.count(parts)
            stored.events -= suppressing.finish(delivery, key)
            stored.suppressed = suppressing
        return _keep(case.renewed(), delivery, contract, checked, stored)  # (7)


@dataclass
class _Stored:
    """What was written of a delivery."""

    events: int = 0
    records: int = 0
    columns: frozenset[str] = frozenset()
    suppressed: Suppressing | None = None

    def count(self, parts: Split) -> None:
        """One part more."""
        self.events += parts.events.height
        self.records += parts.records.height
        self.columns |= {*parts.events.columns, *parts.involvements.columns}


def _permitted(case: Case, delivery: Delivery, contract: Contract) -> dict[str, Treatment]:
    with case.logging_refusal(delivery.id):
        permit_collection(case.agreement, case.feed.name, case.quarter, now().date())
        case.enact()
        return permit_fields(case.agreement, case.feed.name, contract.columns)


def _dropped(contract: Contract, treatments: dict[str, Treatment]) -> list[str]:
    """The columns of which nothing is kept; no key is among them."""
    return [
        name
        for name, treatment in treatments.items()
        if treatment.treat is Treat.DROP and not treatment.generalise and name not in contract.row_key
    ]


@contextmanager
def _refusing(case: Case, delivery: Delivery) -> Iterator[None]:
    """Refuse the delivery whole for what is wrong with it, and let the error go on."""
    try:
        yield
    except _AT_FAULT as error:
        _refuse(case, delivery, f"{error.what}: {error.why}", {"ground": type(error).__name__})
        raise


def _data_key(case: Case, delivery: Delivery) -> Key:
    with transaction(case.settings) as connection:
        return open_data_key(connection, case.ring, delivery.data_key_id)


def _hold_receipt(case: Case, delivery: Delivery, checked: Checked) -> None:
    differences = "; ".join(checked.tally.differences(delivery.receipt, checked.accepted))
    if differences:
        _refuse(case, delivery, differences, {"ground": "receipt"}, checked.settled)
        raise _refused(case, delivery, differences)


def _hold_threshold(case: Case, delivery: Delivery, checked: Checked) -> None:
    settled, allowed = checked.settled, case.feed.rejection_threshold
    bad = settled.quarantined - settled.barred
    if _live(settled) == 0:
        why = "it holds no row, and would put an empty quarter in the place of a full one"
        _refuse(case, delivery, why, {"ground": "empty"}, settled)
        raise _refused(case, delivery, why)
    if bad > allowed * _live(settled):
        most = ", ".join(f"{count.rows} {count.reason} in {count.column}" for count in settled.counts[:3])
        why = f"{bad} of {_live(settled)} rows break the contract, above the {allowed:.0%} allowed ({most})"
        _refuse(case, delivery, why, {"ground": "threshold", **_by_reason(settled.counts)}, settled)
        raise _refused(case, delivery, why)


def _refused(case: Case, delivery: Delivery, why: str) -> DeliveryRefused:
    fix = f"Ask {case.feed.owner} to mend the file and deliver again"
    return DeliveryRefused("The delivery is refused whole", where=f"delivery {delivery.id}", why=why, fix=fix)


def _refuse(
    case: Case, delivery: Delivery, why: str, detail: dict[str, str | int], settled: Settled | None = None
) -> None:
    """Mark a delivery refused whole, with its counts, the ground and why, in one transaction with the log."""
    received = settled.received if settled else None
    rows = {} if received is None else {"rows_received": received, "rows_accepted": 0, "rows_quarantined": received}
    with transaction(case.settings) as connection:
        advance(connection, delivery.id, State.REFUSED, **rows)
        remember_counts(connection, delivery, settled.counts if settled else ())
        remember_refusal(connection, delivery, str(detail["ground"]), why)
        append(connection, case.entry(Action.REFUSE_DELIVERY, delivery.id, rows=received, detail=detail))
        checkpoint(connection, log_signer(case.settings, case.ring))


def _split(case: Case, valid: pl.DataFrame, contract: Contract, treatments: dict[str, Treatment]) -> Split:
    if case.feed.pseudonymised_at == "source":
        return hub_stage(valid, contract, treatments, hub_keys(case.ring))
    return split(valid, contract, treatments, scheme_keys(case.ring))


def _keep(case: Case, delivery: Delivery, contract: Contract, checked: Checked, stored: _Stored) -> Admission:
    settled, accepted = checked.settled, checked.accepted
    barred = barred_ids(case, checked.barred, contract)
    erased: set[str] = set()
    if stored.suppressed is not None:
        barred = [each for each in barred if each not in stored.suppressed.among(barred)]
        erased = stored.suppressed.records
    detail = {"events": stored.events, "records": stored.records, "barred_records": len(barred)}
    detail |= _noticed(case, checked) | ({"suppressed_records": len(erased)} if erased else {})
    columns = tuple(sorted(stored.columns))
    entries = [case.entry(Action.ADMIT, delivery.id, rows=accepted, columns=columns, detail=detail)]
    if settled.quarantined:
        by_reason = _by_reason(settled.counts)
        entries.append(case.entry(Action.QUARANTINE, delivery.id, rows=settled.quarantined, detail=by_reason))
    rows = {"rows_received": settled.received, "rows_accepted": accepted, "rows_quarantined": settled.quarantined}
    with transaction(case.settings) as connection:
        checked.arriving.hold_still(connection)
        kept = advance(connection, delivery.id, State.ADMITTED, **rows)
        remember_admission(connection, case, delivery, checked.arriving.seen)
        remember_counts(connection, delivery, settled.counts)
        remember_barred(connection, delivery, barred)
        append(connection, *entries)
        checkpoint(connection, log_signer(case.settings, case.ring))
        log.info("delivery %s is admitted: %d of %d rows", delivery.id, accepted, settled.received)
        return known_outcome(connection, kept)


def _noticed(case: Case, checked: Checked) -> dict[str, int | bool]:
    """What is to be noticed of an admitted delivery: rows by remark, other columns, corrections, an unusual volume."""
    found: Counter[str] = Counter()
    for count in checked.remarks:
        found[count.remark.value] += count.rows
    settled = checked.settled
    told = {"replaced": settled.replaced, "deleted": settled.deleted, **_drifted(checked)}
    found.update({name: rows for name, rows in told.items() if rows})
    fewest, most = case.feed.expected_rows
    if fewest <= _live(settled) <= most:
        return dict(found)
    what = "%s has %d rows for %s, of which %d to %d are usual"
    log.warning(what, case.feed.name, _live(settled), case.quarter, fewest, most)
    return {**found, "unusual_volume": True}


def _drifted(checked: Checked) -> dict[str, int]:
    """How many columns came that nobody agreed on, and how many under a former name."""
    new = {name for drift in checked.drift for name in drift.new}
    renamed = {old for drift in checked.drift for old, _ in drift.renamed}
    return {"new_columns": len(new), "renamed_columns": len(renamed)}


def _live(settled: Settled) -> int:
    """Rows that no later generation has replaced or removed, and that are no word of a removal."""
    return settled.received - settled.replaced - settled.deleted


def _by_reason(counts: Counts) -> dict[str, int]:
    """Faults by reason; a row with two faults counts under both."""
    found: Counter[str] = Counter()
    for count in counts:
        found[count.reason.value] += count.rows
    return dict(found)
