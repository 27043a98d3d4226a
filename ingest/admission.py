"""The second half of a delivery's journey: checked row by row, split into tokens and attributes, and kept."""

import io
import logging
from collections import Counter

import polars as pl

from agreement.model import Treatment
from agreement.policy import load_agreement, permit_fields
from audit.events import Action
from audit.log import append, checkpoint
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from ingest.case import Case
from ingest.errors import DeliveryRefused
from ingest.outcome import Admission, known_outcome, remember_admission, remember_counts
from keys.home import open_ring
from keys.key import Key
from keys.purposes import Purpose
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
from store.landing import read_pages
from store.sealing import write_sealed
from store.tables import write_table

log = logging.getLogger(__name__)
Counts = tuple[ReasonCount, ...]


def admit(settings: Settings, delivery_id: str) -> Admission:
    """Check, split and keep a closed delivery. Killed anywhere and run again, it gives the same and doubles nothing.

    1. The agreement says how each column is treated; one that it does not name stops the delivery.
    2. Rows that break their contract are quarantined: sealed with their reasons, and counted.
    3. Past the feed's threshold the delivery is refused whole; bars to access do not count against it.
    4. Valid rows are split into events, involvements and records, each stored encrypted under its own name,
       so that a rerun writes over what a killed run left.
    5. State, counts and log entries are committed together. Until then nothing reads what (4) wrote.

    Raises AgreementRefusal, SchemaError, DeliveryRefused; the last two after the delivery was marked refused.
    """
    with transaction(settings) as connection:
        delivery = find_delivery(connection, delivery_id)
        if delivery.state is not State.CLOSED:
            return known_outcome(connection, delivery)
    feed, contract = load_feed(settings.config, delivery.feed), contract_for(delivery.feed)
    case = Case(settings, load_agreement(settings), feed, delivery.period, open_ring(settings))
    with case.logging_refusal(delivery.id):
        treatments = permit_fields(case.agreement, feed.name, contract.columns)  # (1)
    with transaction(settings) as connection:
        key = open_data_key(connection, case.ring, delivery.data_key_id)
    checked = _check(case, delivery, contract)  # (2)
    counts = summary(checked.quarantined)
    _seal_quarantine(settings, key, delivery, checked.quarantined)
    _hold_threshold(case, delivery, checked, counts)  # (3)
    parts = _split(case, checked.valid, contract, treatments)
    _store(settings, key, delivery, contract, parts)  # (4)
    return _keep(case, delivery, checked, counts, parts)  # (5)


def _check(case: Case, delivery: Delivery, contract: Contract) -> Validated:
    """Read and check every row; a delivery that cannot be read by its contract is refused whole."""
    try:
        return validate(_rows(case, delivery, contract), contract, delivery.period)
    except SchemaError as error:
        _refuse(case, delivery, {"ground": type(error).__name__})
        raise


def _rows(case: Case, delivery: Delivery, contract: Contract) -> pl.DataFrame:
    """Every row of the delivery as text, with the page that it came from."""
    with transaction(case.settings) as connection:
        pages = enumerate(read_pages(case.settings, connection, case.ring, delivery), 1)
        return pl.concat(
            parse(case.feed.format, body, contract).with_columns(pl.lit(number, pl.Int64).alias(PAGE))
            for number, body in pages
        )


def _seal_quarantine(settings: Settings, key: Key, delivery: Delivery, rows: pl.DataFrame) -> None:
    """Seal the provider's own rows with page, row number and reasons: only the provider is to open it."""
    content = io.BytesIO()
    rows.write_ndjson(content)
    write_sealed(settings, "quarantine", f"{delivery.feed}/{delivery.id}.sealed", key, [content.getvalue()])


def _hold_threshold(case: Case, delivery: Delivery, checked: Validated, counts: Counts) -> None:
    barred = sum(count.rows for count in counts if count.reason is Reason.LIMITED_ACCESS)
    bad, allowed = checked.quarantined.height - barred, case.feed.rejection_threshold
    if bad <= allowed * checked.received:
        return
    _refuse(case, delivery, {"ground": "threshold", **_by_reason(counts)}, checked, counts)
    most = ", ".join(f"{count.rows} {count.reason} in {count.column}" for count in counts[:3])
    raise DeliveryRefused(
        "The delivery is refused whole",
        where=f"delivery {delivery.id}",
        why=f"{bad} of {checked.received} rows break the contract, above the {allowed:.0%} allowed ({most})",
        fix=f"Ask {case.feed.owner} to mend the file and deliver again",
    )


def _refuse(
    case: Case, delivery: Delivery, detail: dict[str, str | int], checked: Validated | None = None, counts: Counts = ()
) -> None:
    """Mark a delivery refused whole, with its counts and the ground, in one transaction with the log."""
    received = checked.received if checked else None
    rows = {"rows_received": received, "rows_accepted": 0, "rows_quarantined": received} if received else {}
    with transaction(case.settings) as connection:
        advance(connection, delivery.id, State.REFUSED, **rows)
        remember_counts(connection, delivery, counts)
        append(connection, case.entry(Action.REFUSE_DELIVERY, delivery.id, rows=received, detail=detail))
        checkpoint(connection, case.ring.signer(Purpose.AUDIT))


def _split(case: Case, valid: pl.DataFrame, contract: Contract, treatments: dict[str, Treatment]) -> Split:
    if case.feed.pseudonymised_at == "source":
        return hub_stage(valid, contract, treatments, hub_keys(case.ring))
    return split(valid, contract, treatments, scheme_keys(case.ring))


def _store(settings: Settings, key: Key, delivery: Delivery, contract: Contract, parts: Split) -> None:
    place = f"{delivery.feed}/{delivery.id}"
    write_table(settings, "events", f"{place}.parquet", key, parts.events)
    if contract.personal:
        write_table(settings, "events", f"{place}.involvements.parquet", key, parts.involvements)
        write_table(settings, "records", f"{place}.parquet", key, parts.records)


def _keep(case: Case, delivery: Delivery, checked: Validated, counts: Counts, parts: Split) -> Admission:
    accepted, quarantined = checked.valid.height, checked.quarantined.height
    columns = tuple(sorted({*parts.events.columns, *parts.involvements.columns}))
    detail = {"events": parts.events.height, "records": parts.records.height}
    entries = [case.entry(Action.ADMIT, delivery.id, rows=accepted, columns=columns, detail=detail)]
    if quarantined:
        entries.append(case.entry(Action.QUARANTINE, delivery.id, rows=quarantined, detail=_by_reason(counts)))
    rows = {"rows_received": checked.received, "rows_accepted": accepted, "rows_quarantined": quarantined}
    with transaction(case.settings) as connection:
        kept = advance(connection, delivery.id, State.ADMITTED, **rows)
        remember_admission(connection, case, delivery)
        remember_counts(connection, delivery, counts)
        append(connection, *entries)
        checkpoint(connection, case.ring.signer(Purpose.AUDIT))
        log.info("delivery %s is admitted: %d of %d rows", delivery.id, accepted, checked.received)
        return known_outcome(connection, kept)


def _by_reason(counts: Counts) -> dict[str, int]:
    """Faults by reason; a row with two faults counts under both."""
    found: Counter[str] = Counter()
    for count in counts:
        found[count.reason.value] += count.rows
    return dict(found)
