"""Collected, split, stored and linked: only what the agreement's own text says, whatever it says and whatever comes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

import polars as pl

from agreement.model import Agreement
from agreement.policy import permit_collection, permit_fields, permit_linkage, permit_storage
from hub.periods import Quarter
from ingest.storing import held_columns, not_tokenised
from keys.key import Key
from pseudonymise.fields import LINKAGE_COLUMNS
from pseudonymise.hub_stage import hub_stage
from pseudonymise.scheme_keys import HubKeys, SchemeKeys, SourceKeys
from pseudonymise.split import Split, split
from publish.parquet import from_parquet, to_parquet
from schemas.contract import Contract
from schemas.registry import CONTRACTS
from tests.property import oracle
from tests.property.cases import CASES, mostly, often, permits, run
from tests.property.drawn import spoilt
from tests.property.frames import CANARY, delivered

QUARTERS, FAR_QUARTERS = ("2026-Q2", "2026-Q3"), ("2022-Q4", "2023-Q4", "2026-Q1", "2026-Q4", "2027-Q1")
DAYS, FAR_DAYS = (date(2026, 10, 5), date(2027, 3, 31)), (date(2024, 2, 28), date(2026, 9, 30), date(2027, 4, 1))
TODAY = DAYS[0]
HUB = HubKeys(Key("hub/1", b"h" * 32), Key("event/1", b"e" * 32))
KEYS = SchemeKeys(SourceKeys(Key("source/1", b"s" * 32)), HUB, Key("reference/1", b"r" * 32))
OWN = {"events": {"event_id", "feed", "event_type"}, "involvements": {"event_id", "record_id", "feed"}}
MADE_OF = {  # of which identifiers a token or an encoding is made, where it is not of the one of its name
    **dict.fromkeys(("birth_year", "birth_month", "birth_day"), ("date_of_birth",)),
    **dict.fromkeys(("forename_phonetic", "forename_prefix", "forename_family"), ("forename",)),
    **dict.fromkeys(("surname_phonetic", "surname_prefix"), ("surname",)),
    **dict.fromkeys(("postcode_sector", "postcode_district"), ("postcode",)),
    "full_name": ("forename", "surname"),
}


def test_the_cases_of_all_properties_are_five_thousand_and_more() -> None:
    assert sum(CASES.values()) >= 5000


def test_a_feed_is_collected_only_as_the_agreement_says() -> None:
    def decide(agreement: Agreement, random: Random) -> str:
        agreement = spoilt(agreement, random)
        terms, (quarter, day) = oracle.terms_of(agreement), when(random)
        feed = mostly(random, sorted(terms["feeds"]), sorted(CONTRACTS))
        right = oracle.in_force(terms, agreement.signatures, day) and oracle.may_collect(terms, feed, quarter, day)
        assert permits(lambda: permit_collection(agreement, feed, Quarter.parse(quarter), day)) is right
        return "permitted" if right else "refused"

    found = run("collected", decide)
    assert often(found, 0.2, "permitted")
    assert often(found, 0.2, "refused")


def test_persons_are_linked_only_as_the_agreement_says() -> None:
    def decide(agreement: Agreement, random: Random) -> str:
        agreement = spoilt(agreement, random)
        terms, (quarter, day) = oracle.terms_of(agreement), when(random)
        named = terms["linkage"]["feeds"] or sorted(terms["feeds"])
        feeds = random.sample(named, k=min(len(named), random.randint(1, 2)))
        feeds += random.sample(sorted(CONTRACTS), k=random.randrange(4) == 0)
        right = oracle.in_force(terms, agreement.signatures, day) and oracle.may_link(terms, feeds, quarter, day)
        assert permits(lambda: permit_linkage(agreement, feeds, Quarter.parse(quarter), day)) is right
        for feed in set(feeds) & set(terms["feeds"]):
            hidden = {name for name in LINKAGE_COLUMNS if not may_hold(terms, CONTRACTS[feed], name)}
            assert not_tokenised(agreement, CONTRACTS[feed]) == hidden
        return "permitted" if right else "refused"

    found = run("linked", decide)
    assert often(found, 0.15, "permitted")
    assert often(found, 0.2, "refused")


def test_of_rows_only_that_is_stored_which_the_agreement_keeps() -> None:
    def decide(agreement: Agreement, random: Random) -> str:
        terms, quarter = oracle.terms_of(agreement), mostly(random, QUARTERS, FAR_QUARTERS)
        contract = CONTRACTS[random.choice(sorted(terms["feeds"]))]
        rows = delivered(contract, random)
        columns = [*rows.columns, *random.sample(("shoe_size", "nickname"), k=random.randrange(2))]
        declared = set(columns) <= terms["feeds"][contract.feed]["fields"].keys()
        assert permits(lambda: permit_fields(agreement, contract.feed, columns)) is declared
        parts = leaking(split_of(agreement, contract, rows), rows, contract, random)
        tables = {name: from_parquet(to_parquet(frame)) for name, frame in vars(parts).items()}
        if not contract.personal:
            del tables["involvements"], tables["records"]
        wrong = list(amiss(terms, contract, tables))
        right = oracle.may_collect(terms, contract.feed, quarter, TODAY) and not wrong
        stored = list(held_columns(contract, parts))
        act = partial(permit_storage, agreement, contract.feed, Quarter.parse(quarter), stored, TODAY)
        assert permits(act) is right
        if right:
            hold_values(terms, contract, rows, tables)
        return "permitted" if right else "refused"

    found = run("stored", decide)
    assert often(found, 0.2, "permitted")
    assert often(found, 0.2, "refused")


def when(random: Random) -> tuple[str, date]:
    """A quarter, and a day on which it is asked for."""
    return mostly(random, QUARTERS, FAR_QUARTERS), mostly(random, DAYS, FAR_DAYS)


def split_of(agreement: Agreement, contract: Contract, rows: pl.DataFrame) -> Split:
    treatments = permit_fields(agreement, contract.feed, rows.columns)
    if agreement.feeds[contract.feed].pseudonymised_at == "source":
        return hub_stage(rows, contract, treatments, HUB)
    return split(rows, contract, treatments, KEYS)


def leaking(parts: Split, rows: pl.DataFrame, contract: Contract, random: Random) -> Split:
    """In half of the cases the tables with a column of the feed too many, as a mistake in a split would leave them."""
    where = random.choice(("nowhere", "nowhere", *vars(parts)))
    if where == "nowhere":
        return parts
    if where == "records" and contract.personal:
        name = random.choice(sorted(LINKAGE_COLUMNS))
        filled = pl.lit(b"x" if name.startswith("encoding_") else "f" * 32).alias(name)
        return replace(parts, records=parts.records.with_columns(filled))
    about = contract.person_columns if where == "involvements" and contract.personal else contract.event_columns
    table = "involvements" if about is contract.person_columns else "events"
    name = random.choice(about)
    frame = getattr(parts, table)
    return replace(parts, **{table: frame.with_columns(pl.lit(rows[name][0]).alias(name))})


def may_hold(terms: oracle.Terms, contract: Contract, column: str) -> bool:
    """Whether records may have a token or an encoding: everything that it is made of is tokenised."""
    if terms["feeds"][contract.feed]["pseudonymised_at"] == "source":
        return oracle.treatment(terms, contract.feed, column)["treat"] == "tokenise"
    field = column.split("_", 1)[1]
    for kind in MADE_OF.get(field, (field,)):
        named = [name for name, is_a in contract.identifiers.items() if str(is_a) == kind]
        if not named or oracle.treatment(terms, contract.feed, named[0])["treat"] != "tokenise":
            return False
    return True


def kept_from(terms: oracle.Terms, contract: Contract, table: str) -> dict[str, tuple[str, str]]:
    """The columns that a table may have besides the hub's own: each with the feed's column and what is done to it."""
    about = contract.event_columns if table == "events" else contract.person_columns
    kept: dict[str, tuple[str, str]] = {}
    for name in about:
        said = oracle.treatment(terms, contract.feed, name)
        kept |= {name: (name, "as_is")} if said["treat"] == "keep" else {}
        kept |= {new: (name, how) for new, how in said.get("generalise", {}).items()}
    return kept


def amiss(terms: oracle.Terms, contract: Contract, tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Every column that must not be stored."""
    for table in OWN.keys() & tables.keys():
        allowed = OWN[table] | kept_from(terms, contract, table).keys()
        allowed |= {"role"} if table == "involvements" and contract.role else set()
        yield from set(tables[table].columns) - allowed
    for column in LINKAGE_COLUMNS if "records" in tables else ():
        if tables["records"][column].is_not_null().any() and not may_hold(terms, contract, column):
            yield column


def hold_values(
    terms: oracle.Terms, contract: Contract, rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> None:
    """Every value stands where it may: a published one in its column, of all others keyed forms alone."""
    for table in OWN.keys() & tables.keys():
        kept = kept_from(terms, contract, table)
        for column in tables[table].columns:
            values = set(tables[table][column])
            if column in kept:
                assert values <= {form(value, kept[column][1]) for value in rows[kept[column][0]]}
            elif column.endswith("_id"):
                assert all(len(value) == 32 and int(value, 16) >= 0 for value in values)
            else:
                assert values <= {contract.feed, contract.event_type, contract.role}
    if contract.personal:
        assert CANARY not in repr(tables["records"].rows())
        tokens = tables["records"].select("^token_.*$|^record_id$")
        assert all(len(value) == 32 and int(value, 16) >= 0 for token in tokens for value in token.drop_nulls())


def form(value: Any, how: str) -> Any:
    """A value as it is published."""
    return value.year if how == "year" and value is not None else value
