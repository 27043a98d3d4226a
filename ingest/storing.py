"""The tables of a split on their way to their zones: held against the agreement as they are, and stored."""

from collections.abc import Iterator, Sequence

from agreement.model import Agreement
from agreement.policy import permit_storage, tokenised
from hub.clock import now
from ingest.case import Case
from keys.key import Key
from pseudonymise.fields import LINKAGE_COLUMNS, made_from
from pseudonymise.split import Split
from schemas.contract import Contract
from store.deliveries import Delivery
from store.tables import write_table

OWN = frozenset({"event_id", "record_id", "feed", "authority", "event_type", "reference_sealed"})
"""Columns that the hub makes itself. What is the source's own in them is digested or sealed."""


def store(case: Case, delivery: Delivery, key: Key, contract: Contract, parts: Split) -> None:
    """Write a delivery's tables, each encrypted and under its own name; raises AgreementRefusal, which is logged.

    1. The agreement permits each column of these very tables on the day that they are written (``permit_storage``).
       All tables are asked about before the first is written.
    """
    with case.logging_refusal(delivery.id):
        stored = held_columns(contract, parts)
        permit_storage(case.agreement, delivery.feed, delivery.period, stored, now().date())  # (1)
        case.enact()
    place = f"{delivery.feed}/{delivery.id}"
    write_table(case.settings, "events", f"{place}.parquet", key, parts.events)
    if contract.personal:
        write_table(case.settings, "events", f"{place}.involvements.parquet", key, parts.involvements)
        write_table(case.settings, "records", f"{place}.parquet", key, parts.records)


def held_columns(contract: Contract, parts: Split) -> Iterator[tuple[str, Sequence[str]]]:
    """Every column of the tables that are stored but the hub's own, with the feed's columns that it can be made from.

    A token or an encoding that is blank in every row is not held: records of all feeds have the same columns.
    """
    yield from ((name, contract.event_columns) for name in parts.events.columns if name not in OWN)
    if contract.personal:
        own = OWN | ({"role"} if contract.role else set())
        yield from ((name, contract.person_columns) for name in parts.involvements.columns if name not in own)
        records = parts.records
        held = (name for name in records.columns if name not in OWN and records[name].null_count() < records.height)
        yield from ((name, sources(contract, name)) for name in held)


def sources(contract: Contract, column: str) -> tuple[str, ...]:
    """The feed's columns that a token or an encoding is made from; none where the feed has not all of them."""
    if column in contract.columns:  # it was made by the authority
        return (column,)
    kinds = made_from(column)
    named = tuple(name for name, kind in contract.identifiers.items() if kind in kinds)
    return named if len(named) == len(kinds) else ()


def not_tokenised(agreement: Agreement, contract: Contract) -> frozenset[str]:
    """The columns of records that the agreement, as it stands now, does not let persons be linked by."""
    terms = agreement.feeds[contract.feed]
    return frozenset(name for name in LINKAGE_COLUMNS if not tokenised(terms, sources(contract, name)))
