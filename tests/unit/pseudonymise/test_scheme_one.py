"""The fast scheme agrees with the slow one, with the published vectors, and with independent implementations."""

# ruff: noqa: RUF001

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import slow_scheme
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.gb import nhs

from keys.key import Key
from pseudonymise.fields import ENCODING_FIELDS, LINKAGE_COLUMNS, TOKEN_FIELDS
from pseudonymise.linkage_columns import hub_stage_columns, linkage_columns
from pseudonymise.normalise import identifier_forms
from pseudonymise.references import both_stages, record_id_for, seal, source_references
from pseudonymise.scheme_keys import HubKeys, SchemeKeys, SourceKeys
from schemas.contract import Identifier

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "token-scheme-1.json").read_text(encoding="utf-8"))
KEYS = {name: bytes.fromhex(material) for name, material in VECTORS["keys"].items()}
SOURCE = SourceKeys(Key("source/1", KEYS["source"]))
HUB = HubKeys(Key("hub/1", KEYS["hub"]), Key("event/1", KEYS["event"]))
ALL_KEYS = SchemeKeys(SOURCE, HUB, Key("reference/1", KEYS["reference"]))
IDENTIFIERS = {str(identifier): identifier for identifier in Identifier}
COLUMNS = {name: pl.Date if name == "date_of_birth" else pl.String for name in IDENTIFIERS}


def frame_of(people: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([{name: person.get(name) for name in COLUMNS} for person in people], schema=COLUMNS)


def slow_columns(person: dict, *, hub: bool) -> dict:
    made = dict.fromkeys(LINKAGE_COLUMNS)
    for field, value in slow_scheme.canonical(person).items():
        token = slow_scheme.source_token(KEYS["source"], field, value)
        made[f"token_{field}"] = (slow_scheme.hub_token(KEYS["hub"], field, token) if hub else token).hex()
        if field in ENCODING_FIELDS:
            bits = slow_scheme.source_encoding(KEYS["source"], field, value)
            moved = slow_scheme.hub_encoding(KEYS["hub"], field, bits) if hub else bits
            made[f"encoding_{field}"] = slow_scheme.as_bytes(moved)
    return made


any_character = st.characters(exclude_categories=("Cs", "Cn", "Co"))
name_parts = st.sampled_from([
    "Zoë", "O'Brien", "O’Brien", "O´Neil", "Smith-Jones", "de la Cruz", "Łukasz", "STRASSE", "Straße", "Ὀδυσσεύς",
    "Σίσυφος", "İpek", "Işık", "Đặng", "Þór", "Æthel", "محمد", "Mr", "Mrs.", "Dr", "Jnr", "III", "Lord", "unknown",
    "N/A", "x", "J.", "null", "Pfister", "Ashcraft", "ﬁnn", "ʿAlī", "Ng", "  ", "-", "Jackson", "Tymczak", "Honeyman",
])  # fmt: skip
names = st.one_of(st.text(any_character, max_size=12), st.lists(name_parts, max_size=5).map(" ".join))
digits = st.text("0123456789", min_size=9, max_size=10)


def checked_nhs(text: str) -> str:
    return next(text[:9] + check for check in "0123456789" if nhs.is_valid(text[:9] + check) or check == "9")


def checked_pnc(year: int, serial: int, form: str) -> str:
    letter = "ZABCDEFGHJKLMNPQRTUVWXY"[(year % 100 * 10**7 + serial) % 23]
    return form.format(year=year, two=f"{year % 100:02}", serial=serial, letter=letter)


pnc_forms = st.sampled_from([
    "{year}/{serial:07}{letter}", "{year}{serial:07}{letter}", "{two}/{serial}{letter}", "{two}{serial}{letter}",
    "{year}/{serial}Z",
])  # fmt: skip
people = st.fixed_dictionaries({
    "forename": st.none() | names,
    "surname": st.none() | names,
    "date_of_birth": st.none() | st.dates(date(1899, 12, 1), date(2100, 2, 1)),
    "sex": st.sampled_from(["female", "male", "other", "unknown", None]),
    "nhs_number": st.none() | digits | digits.map(checked_nhs) | st.sampled_from(["943 476 5919", "943-476-5919"]),
    "pnc_id": st.none() | st.builds(checked_pnc, st.integers(1890, 2110), st.integers(0, 9_999_999), pnc_forms),
    "postcode": st.none()
    | st.from_regex(r"\A[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}\Z")
    | st.sampled_from(["kt11eu", "GIR 0AA", "ZZ99 3VZ", "NF1 1NF", "W1A 1HQ", "SW1A-2AA", "KT1", "ﬀ"]),
    "uprn": st.none() | st.text("0123456789.E+ ", max_size=14),
})  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(people, min_size=1, max_size=60))
def test_it_agrees_with_the_slow_scheme_on_generated_people(crowd):
    made = linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, None)
    assert made.to_dicts() == [slow_columns(person, hub=False) for person in crowd]


@settings(max_examples=15, deadline=None)
@given(st.lists(people, min_size=1, max_size=20))
def test_both_stages_at_once_are_the_hub_stage_after_the_source_stage(crowd):
    at_once = linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, HUB)
    after = hub_stage_columns(linkage_columns(frame_of(crowd), IDENTIFIERS, SOURCE, None), HUB)
    assert at_once.equals(after)
    assert at_once.row(0, named=True) == slow_columns(crowd[0], hub=True)


@settings(max_examples=300, deadline=None)
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
