"""The second half of a delivery's journey: checked row by row, split into tokens and attributes, and kept."""

import polars as pl

from agreement.model import Treat, Treatment
from agreement.policy import load_agreement, permit_collection, permit_fields
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from hub.traces import leaving_no_values
from ingest.case import Case
from ingest.checking import checking
from ingest.keeping import keep
from ingest.outcome import Admission, known_outcome
from ingest.refusing import hold_receipt, hold_threshold, refusing
from keys.home import open_ring
from keys.services import Service
from pseudonymise.hub_stage import hub_stage
from pseudonymise.linkage_columns import Steps
from pseudonymise.on_spark import token_step
from pseudonymise.scheme_keys import hub_keys, scheme_keys
from pseudonymise.split import Split, split
from schemas.contract import Contract
from schemas.registry import contract_for
from store.deliveries import Delivery, State, find_delivery


@leaving_no_values
def admit(settings: Settings, delivery_id: str) -> Admission:
    """Check, split and keep a closed delivery. Killed anywhere and run again, it gives the same and doubles nothing.

    1. The agreement permits the feed and the quarter today, and says how each column is treated; else the delivery
       stops where it is, for it is not at fault.
    2. A delivery that cannot be opened, read by its contract or split is refused whole, so that the next can come.
    3. Rows that break their contract are quarantined: sealed with their reasons, and counted.
    4. Without any row, with other rows than its receipt says, or past the feed's threshold, the delivery is refused
       whole; bars to access do not count against it. More or fewer rows than usual are admitted and remarked on.
    5. Valid rows are split into events, involvements and records, and kept (``ingest.keeping``).

    A delivery is read and written as a stream (``checking``). Raises AgreementRefusal; or, after the delivery was
    marked refused, SchemaError, DeliveryRefused, StoreError or PseudonymiseError.
    """
    with transaction(settings) as connection:
        delivery = find_delivery(connection, delivery_id)
        if delivery.state is not State.CLOSED:
            return known_outcome(connection, delivery)
    case, contract = case_of(settings, delivery), contract_for(delivery.feed)
    treatments = permitted(case, delivery, contract)  # (1)
    with (
        token_step(settings) as steps,
        refusing(case, delivery),  # (2)
        checking(case, delivery, contract, dropped(contract, treatments)) as (checked, parts),  # (3)
    ):
        hold_receipt(case, delivery, checked)
        hold_threshold(case, delivery, checked)  # (4)
        splits = (split_rows(case, valid, contract, treatments, steps) for valid in parts)
        return keep(case, delivery, contract, checked, splits)  # (5)


def case_of(settings: Settings, delivery: Delivery) -> Case:
    """The delivery in hand, under the agreement as it stands."""
    feed = load_feed(settings.config, delivery.feed)
    return Case(settings, load_agreement(settings), feed, delivery.period, open_ring(settings, Service.INGEST))


def permitted(case: Case, delivery: Delivery, contract: Contract) -> dict[str, Treatment]:
    """How the agreement, which permits the delivery today, treats each column; raises AgreementRefusal, logged."""
    with case.logging_refusal(delivery.id):
        permit_collection(case.agreement, case.feed.name, case.quarter, now().date())
        case.enact()
        return permit_fields(case.agreement, case.feed.name, contract.columns)


def dropped(contract: Contract, treatments: dict[str, Treatment]) -> list[str]:
    """The columns of which nothing is kept; no key is among them."""
    return [
        name
        for name, treatment in treatments.items()
        if treatment.treat is Treat.DROP and not treatment.generalise and name not in contract.row_key
    ]


def split_rows(
    case: Case, valid: pl.DataFrame, contract: Contract, treatments: dict[str, Treatment], steps: Steps
) -> Split:
    """Rows that stand as events, involvements and records, by the stages that are still to be done."""
    if case.feed.pseudonymised_at == "source":
        return hub_stage(valid, contract, treatments, hub_keys(case.ring), steps.hub)
    return split(valid, contract, treatments, scheme_keys(case.ring), steps.both)
