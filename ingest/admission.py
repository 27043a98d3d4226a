"""The second half of a delivery's journey: checked row by row, split into tokens and attributes, and kept."""

import io
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import polars as pl

from agreement.model import Treatment
from agreement.policy import load_agreement, permit_collection, permit_fields
from audit.events import Action
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from ingest.barred import barred_ids, remember_barred
from ingest.case import Case
from ingest.errors import DeliveryRefused
from ingest.outcome import Admission, known_outcome, remember_admission, remember_counts
from ingest.storing import store
from keys.home import log_signer, open_ring
from keys.key import Key
from pseudonymise.errors import EncodedFormRefused, ReferenceMissing
from pseudonymise.hub_stage import hub_stage
from pseudonymise.scheme_keys import hub_keys, scheme_keys
from pseudonymise.split import Split, split
from schemas.contract import Contract
from schemas.errors import SchemaError
from schemas.formats import parse
from schemas.quarantine import ReasonCount, summary
from schemas.reasons import Reason
from schemas.registry import contract_for
from schemas.validation import PAGE, Validated, validate
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, advance, find_delivery
from store.errors import DataKeyGone, FileMissing, SealBroken
from store.landing import read_pages
from store.sealing import write_sealed

log = logging.getLogger(__name__)
Counts = tuple[ReasonCount, ...]
_AT_FAULT = (SchemaError, SealBroken, FileMissing, DataKeyGone, ReferenceMissing, EncodedFormRefused)


def admit(settings: Settings, delivery_id: str) -> Admission:
    """Check, split and keep a closed delivery. Killed anywhere and run again, it gives the same and doubles nothing.

    1. The agreement permits the feed and the quarter today, and says how each column is treated; else the delivery
       stops where it is, for it is not at fault.
    2. A delivery that cannot be opened, read by its contract or split is refused whole, so that the next can come.
    3. Rows that break their contract are quarantined: sealed with their reasons, and counted.
    4. Without any row, or past the feed's threshold, the delivery is refused whole; bars to access do not count
       against it. More or fewer rows than usual are admitted and remarked on.
    5. Valid rows are split into events, involvements and records, each stored encrypted under its own name,
       so that a rerun writes over what a killed run left. The agreement is read and asked again, about the very
       columns that are written.
    6. State, counts, barred records and log entries are committed together. Until then nothing reads what (5) wrote.

    Raises AgreementRefusal; or, after the delivery was marked refused, SchemaError, DeliveryRefused, StoreError or
    PseudonymiseError.
    """
    with transaction(settings) as connection:
        delivery = find_delivery(connection, delivery_id)
        if delivery.state is not State.CLOSED:
            return known_outcome(connection, delivery)
    feed, contract = load_feed(settings.config, delivery.feed), contract_for(delivery.feed)
    case = Case(settings, load_agreement(settings), feed, delivery.period, open_ring(settings))
    treatments = _permitted(case, delivery, contract)  # (1)
    with _refusing(case, delivery):  # (2)
        key = _data_key(case, delivery)
        checked = validate(_rows(case, delivery, contract), contract, delivery.period)  # (3)
        counts = summary(checked.quarantined)
        _seal_quarantine(settings, key, delivery, checked.quarantined)
        _hold_threshold(case, delivery, checked, counts)  # (4)
        parts = _split(case, checked.valid, contract, treatments)
    case = replace(case, agreement=load_agreement(settings))
    store(case, delivery, key, contract, parts)  # (5)
    return _keep(case, delivery, contract, checked, counts, parts)  # (6)


def _permitted(case: Case, delivery: Delivery, contract: Contract) -> dict[str, Treatment]:
    with case.logging_refusal(delivery.id):
        permit_collection(case.agreement, case.feed.name, case.quarter, now().date())
        case.enact()
        return permit_fields(case.agreement, case.feed.name, contract.columns)


@contextmanager
def _refusing(case: Case, delivery: Delivery) -> Iterator[None]:
    """Refuse the delivery whole for what is wrong with it, and let the error go on."""
    try:
        yield
    except _AT_FAULT as error:
        _refuse(case, delivery, {"ground": type(error).__name__})
        raise


def _data_key(case: Case, delivery: Delivery) -> Key:
    with transaction(case.settings) as connection:
        return open_data_key(connection, case.ring, delivery.data_key_id)


def _rows(case: Case, delivery: Delivery, contract: Contract) -> pl.DataFrame:
    """Every row of the delivery as text, with the page that it came from."""
    with transaction(case.settings) as connection:
        pages = enumerate(read_pages(case.settings, connection, case.ring, delivery), 1)
        frames = [
            parse(case.feed.format, body, contract).with_columns(pl.lit(number, pl.Int64).alias(PAGE))
            for number, body in pages
        ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(contract.source_names, pl.String))


