"""What the agreement, as it stands now, lets a release take from a delivery that was admitted before."""

from datetime import date

from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.policy import permit_collection, permit_fields
from schemas.registry import contract_for
from store.deliveries import Delivery


def publishable(agreement: Agreement, delivery: Delivery, on: date) -> frozenset[str]:
    """The columns of a delivery's tables that a release may take, ids among them; raises AgreementRefusal.

    Terms may have been withdrawn or narrowed since the delivery was admitted, so they are asked again:

    1. The feed has terms, its gateway and conditions hold, and the quarter is not before its earliest.
    2. Of what was kept at admission, those columns are taken that the terms still publish.
    """
    contract = contract_for(delivery.feed)
    try:
        permit_collection(agreement, delivery.feed, delivery.period, on)  # (1)
        treatments = permit_fields(agreement, delivery.feed, contract.columns)
    except AgreementRefusal as refusal:
        what = f"Releasing what {delivery.feed} delivered for {delivery.period} is refused"
        raise AgreementRefusal(what, where=refusal.where, why=refusal.why, fix=refusal.fix) from None
    own = {"event_id", "record_id", "feed", "event_type"} | ({"role"} if contract.role else set())
    return frozenset(own.union(*(treatment.published(name) for name, treatment in treatments.items())))  # (2)
