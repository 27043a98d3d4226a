"""The shipped agreement as documents are made from it, and the same with something changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml

from agreement.model import Agreement
from agreement.policy import read_agreement
from documents.sources import Sources
from hub.feeds import AUTHORITIES, load_feeds
from hub.settings import PROJECT
from schemas.registry import CONTRACTS
from tests.agreed import keys_of, signed

ON = date(2026, 10, 1)
COMMIT = "c0ffee" + "0" * 34
SHIPPED = PROJECT / "config" / "agreement.yaml"

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> Sources:
    """What is shipped, with a change."""
    terms = yaml.load(SHIPPED.read_text(encoding="utf-8"), yaml.CSafeLoader)
    change(terms)
    return sources_of(Agreement.model_validate(terms))


def sources_of(agreement: Agreement, on: date = ON) -> Sources:
    return Sources(agreement, load_feeds(PROJECT / "config"), CONTRACTS, on, COMMIT)


def with_keys(terms: dict[str, Any]) -> None:
    terms["parties"] = [party | keys_of(party["authority"]) for party in terms["parties"]]


def many_feeds(terms: dict[str, Any]) -> None:
    """Twenty feeds and four recipients, with long names."""
    shipped = list(terms["feeds"])
    for number in range(20 - len(shipped)):
        name = f"{AUTHORITIES[number % 6]}.another_feed_with_quite_a_long_name_{number}"
        terms["feeds"][name] = dict(terms["feeds"][shipped[number % len(shipped)]])
    first = next(iter(terms["recipients"].values()))
    for number in range(2):
        title = f"Evaluation team {number} of the university and of the council's public health directorate"
        terms["recipients"][f"team_{number}"] = first | {"title": title}
    street = {"event": {"columns": ["event_id", "crime_category"], "rows": {"feed": ["police.street_crime"]}}}
    terms["recipients"]["readers"] = first | {"title": "Readers of open data", "tables": street}


@pytest.fixture(scope="session")
def shipped() -> Sources:
    return sources_of(read_agreement(SHIPPED))


@pytest.fixture(scope="session")
def agreed() -> Sources:
    """The shipped agreement with keys, signed by all."""
    return sources_of(signed(changed(with_keys).agreement))