def _seal_quarantine(settings: Settings, key: Key, delivery: Delivery, rows: pl.DataFrame) -> None:
    """Seal the provider's own rows with page, row number and reasons: only the provider is to open it."""
    content = io.BytesIO()
    rows.write_ndjson(content)
    write_sealed(settings, "quarantine", f"{delivery.feed}/{delivery.id}.sealed", key, [content.getvalue()])


def _hold_threshold(case: Case, delivery: Delivery, checked: Validated, counts: Counts) -> None:
    barred = sum(count.rows for count in counts if count.reason is Reason.LIMITED_ACCESS)
    bad, allowed = checked.quarantined.height - barred, case.feed.rejection_threshold
    if checked.received == 0:
        _refuse(case, delivery, {"ground": "empty"}, checked)
        raise _refused(case, delivery, "it holds no row, and would put an empty quarter in the place of a full one")
    if bad > allowed * checked.received:
        _refuse(case, delivery, {"ground": "threshold", **_by_reason(counts)}, checked, counts)
        most = ", ".join(f"{count.rows} {count.reason} in {count.column}" for count in counts[:3])
        why = f"{bad} of {checked.received} rows break the contract, above the {allowed:.0%} allowed ({most})"
        raise _refused(case, delivery, why)


def _refused(case: Case, delivery: Delivery, why: str) -> DeliveryRefused:
    fix = f"Ask {case.feed.owner} to mend the file and deliver again"
    return DeliveryRefused("The delivery is refused whole", where=f"delivery {delivery.id}", why=why, fix=fix)


def _refuse(
    case: Case, delivery: Delivery, detail: dict[str, str | int], checked: Validated | None = None, counts: Counts = ()
) -> None:
    """Mark a delivery refused whole, with its counts and the ground, in one transaction with the log."""
    received = checked.received if checked else None
    rows = {} if received is None else {"rows_received": received, "rows_accepted": 0, "rows_quarantined": received}
    with transaction(case.settings) as connection:
        advance(connection, delivery.id, State.REFUSED, **rows)
        remember_counts(connection, delivery, counts)
        append(connection, case.entry(Action.REFUSE_DELIVERY, delivery.id, rows=received, detail=detail))
        checkpoint(connection, log_signer(case.settings, case.ring))


def _split(case: Case, valid: pl.DataFrame, contract: Contract, treatments: dict[str, Treatment]) -> Split:
    if case.feed.pseudonymised_at == "source":
        return hub_stage(valid, contract, treatments, hub_keys(case.ring))
    return split(valid, contract, treatments, scheme_keys(case.ring))


def _keep(
    case: Case, delivery: Delivery, contract: Contract, checked: Validated, counts: Counts, parts: Split
) -> Admission:
    accepted, quarantined = checked.valid.height, checked.quarantined.height
    columns = tuple(sorted({*parts.events.columns, *parts.involvements.columns}))
    barred = barred_ids(case, checked.barred, contract)
    detail = {"events": parts.events.height, "records": parts.records.height, "barred_records": len(barred)}
    detail |= _noticed(case, checked)
    entries = [case.entry(Action.ADMIT, delivery.id, rows=accepted, columns=columns, detail=detail)]
    if quarantined:
        entries.append(case.entry(Action.QUARANTINE, delivery.id, rows=quarantined, detail=_by_reason(counts)))
    rows = {"rows_received": checked.received, "rows_accepted": accepted, "rows_quarantined": quarantined}
    with transaction(case.settings) as connection:
        kept = advance(connection, delivery.id, State.ADMITTED, **rows)
        remember_admission(connection, case, delivery)
        remember_counts(connection, delivery, counts)
        remember_barred(connection, delivery, barred)
        append(connection, *entries)
        checkpoint(connection, log_signer(case.settings, case.ring))
        log.info("delivery %s is admitted: %d of %d rows", delivery.id, accepted, checked.received)
        return known_outcome(connection, kept)


def _noticed(case: Case, checked: Validated) -> dict[str, int | bool]:
    """What is to be noticed of an admitted delivery: rows by remark, and an unusual number of rows."""
    found: Counter[str] = Counter()
    for count in checked.remarks:
        found[count.remark.value] += count.rows
    fewest, most = case.feed.expected_rows
    if fewest <= checked.received <= most:
        return dict(found)
    what = "%s has %d rows for %s, of which %d to %d are usual"
    log.warning(what, case.feed.name, checked.received, case.quarter, fewest, most)
    return {**found, "unusual_volume": True}


def _by_reason(counts: Counts) -> dict[str, int]:
    """Faults by reason; a row with two faults counts under both."""
    found: Counter[str] = Counter()
    for count in counts:
        found[count.reason.value] += count.rows
    return dict(found)
