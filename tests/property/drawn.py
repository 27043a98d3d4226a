"""A stock of random agreements: drawn once, for drawing one takes longer than asking it a thousand times."""

from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from agreement.grants import COUNTED_LAST, IDS
from agreement.model import Agreement
from agreement.rules import HUB_COLUMNS
from tests.agreed import signed
from tests.cases import cases
from tests.property.agreements import VALUES, texts
from tests.property.oracle import terms_of

STOCK = cases(300, 6)
FIXED: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}
"""Settings under which hypothesis draws the same in each run."""


@cache
def stock() -> tuple[Agreement, ...]:
    """Signed agreements that break no rule, the same in each run. In some, rows are narrowed by what is not granted."""
    found: list[Agreement] = []

    @settings(max_examples=STOCK, phases=[Phase.generate], **FIXED)
    @given(texts())
    def draw(agreement: Agreement) -> None:
        found.append(agreement)

    draw()
    return tuple(narrowed(agreement, Random(number)) for number, agreement in enumerate(found))


def narrowed(agreement: Agreement, random: Random) -> Agreement:
    """The agreement with further row filters, by columns that the recipient may not get."""
    terms = terms_of(agreement)
    for recipient in terms["recipients"].values():
        for table, grant in recipient["tables"].items():
            by = sorted(VALUES.keys() & HUB_COLUMNS[table] - IDS - COUNTED_LAST.get(table, frozenset()))
            if by and random.random() < 0.7:
                column = random.choice(by)
                values = VALUES[column]
                grant.setdefault("rows", {})[column] = random.sample(values, k=(2 * len(values) + 2) // 3)
    return signed(Agreement.model_validate(terms))


def spoilt(agreement: Agreement, random: Random) -> Agreement:
    """The agreement as it is; in one case of ten without a party's signature, in one changed after it was signed."""
    how = random.randrange(10)
    if how > 1:
        return agreement
    terms: dict[str, Any] = terms_of(agreement)
    gone = random.choice(agreement.signatures)
    kept = [given for given in agreement.signatures if given is not gone]
    if how == 0:
        return Agreement.model_validate(terms | {"signatures": kept})
    terms["late_feed_wait_days"] += 1
    return Agreement.model_validate(terms | {"signatures": agreement.signatures})
