"""The fast scheme agrees with the slow one, with the published vectors, and with independent implementations."""

# ruff: noqa: RUF001

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.gb import nhs

from pseudonymise.fields import ENCODING_FIELDS, LINKAGE_COLUMNS, TOKEN_FIELDS
from pseudonymise.linkage_columns import hub_stage_columns, linkage_columns
from pseudonymise.normalise import identifier_forms
from pseudonymise.references import both_stages, record_id_for, seal, source_references
from schemas.contract import Identifier
from tests.cases import cases
from tests.unit.pseudonymise.both_schemes import ALL_KEYS, HUB, IDENTIFIERS, SOURCE, VECTORS, frame_of, slowly

any_character = st.characters(exclude_categories=("Cs", "Cn", "Co"))
name_parts = st.sampled_from([
    "Zoë", "O'Brien", "O’Brien", "O´Neil", "Smith-Jones", "de la Cruz", "Łukasz", "STRASSE", "Straße", "Ὀδυσσεύς",
    "Σίσυφος", "İpek", "Işık", "Đặng", "Þór", "Æthel", "محمد", "Mr", "Mrs.", "Dr", "Jnr", "III", "Lord", "unknown",
    "N/A", "x", "J.", "null",
    "Bill", "liz", "R", "сергей", "王小明", "김", "\u1100\u1175\u11b7", "सुनील", "Ŋ", "ʻOkina", "PhD", "baby",
    "Pfister", "Ashcraft", "ﬁnn", "ʿAlī", "Ng", "  ", "-", "Jackson", "Tymczak", "Honeyman",
])  # fmt: skip
names = st.one_of(st.text(any_character, max_size=12), st.lists(name_parts, max_size=5).map(" ".join))
eleven_digits = st.text("0123456789", min_size=11, max_size=11)
digits = st.text("0123456789", min_size=9, max_size=10)


def checked_nhs(text: str) -> str:
    return next(text[:9] + check for check in "0123456789" if nhs.is_valid(text[:9] + check) or check == "9")


def checked_pnc(year: int, serial: int, form: str) -> str:
    letter = "ZABCDEFGHJKLMNPQRTUVWXY"[(year % 100 * 10**7 + serial) % 23]
    return form.format(year=year, two=f"{year % 100:02}", serial=serial, letter=letter)


UPN_ENDS = "0123456789ABCDEFGHJKLMNPQRTUVWXYZIOS"


def checked_upn(digits: str, last: str) -> str:
    """A number with its right check letter, or Z where a last letter is none of the alphabet."""
    letters = UPN_ENDS[10:33]
    worth = [int(digit) for digit in digits] + [int(last) if last.isdigit() else letters.find(last)]
    total = sum(digit * weight for digit, weight in zip(worth, range(2, 14), strict=True))
    return letters[total % 23] + digits + last


pnc_forms = st.sampled_from([
    "{year}/{serial:07}{letter}", "{year}{serial:07}{letter}", "{two}/{serial}{letter}", "{two}{serial}{letter}",
    "{year}/{serial}Z",
])  # fmt: skip
people = st.fixed_dictionaries({
    "forename": st.none() | names,
    "surname": st.none() | names,
    "date_of_birth": st.none() | st.dates(date(1899, 12, 1), date(2100, 2, 1)),
    "sex": st.sampled_from(["female", "male", "other", "unknown", None, "F", " m", "1", "2", "9", "0"]),
    "nhs_number": st.none() | digits | digits.map(checked_nhs) | st.sampled_from(["943 476 5919", "943-476-5919"]),
    "pnc_id": st.none() | st.builds(checked_pnc, st.integers(1890, 2110), st.integers(0, 9_999_999), pnc_forms),
    "crn": st.none() | st.from_regex(r"\A[A-Za-z] ?[0-9]{5,7}\Z") | st.sampled_from(["X000000", "x 123456"]),
    "upn": st.none() | st.builds(checked_upn, eleven_digits, st.sampled_from(UPN_ENDS)),
    "postcode": st.none()
    | st.from_regex(r"\A[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}\Z")
    | st.sampled_from(["kt11eu", "GIR 0AA", "ZZ99 3VZ", "NF1 1NF", "W1A 1HQ", "SW1A-2AA", "KT1", "ﬀ"]),
    "uprn": st.none() | st.text("0123456789.E+ ", max_size=14),
})  # fmt: skip


