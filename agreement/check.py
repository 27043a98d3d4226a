"""Every rule on an agreement at once, for those who write, read or change one."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from agreement import (
    condition_rules,
    contract_rules,
    feed_rules,
    form_rules,
    grants,
    key_rules,
    public_rules,
    reidentification_rules,
    rules,
)
from agreement.contract_rules import FeedContract
from agreement.model import Agreement
from agreement.violation import Violation


def check_agreement(
    agreement: Agreement, contracts: Mapping[str, FeedContract], tables: Mapping[str, Collection[str]]
) -> tuple[Violation, ...]:
    """Every violation in an agreement, held against each feed's contract and the columns of the published tables.

    Whether it is in force on a day is another question: ``rules.in_force``.
    """
    found = chain(
        form_rules.form(agreement),
        form_rules.retention(agreement),
        key_rules.shared_keys(agreement),
        key_rules.counted_keys(agreement),
        _feeds(agreement),
        reidentification_rules.consents(agreement),
        public_rules.terms(agreement),
        rules.recipients(agreement),
        grants.row_filters(agreement),
        contract_rules.contracts(agreement, contracts),
        contract_rules.published(agreement, tables),
    )
    return tuple(dict.fromkeys(found))


def _feeds(agreement: Agreement) -> Iterator[Violation]:
    for feed, terms in agreement.feeds.items():
        yield from feed_rules.gateway(agreement, feed)
        yield from condition_rules.conditions(agreement, feed)
        yield from feed_rules.fields(feed, terms)
