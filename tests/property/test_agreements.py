"""What is drawn at random is an agreement that could be: it breaks no rule and is in force."""

from datetime import date

from hypothesis import HealthCheck, given, settings

from agreement import rules
from agreement.check import check_agreement
from agreement.model import Agreement
from schemas.registry import CONTRACTS
from tests.cases import cases
from tests.property.agreements import PUBLISHED, agreements


@settings(max_examples=cases(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(agreements())
def test_a_random_agreement_breaks_no_rule_and_is_in_force(agreement: Agreement) -> None:
    contracts = {feed: CONTRACTS[feed] for feed in agreement.feeds}
    assert [str(found) for found in check_agreement(agreement, contracts, PUBLISHED)] == []
    assert list(rules.in_force(agreement, date(2026, 10, 5))) == []
