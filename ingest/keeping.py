"""What was split of a delivery, stored; and the delivery admitted, together with all that is remembered of it."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from audit.events import Action
from audit.log import append, checkpoint
from hub.database import transaction
from ingest.barred import barred_ids, remember_barred
from ingest.case import Case
from ingest.checking import Checked
from ingest.outcome import Admission, known_outcome, remember_admission, remember_counts
from ingest.refusing import by_reason, live
from ingest.storing import storing
from ingest.suppressed import Suppressing
from keys.home import log_signer
from pseudonymise.split import Split
from schemas.contract import Contract
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, advance

log = logging.getLogger(__name__)


@dataclass
class _Stored:
    """What was written of a delivery."""

    suppressed: Suppressing
    events: int = 0
    records: int = 0
    columns: frozenset[str] = frozenset()

    def count(self, parts: Split) -> None:
        """One part more."""
        self.events += parts.events.height
        self.records += parts.records.height
        self.columns |= {*parts.events.columns, *parts.involvements.columns}


def keep(case: Case, delivery: Delivery, contract: Contract, checked: Checked, splits: Iterable[Split]) -> Admission:
    """Store a delivery's events, involvements and records, and admit it.

    1. Each is stored encrypted under its own name, so that a rerun writes over what a killed run left. The agreement is
       read and asked again, about the very columns that are written.
    2. What was erased at its person's request is not kept again (``ingest.suppressed``).
    3. State, counts, barred records and log entries are committed together. Until then nothing reads what (1) wrote.

    Raises AgreementRefusal, EncodedFormRefused and StoreError.
    """
    with transaction(case.settings) as connection:
        key = open_data_key(connection, case.ring, delivery.data_key_id)
    stored = _Stored(Suppressing(case))
    with storing(case, delivery, key, contract) as add:  # (1)
        for whole in splits:
            parts = stored.suppressed.without(whole)  # (2)
            add(case.renewed(), parts)
            stored.count(parts)
    stored.events -= stored.suppressed.finish(delivery, key)
    return _admit(case.renewed(), delivery, contract, checked, stored)  # (3)


def _admit(case: Case, delivery: Delivery, contract: Contract, checked: Checked, stored: _Stored) -> Admission:
    settled, accepted = checked.settled, checked.accepted
    barred = barred_ids(case, checked.barred, contract)
    erased = stored.suppressed.records
    barred = [each for each in barred if each not in stored.suppressed.among(barred)]
    detail = {"events": stored.events, "records": stored.records, "barred_records": len(barred)}
    detail |= _noticed(case, checked) | ({"suppressed_records": len(erased)} if erased else {})
    columns = tuple(sorted(stored.columns))
    entries = [case.entry(Action.ADMIT, delivery.id, rows=accepted, columns=columns, detail=detail)]
    if settled.quarantined:
        reasons = by_reason(settled.counts)
        entries.append(case.entry(Action.QUARANTINE, delivery.id, rows=settled.quarantined, detail=reasons))
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
    if fewest <= live(settled) <= most:
        return dict(found)
    what = "%s has %d rows for %s, of which %d to %d are usual"
    log.warning(what, case.feed.name, live(settled), case.quarter, fewest, most)
    return {**found, "unusual_volume": True}


def _drifted(checked: Checked) -> dict[str, int]:
    """How many columns came that nobody agreed on, and how many under a former name."""
    new = {name for drift in checked.drift for name in drift.new}
    renamed = {old for drift in checked.drift for old, _ in drift.renamed}
    return {"new_columns": len(new), "renamed_columns": len(renamed)}
