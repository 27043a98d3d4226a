"""A delivery that is refused whole: for what cannot be read of it, for its receipt, or for too many rows at fault."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from audit.events import Action
from audit.log import append, checkpoint
from hub.database import transaction
from ingest.case import Case
from ingest.checking import Checked
from ingest.errors import DeliveryRefused
from ingest.outcome import remember_counts, remember_refusal
from keys.home import log_signer
from pseudonymise.errors import EncodedFormRefused, ReferenceMissing
from schemas.crossing import Settled
from schemas.errors import SchemaError
from schemas.quarantine import ReasonCount
from store.deliveries import Delivery, State, advance, find_delivery
from store.errors import DataKeyGone, FileMissing, SealBroken

_AT_FAULT = (SchemaError, SealBroken, FileMissing, DataKeyGone, ReferenceMissing, EncodedFormRefused)


@contextmanager
def refusing(case: Case, delivery: Delivery) -> Iterator[None]:
    """Refuse the delivery whole for what is wrong with it, and let the error go on."""
    try:
        yield
    except _AT_FAULT as error:
        _refuse(case, delivery, f"{error.what}: {error.why}", {"ground": type(error).__name__})
        raise


def hold_receipt(case: Case, delivery: Delivery, checked: Checked) -> None:
    """Refuse a delivery that holds something else than its receipt says; raises DeliveryRefused."""
    differences = "; ".join(checked.tally.differences(delivery.receipt, checked.accepted))
    if differences:
        _refuse(case, delivery, differences, {"ground": "receipt"}, checked.settled)
        raise _refused(case, delivery, differences)


def hold_threshold(case: Case, delivery: Delivery, checked: Checked) -> None:
    """Refuse a delivery without rows, or with more at fault than its feed allows; raises DeliveryRefused."""
    settled, allowed = checked.settled, case.feed.rejection_threshold
    bad = settled.quarantined - settled.barred
    if live(settled) == 0:
        why = "it holds no row, and would put an empty quarter in the place of a full one"
        _refuse(case, delivery, why, {"ground": "empty"}, settled)
        raise _refused(case, delivery, why)
    if bad > allowed * live(settled):
        most = ", ".join(f"{count.rows} {count.reason} in {count.column}" for count in settled.counts[:3])
        why = f"{bad} of {live(settled)} rows break the contract, above the {allowed:.0%} allowed ({most})"
        _refuse(case, delivery, why, {"ground": "threshold", **by_reason(settled.counts)}, settled)
        raise _refused(case, delivery, why)


def live(settled: Settled) -> int:
    """Rows that no later generation has replaced or removed, and that are no word of a removal."""
    return settled.received - settled.replaced - settled.deleted


def by_reason(counts: tuple[ReasonCount, ...]) -> dict[str, int]:
    """Faults by reason; a row with two faults counts under both."""
    found: Counter[str] = Counter()
    for count in counts:
        found[count.reason.value] += count.rows
    return dict(found)


def _refused(case: Case, delivery: Delivery, why: str) -> DeliveryRefused:
    fix = f"Ask {case.feed.owner} to mend the file and deliver again"
    return DeliveryRefused("The delivery is refused whole", where=f"delivery {delivery.id}", why=why, fix=fix)


def _refuse(
    case: Case, delivery: Delivery, why: str, detail: dict[str, str | int], settled: Settled | None = None
) -> None:
    """Mark a delivery refused whole, with its counts, the ground and why, in one transaction with the log; once."""
    received = settled.received if settled else None
    rows = {} if received is None else {"rows_received": received, "rows_accepted": 0, "rows_quarantined": received}
    with transaction(case.settings) as connection:
        if find_delivery(connection, delivery.id, lock=True).state is State.REFUSED:
            return  # by another task that works on it
        advance(connection, delivery.id, State.REFUSED, **rows)
        remember_counts(connection, delivery, settled.counts if settled else ())
        remember_refusal(connection, delivery, str(detail["ground"]), why)
        append(connection, case.entry(Action.REFUSE_DELIVERY, delivery.id, rows=received, detail=detail))
        checkpoint(connection, log_signer(case.settings, case.ring))
