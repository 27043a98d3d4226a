"""A column that still looks like an identifier never leaves a source, though a contract would let it."""

import polars as pl
import pytest

from pseudonymise.errors import StillIdentifies
from pseudonymise.leaving import leaving, refuse_identifiers
from pseudonymise.scheme_keys import source_keys
from pseudonymise.source import encode_rows
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.validation import validate
from tests.unit.pseudonymise.test_source import CLEAR, QUARTER, RING


@pytest.fixture(scope="module")
def clear() -> pl.DataFrame:
    return validate(parse("csv", CLEAR.encode(), HEALTH_CLEAR), HEALTH_CLEAR, QUARTER).valid


@pytest.fixture(scope="module")
def rows(clear) -> pl.DataFrame:
    return encode_rows(clear, HEALTH_CLEAR, EMERGENCY_CARE, source_keys(RING))


def refuse(rows: pl.DataFrame, clear: pl.DataFrame) -> None:
    refuse_identifiers(rows, EMERGENCY_CARE, clear, HEALTH_CLEAR)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("9434765919", "look like NHS numbers"),
        ("no. 943 476 5919", "look like NHS numbers"),
        ("kt11eu", "hold a full postcode"),
        ("by KT1 1EU", "hold a full postcode"),
        ("CANARYTEST", "hold a forename or surname of this file"),
        ("seen with josé", "hold a forename or surname of this file"),
        ("he was hit by them", "look like free text"),
        ("x" * 61, "look like free text"),
    ],
)
def test_it_is_refused_by_column_and_count_and_its_value_is_not_said(rows, clear, value, why):
    with pytest.raises(StillIdentifies) as refusal:
        refuse(rows.with_columns(lsoa_code=pl.lit(value)), clear)
    assert "column lsoa_code" in str(refusal.value)
    assert f"1 of its 1 different values {why}" in str(refusal.value)
    assert value not in str(refusal.value)


def test_a_number_that_is_an_nhs_number_is_refused_too(rows, clear):
    with pytest.raises(StillIdentifies, match="column birth_year"):
        refuse(rows.with_columns(birth_year=pl.lit(9434765919)), clear)


@pytest.mark.parametrize("value", ["E01002915", "RAX01", "9434765918", "KT1 1", "Joe", "home", None])
def test_codes_areas_and_parts_of_postcodes_leave(rows, clear, value):
    refuse(rows.with_columns(lsoa_code=pl.lit(value, dtype=pl.String)), clear)


def test_a_column_of_known_codes_is_no_matter_how_it_looks(rows, clear):
    """SNOMED CT has codes of ten digits, of which one in eleven passes for an NHS number."""
    refuse(rows.with_columns(place_of_injury=pl.lit("9434765919")), clear)


def test_what_leaves_is_told_by_kind_and_count(rows):
    told = {each.name: each for each in leaving(rows)}
    assert {each.kind for each in told.values()} == {"attribute", "encoding", "sealed reference", "token"}
    assert (told["token_surname"].kind, told["token_surname"].filled, told["token_surname"].distinct) == ("token", 1, 1)
    assert (told["reference"].kind, told["reference_sealed"].kind) == ("token", "sealed reference")