@settings(max_examples=cases(300), deadline=None)
@given(st.lists(people, min_size=1, max_size=30))
def test_it_agrees_with_the_slow_scheme_on_generated_people(crowd):
    made = linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, None)
    assert made.to_dicts() == [slowly(person, hub=False) for person in crowd]


@settings(max_examples=cases(100), deadline=None)
@given(st.lists(people, min_size=1, max_size=20))
def test_both_stages_at_once_are_the_hub_stage_after_the_source_stage(crowd):
    at_once = linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, HUB)
    after = hub_stage_columns(linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, None), HUB)
    assert at_once.equals(after)
    assert at_once.row(0, named=True) == slowly(crowd[0], hub=True)


@settings(max_examples=cases(300), deadline=None)
@given(st.lists(digits | digits.map(checked_nhs), min_size=1, max_size=50))
def test_nhs_numbers_are_valid_when_stdnum_says_so(numbers):
    kept = identifier_forms(pl.Series(numbers), Identifier.NHS_NUMBER)["nhs_number"]
    placeholder = [len(set(number)) == 1 or number == "9876543210" for number in numbers]
    expected = [n if nhs.is_valid(n) and not p else None for n, p in zip(numbers, placeholder, strict=True)]
    assert kept.to_list() == expected


@pytest.mark.parametrize("person", VECTORS["persons"], ids=range(len(VECTORS["persons"])))
@pytest.mark.parametrize("stage", ["stage_1", "stage_2"])
def test_it_makes_the_published_vectors(person, stage):
    clear = person["clear"]
    born = clear["date_of_birth"] and date.fromisoformat(clear["date_of_birth"])
    frame = frame_of([{**clear, "date_of_birth": born}])
    made = linkage_columns(frame, IDENTIFIERS, SOURCE, HUB if stage == "stage_2" else None).row(0, named=True)
    tokens = {field: made[f"token_{field}"] for field in TOKEN_FIELDS if made[f"token_{field}"]}
    encodings = {field: made[f"encoding_{field}"].hex() for field in ENCODING_FIELDS if made[f"encoding_{field}"]}
    assert tokens == person[stage]["tokens"]
    assert encodings == person[stage]["encodings"]


@pytest.mark.parametrize("vector", VECTORS["references"], ids=lambda vector: vector["feed"])
def test_it_makes_the_published_references(vector):
    feed, reference = vector["feed"], pl.Series(["\x1f".join(vector["parts"])])
    assert source_references(reference, feed, SOURCE).to_list() == [vector["stage_1"]]
    assert both_stages(reference, feed, "event", ALL_KEYS).to_list() == [vector["event_id"]]
    assert record_id_for(feed, reference, ALL_KEYS).to_list() == [vector["record_id"]]
    assert record_id_for(feed, reference[0], ALL_KEYS) == vector["record_id"]
    assert seal(reference, feed, ALL_KEYS.seal(feed))[0].hex() == vector["sealed_by_hub"]
    assert seal(reference, feed, SOURCE.seal(feed))[0].hex() == vector["sealed_at_source"]


@pytest.mark.parametrize("hub", [None, HUB], ids=["stage 1", "both stages"])
def test_frames_without_rows_or_values_are_no_special_case(hub):
    empty = frame_of([])
    assert linkage_columns(empty, IDENTIFIERS, SOURCE, hub).schema == pl.Schema(LINKAGE_COLUMNS)
    nothing = linkage_columns(frame_of([{}, {}]), IDENTIFIERS, SOURCE, hub)
    assert nothing.null_count().sum_horizontal().item() == 2 * len(LINKAGE_COLUMNS)


def test_a_feed_with_few_identifiers_has_all_columns():
    frame = pl.DataFrame({"name": ["Smith"], "other": [1]})
    made = linkage_columns(frame, {"name": Identifier.SURNAME}, SOURCE, HUB)
    assert made.schema == pl.Schema(LINKAGE_COLUMNS)
    assert made["token_surname"].null_count() == 0
    assert made["token_full_name"].null_count() == 1
