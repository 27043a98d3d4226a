"""What comes out of a split, what does not, and what is refused."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from agreement.model import Treatment
from keys.key import Key
from pseudonymise.errors import ColumnNotCovered, ReferenceMissing, SealRefused
from pseudonymise.fields import RECORD_COLUMNS
from pseudonymise.references import open_seal, record_id_for
from pseudonymise.scheme_keys import HubKeys, SchemeKeys, SourceKeys
from pseudonymise.split import split
from schemas.police import RECORDED_CRIME, STREET_CRIME

KEYS = SchemeKeys(
    SourceKeys(Key("source/1", b"s" * 32)),
    HubKeys(Key("hub/1", b"h" * 32), Key("event/1", b"e" * 32)),
    Key("reference/1", b"r" * 32),
)
FEED = RECORDED_CRIME.feed
COLUMNS = {
    "crime_reference": pl.String,
    "person_number": pl.String,
    "role": pl.String,
    "offence_code": pl.String,
    "knife": pl.Boolean,
    "occurred_at": pl.Datetime("us", "UTC"),
    "forename": pl.String,
    "surname": pl.String,
    "date_of_birth": pl.Date,
    "sex": pl.String,
    "ethnic_group": pl.String,
    "address": pl.String,
    "postcode": pl.String,
}
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
JANE = ("Jane", "Canarytest", date(1990, 2, 3), "female", "white", "1 Canary Road", "KT1 1EU")
JOHN = ("John", "Canarytest", date(1900, 1, 1), "male", "black", "2 Canary Road", "ZZ99 3VZ")
TWO_CRIMES = [
    ("C1", "1", "victim", "005/01", True, NOON, *JANE),
    ("C1", "2", "suspect", "005/01", True, NOON, *JOHN),
    ("C2", "1", "suspect", "008/06", None, NOON, *JANE),
]


def treat(how, **generalise):
    return Treatment(**{"class": "attribute", "treat": how, "generalise": generalise})


TREATMENTS = {
    "crime_reference": treat("reference"),
    "person_number": treat("reference"),
    "role": treat("keep"),
    "offence_code": treat("keep"),
    "knife": treat("keep"),
    "occurred_at": treat("keep"),
    "forename": treat("tokenise"),
    "surname": treat("tokenise"),
    "date_of_birth": treat("tokenise", birth_year="year"),
    "sex": treat("tokenise", sex="as_is"),
    "ethnic_group": treat("keep"),
    "address": treat("drop"),
    "postcode": treat("tokenise", home_district="outward_postcode"),
}


def frame_of(rows):
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def split_rows(rows=TWO_CRIMES, **treatments):
    return split(frame_of(rows), RECORDED_CRIME, TREATMENTS | treatments, KEYS)


def test_three_tables_with_just_the_permitted_columns():
    made = split_rows()
    assert made.events.columns == ["event_id", "feed", "event_type", "offence_code", "knife", "occurred_at"]
    assert made.involvements.columns == [
        "event_id", "record_id", "feed", "role", "ethnic_group", "birth_year", "sex", "home_district",
    ]  # fmt: skip
    assert made.records.schema == pl.Schema(RECORD_COLUMNS)
    assert (made.events.height, made.involvements.height, made.records.height) == (2, 3, 3)


def test_generalised_columns():
    published = split_rows().involvements.select("role", "sex", "birth_year", "home_district").sort("role", "sex")
    assert published.rows() == [
        ("suspect", "female", 1990, "KT1"),
        ("suspect", "male", None, None),  # a default date and a placeholder are no knowledge
        ("victim", "female", 1990, "KT1"),
    ]


def test_no_identifier_comes_out_readable():
    made = split_rows()
    for table in (made.events, made.involvements, made.records):
        shown = repr(table.rows()).casefold()
        for secret in ("canary", "jane", "john", "1eu", "1990-02-03", "1990, 2, 3", "c1\\x1f"):
            assert secret not in shown


def test_the_same_person_has_the_same_tokens_and_different_records():
    records = split_rows().records
    assert records["record_id"].n_unique() == 3
    assert records["token_full_name"].n_unique() == 2
    assert records["token_date_of_birth"].null_count() == 1
    assert records["token_nhs_number"].null_count() == 3


def test_the_order_of_the_rows_does_not_matter():
    one, other = split_rows(), split_rows(TWO_CRIMES[::-1])
    assert one.events.equals(other.events)
    assert one.involvements.equals(other.involvements)
    assert one.records.equals(other.records)
    assert one.events["event_id"].is_sorted()
    assert one.records["record_id"].is_sorted()


def test_of_equal_keys_the_last_row_counts():
    corrected = ("C1", "1", "victim", "001/01", True, NOON, *JANE[:3], "female", "asian", *JANE[5:])
    made = split_rows([*TWO_CRIMES, corrected])
    assert (made.events.height, made.involvements.height, made.records.height) == (2, 3, 3)
    assert sorted(made.events["offence_code"]) == ["001/01", "008/06"]
    assert sorted(made.involvements["ethnic_group"]) == ["asian", "black", "white"]


def test_one_person_can_have_two_roles_in_one_event():
    both = [TWO_CRIMES[0], ("C1", "1", "suspect", *TWO_CRIMES[0][3:])]
    made = split_rows(both)
    assert (made.involvements.height, made.records.height) == (2, 1)


def test_the_evaluation_finds_a_record_by_its_reference():
    records = split_rows().records
    for row in TWO_CRIMES:
        assert record_id_for(FEED, f"{row[0]}\x1f{row[1]}", KEYS) in records["record_id"]


def test_the_one_road_back():
    records = split_rows().records
    opened = {open_seal(sealed, FEED, KEYS.seal(FEED)) for sealed in records["reference_sealed"]}
    assert opened == {"C1\x1f1", "C1\x1f2", "C2\x1f1"}
    with pytest.raises(SealRefused):
        open_seal(records["reference_sealed"][0], "yot.cases", KEYS.seal(FEED))
    with pytest.raises(SealRefused):
        open_seal(records["reference_sealed"][0], FEED, KEYS.seal("yot.cases"))


def test_a_dropped_identifier_has_no_token():
    assert split_rows(postcode=treat("drop")).records["token_postcode"].null_count() == 3


UNSAFE = {
    "an identifier that is kept": {"surname": treat("keep")},
    "an identifier published as it is": {"surname": treat("tokenise", name="as_is")},
    "a full postcode published as it is": {"postcode": treat("drop", home="as_is")},
    "a token of what is no identifier": {"address": treat("tokenise")},
    "a reference that is kept": {"crime_reference": treat("keep")},
    "an address that is kept": {"address": treat("keep")},
    "a reference that is dropped": {"person_number": treat("drop")},
}


@pytest.mark.parametrize("unsafe", UNSAFE.values(), ids=UNSAFE.keys())
def test_unsafe_treatments_are_refused(unsafe):
    with pytest.raises(ColumnNotCovered) as refusal:
        split_rows(**unsafe)
    assert next(iter(unsafe)) in str(refusal.value)


def test_a_column_of_which_the_agreement_says_nothing_is_refused():
    with pytest.raises(ColumnNotCovered, match="column shoe_size"):
        split(frame_of(TWO_CRIMES).with_columns(shoe_size=pl.lit(42)), RECORDED_CRIME, TREATMENTS, KEYS)


@pytest.mark.parametrize("reference", [None, "", "C1\x1f1"])
def test_a_row_that_cannot_be_told_apart_is_refused(reference):
    with pytest.raises(ReferenceMissing) as refusal:
        split_rows([*TWO_CRIMES, (reference, *TWO_CRIMES[0][1:])])
    assert "Canary" not in str(refusal.value)


def test_a_feed_without_persons():
    frame = pl.DataFrame({"crime_id": ["7", "7", "8"], "crime_category": ["robbery", "drugs", "drugs"]})
    made = split(frame, STREET_CRIME, {"crime_id": treat("reference"), "crime_category": treat("keep")}, KEYS)
    assert sorted(made.events["crime_category"]) == ["drugs", "drugs"]
    assert made.involvements.columns == ["event_id", "record_id", "feed", "role"]
    assert made.records.schema == pl.Schema(RECORD_COLUMNS)
    assert made.involvements.is_empty()
    assert made.records.is_empty()


def test_no_rows_are_no_special_case():
    made = split_rows([])
    assert made.records.schema == pl.Schema(RECORD_COLUMNS)
    assert made.involvements.schema == split_rows().involvements.schema
