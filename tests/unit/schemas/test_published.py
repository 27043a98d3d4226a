"""The published tables' contracts: what may stand in a release, and what never may."""

from datetime import date

import polars as pl
import pytest

from schemas.errors import ContractError
from schemas.published import MODELS, check_published, meanings, published_schema
from schemas.registry import CONTRACTS

EVENT = pl.DataFrame(
    {
        "event_id": ["a" * 32, "b" * 32],
        "feed": ["police.recorded_crime", "council.marac"],
        "event_type": ["crime", "MARAC referral"],
        "occurred_on": [date(2026, 8, 1), date(2026, 7, 15)],
        "persons": pl.Series([2, 0], dtype=pl.UInt32),
        "knife": [True, None],
        "incident_id": ["e" * 32, "f" * 32],
        "violence_kind": ["homicide", None],
        "definition_clauses": ["public space", None],
    }
)
PERSON = pl.DataFrame(
    {
        "person_id": ["c" * 32],
        "sex": ["female"],
        "ethnic_group": ["unknown"],
        "birth_year": pl.Series([2001], dtype=pl.Int32),
        "age_band": ["25-34"],
        "authorities": [2],
        "events": [3],
        "first_seen_on": [date(2026, 7, 1)],
        "last_seen_on": [date(2026, 8, 1)],
    }
)
INVOLVEMENT = pl.DataFrame(
    {
        "event_id": ["a" * 32, "a" * 32],
        "person_id": ["c" * 32, "d" * 32],
        "feed": ["police.recorded_crime"] * 2,
        "authority": ["police"] * 2,
        "role": ["victim", "suspect"],
        "rosh_public": [None, "very high"],
    }
)


@pytest.mark.parametrize(("table", "frame"), [("person", PERSON), ("event", EVENT), ("involvement", INVOLVEMENT)])
def test_a_sound_table_comes_back_in_the_contracts_order_with_wide_numbers(table: str, frame: pl.DataFrame) -> None:
    checked = check_published(table, frame.select(reversed(frame.columns)))
    assert checked.columns == [name for name in published_schema(table).columns if name in frame.columns]
    assert {dtype for dtype in checked.dtypes if dtype.is_integer()} <= {pl.Int64()}
    assert checked.equals(check_published(table, frame))


@pytest.mark.parametrize(
    ("table", "frame", "said"),
    [
        ("event", EVENT.with_columns(surname=pl.lit("Quill")), "undeclared columns .'surname'."),
        ("event", EVENT.drop("feed"), "missing columns .'feed'."),
        ("event", EVENT.with_columns(event_type=pl.lit("Quill")), "event_type"),
        ("event", EVENT.with_columns(occurred_on=pl.lit(None, dtype=pl.Date)), "occurred_on"),
        ("event", EVENT.with_columns(knife=pl.lit("Quill")), "knife: wrong datatype"),
        ("event", pl.concat([EVENT, EVENT]), "event_id: series contains duplicates"),
        ("event", EVENT.with_columns(event_id=pl.lit("01/100000/26")), "event_id"),
        ("person", PERSON.with_columns(sex=pl.lit("F")), "sex"),
        ("person", PERSON.with_columns(authorities=pl.lit(7)), "authorities"),
        ("involvement", INVOLVEMENT.with_columns(role=pl.lit("witness")), "role"),
        ("address", EVENT, "there is no such published table"),
    ],
)
def test_a_table_that_breaks_its_contract_is_refused_without_a_value(
    table: str, frame: pl.DataFrame, said: str
) -> None:
    with pytest.raises(ContractError, match=said) as refusal:
        check_published(table, frame)
    assert "Quill" not in str(refusal.value)
    assert "01/100000/26" not in str(refusal.value)


def test_every_column_has_a_meaning() -> None:
    assert all(all(meanings(table).values()) for table in MODELS)


def test_no_identifier_reference_or_private_column_can_be_published() -> None:
    published = {name for table in MODELS for name in published_schema(table).columns}
    never = {name for contract in CONTRACTS.values() for name in (*contract.identifiers, *contract.row_key)}
    never -= {"sex", "incident_id"}  # the hub makes the latter itself; a feed's own of that name is a reference
    private = {
        "address",
        "middle_name",
        "noms_number",
        "upn",
        "easting",
        "northing",
        "reference_sealed",
        "token_surname",
    }
    assert not published & (never | private)


def test_a_name_that_feeds_share_has_one_type() -> None:
    types: dict[str, set[object]] = {}
    for contract in CONTRACTS.values():
        for name in contract.publishable:
            types.setdefault(name, set()).add(contract.schema.columns[name].dtype.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}
