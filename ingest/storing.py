"""The tables of a split on their way to their zones: held against the agreement as they are, and stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import polars as pl

from agreement.model import Agreement
from agreement.policy import permit_storage, tokenised
from hub.clock import now
from hub.settings import Zone
from ingest.case import Case
from keys.key import Key
from keys.purposes import Purpose
from pseudonymise.covering import covered
from pseudonymise.fields import LINKAGE_COLUMNS, made_from
from pseudonymise.scheme_keys import token_version
from pseudonymise.split import Split
from schemas.contract import Contract
from store.deliveries import Delivery
from store.kept import tables_name
from store.tables import writing_table

OWN: Mapping[str, frozenset[str]] = {
    "events": frozenset({"event_id", "feed", "event_type"}),
    "involvements": frozenset({"event_id", "record_id", "feed"}),
    "records": frozenset({"record_id", "feed", "authority", "reference_sealed"}),
}
"""Columns of each table that the hub makes itself. What is the source's own in them is digested or sealed."""


HUB_VERSION = "hub_version"


COVERED = "encodings_covered"


def uncovered(records: pl.DataFrame, stated: Mapping[str, str], hub: Key, delivery: str) -> pl.DataFrame:
    """Stored records with their encodings readable; as they are, where they were written before any were covered."""
    return covered(records, hub, delivery) if COVERED in stated else records


def stated_version(stated: Mapping[str, str]) -> int:
    """Of which version a table of records states its tokens to be; of the first, if it was written before any did.

    It is the number of the newest key that lies on them, the hub's own or the source key.
    """
    return int(stated.get(HUB_VERSION, "1"))


@contextmanager
def storing(case: Case, delivery: Delivery, key: Key, contract: Contract) -> Iterator[Callable[[Case, Split], None]]:
    """A block that writes a delivery's tables part by part, each encrypted; at its end they lie under their names.

    1. Each part comes with the case as it then stands, whose agreement permits each column of it on the day that it is
       written (``permit_storage``). Else AgreementRefusal is raised, which is logged, and nothing takes its name.
    2. Records state of which version their tokens are, so that no two are mixed (docs/decisions/0022); their encodings
       are covered under the hub key (``pseudonymise.covering``).
    """
    place = tables_name(delivery)
    with ExitStack() as files:

        def table(zone: Zone, name: str, **stated: str) -> Callable[[pl.DataFrame], None]:
            return files.enter_context(writing_table(case.settings, zone, name, key, metadata=stated))

        events = table("events", f"{place}.parquet")
        if contract.personal:
            involvements = table("events", f"{place}.involvements.parquet")
            records = table(
                "records", f"{place}.parquet", **{HUB_VERSION: str(token_version(case.ring)), COVERED: "yes"}
            )  # (2)
            hub = case.ring.key(Purpose.HUB)

        def add(current: Case, parts: Split) -> None:
            with current.logging_refusal(delivery.id):
                stored = held_columns(contract, parts)
                permit_storage(current.agreement, delivery.feed, delivery.period, stored, now().date())  # (1)
                current.enact()
            events(parts.events)
            if contract.personal:
                involvements(parts.involvements)
                records(covered(parts.records, hub, delivery.id))

        yield add


def held_columns(contract: Contract, parts: Split) -> Iterator[tuple[str, Sequence[str]]]:
    """Every column of the tables that are stored but the hub's own, with the feed's columns that it can be made from.

    A token or an encoding that is blank in every row is not held: records of all feeds have the same columns.
    """
    yield from ((name, contract.event_columns) for name in parts.events.columns if name not in OWN["events"])
    if contract.personal:
        own = OWN["involvements"] | ({"role"} if contract.role else set())
        yield from ((name, contract.person_columns) for name in parts.involvements.columns if name not in own)
        records = parts.records
        filled = (name for name in records.columns if records[name].null_count() < records.height)
        held = (name for name in filled if name not in OWN["records"])
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
