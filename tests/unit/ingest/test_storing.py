"""What a split made is stored only if the agreement permits each column of the very tables, on that very day."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from agreement.errors import AgreementRefusal
from agreement.policy import load_agreement, permit_fields
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import Settings
from ingest.case import Case
from ingest.storing import storing
from keys.home import create_ring
from pseudonymise.scheme_keys import scheme_keys
from pseudonymise.split import Split, split
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.deliveries import Delivery, open_delivery
from tests.agreed import signed
from tests.unit.ingest.conftest import QUARTER
from tests.unit.pseudonymise.test_split import COLUMNS, TWO_CRIMES

FEED = "police.recorded_crime"
CONTRACT = contract_for(FEED)


@pytest.fixture
def case(settings: Settings) -> Case:
    ring = create_ring(settings)
    return Case(settings, load_agreement(settings), load_feed(settings.config, FEED), QUARTER, ring)


@pytest.fixture
def parts(case: Case) -> Split:
    """Two crimes, split."""
    rows = pl.DataFrame(TWO_CRIMES, schema=COLUMNS, orient="row")
    return split(rows, CONTRACT, permit_fields(case.agreement, FEED, rows.columns), scheme_keys(case.ring))


def stored(case: Case, parts: Split) -> list[str]:
    """Store the tables, and name the files that are there then."""
    with transaction(case.settings) as connection:
        delivery: Delivery = open_delivery(connection, case.ring, case.feed, QUARTER)
        key = open_data_key(connection, case.ring, delivery.data_key_id)
    with storing(case, delivery, key, CONTRACT) as add:
        add(case, parts)
    return files(case)


def files(case: Case) -> list[str]:
    return sorted(path.parent.parent.name for path in case.settings.home.rglob("*.parquet"))


def test_what_the_agreement_keeps_is_stored(case: Case, parts: Split) -> None:
    assert stored(case, parts) == ["events", "events", "records"]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("events", "address", "1 Canary Road"),
        ("events", "committed_from", datetime(2026, 7, 1, tzinfo=UTC)),
        ("events", "sex", "female"),  # it is kept, but of the person
        ("involvements", "surname", "Canarytest"),
        ("involvements", "offence_code", "005/01"),
        ("records", "token_nhs_number", "a" * 32),  # the police have none
        ("records", "shoe_size", "43"),
    ],
)
def test_a_column_too_many_in_any_table_stops_all_of_them(
    case: Case, parts: Split, table: str, column: str, value: object
) -> None:
    wrong = getattr(parts, table).with_columns(pl.lit(value).alias(column))
    with pytest.raises(AgreementRefusal, match=f"make no column {column}") as refused:
        stored(case, replace(parts, **{table: wrong}))
    assert "Canary" not in str(refused.value)
    assert files(case) == []


def test_a_token_of_a_name_of_which_one_half_is_dropped_is_not_stored(case: Case, parts: Split) -> None:
    terms = case.agreement.feeds[FEED]
    dropped = terms.fields["forename"].model_copy(update={"treat": "drop"})
    fewer = terms.model_copy(update={"fields": terms.fields | {"forename": dropped}})
    agreement = signed(case.agreement.model_copy(update={"feeds": {**case.agreement.feeds, FEED: fewer}}))
    names = ["token_forename", "token_forename_phonetic", "token_forename_prefix", "encoding_forename"]
    blank = parts.records.with_columns(pl.lit(None, parts.records.schema[name]).alias(name) for name in names)
    with pytest.raises(AgreementRefusal, match="token_full_name"):
        stored(replace(case, agreement=agreement), replace(parts, records=blank))
