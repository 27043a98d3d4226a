"""Pages of bytes to frames of text: what is kept, what is refused and with which words."""

import json
import time

import pytest

from schemas.contract import Contract
from schemas.council import MARAC
from schemas.errors import ContractError, FormatError
from schemas.fire import FIRE_SETTER_REFERRALS
from schemas.formats import parse
from schemas.police import RECORDED_CRIME, STREET_CRIME
from schemas.yot import CASES

HEADER = ",".join(MARAC.source_names)
ROW = "M1,2026-07-15,Police,true,2,Ada,Example,1990-01-01,F,W1,KT1 1EU,,2026-Q3"
CASE = (
    '<Case id="K1"><Person><Forename>A</Forename><Surname/>{}</Person><Offence code="1" date="d" gravity="1"/>{}</Case>'
)


def record(**changes: object) -> dict[str, object]:
    street = {"id": 929654, "name": "On or near Broad Oaks"}
    place = {"latitude": "51.376900", "longitude": "-0.279400", "street": street}
    named = {"category": "drugs", "location_type": "Force", "location": place, "context": "", "outcome_status": None}
    return named | {"persistent_id": "", "id": 64794688, "location_subtype": "", "month": "2016-01"} | changes


def as_page(*records: object) -> bytes:
    return json.dumps(records).encode()


def test_csv_keeps_text_as_it_is_and_numbers_its_rows() -> None:
    rows = parse("csv", f'{HEADER}\n{ROW}\nM2,,"a ""b"", c\nd",,2.0,,,,,,,,\n'.encode(), MARAC)
    assert rows.columns == ["row_number", *MARAC.source_names]
    assert rows["row_number"].to_list() == [1, 2]
    assert rows["referring_agency"].to_list() == ["Police", 'a "b", c\nd']
    assert rows["children_count"].to_list() == ["2", "2.0"]


def test_csv_may_begin_with_a_byte_order_mark_and_hold_blank_lines() -> None:
    rows = parse("csv", f"\ufeff{HEADER}\r\n{ROW}\r\n\r\n{ROW}\r\n\r\n".encode(), MARAC)
    assert rows["referral_id"].to_list() == ["M1", "M1"]
    assert rows["row_number"].to_list() == [1, 3]


def test_a_csv_file_with_a_header_alone_has_no_rows() -> None:
    assert parse("csv", f"{HEADER}\n".encode(), MARAC).height == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "it is empty"),
        (f"{HEADER}\n{ROW}\n{ROW},\n".encode(), "more fields than the header"),
        (f"{HEADER}\n{ROW}\nM2,2026-07-15,Pol".encode(), "row 2 has fewer fields"),
        (f'{HEADER}\n{ROW}\n"M2,2026-07-15'.encode(), "row 2 has an open quotation mark"),
        (f"{HEADER}\n{ROW}".encode("utf-16"), "holds a zero byte"),
        (f"{HEADER}\n{ROW}".replace("Ada", "Zo\u00eb").encode("latin-1"), "holds a byte that is not UTF-8"),
    ],
    ids=["empty", "long row", "cut off", "open quotes", "UTF-16", "Latin-1"],
)
def test_a_csv_page_that_is_no_table_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse("csv", body, MARAC)


def test_columns_may_come_in_any_order_but_none_may_be_new_or_missing() -> None:
    names = list(MARAC.source_names)
    turned = ",".join(reversed(names)) + "\n" + ",".join(reversed(ROW.split(","))) + "\n"
    assert parse("csv", turned.encode(), MARAC)["referral_id"].to_list() == ["M1"]
    with pytest.raises(ContractError, match="undeclared: victim_phone"):
        parse("csv", f"{HEADER},victim_phone\n{ROW},1\n".encode(), MARAC)
    with pytest.raises(ContractError, match="missing: period"):
        parse("csv", f"{HEADER.removesuffix(',period')}\n{ROW.removesuffix(',2026-Q3')}\n".encode(), MARAC)


def test_a_file_without_a_header_is_refused_without_quoting_its_first_row() -> None:
    with pytest.raises(ContractError) as refusal:
        parse("csv", f"{ROW}\n{ROW}\n".encode(), MARAC)
    assert "Ada" not in str(refusal.value)
    assert "names are withheld" in str(refusal.value)
    plain = ",".join(f"Quill{chr(97 + number)}" for number in range(len(MARAC.source_names)))
    with pytest.raises(ContractError) as refusal:
        parse("csv", f"{plain}\n{ROW}\n".encode(), MARAC)
    assert "Quill" not in str(refusal.value)


def test_json_keeps_numbers_as_they_are_written() -> None:
    raw = json.dumps(record()).replace("64794688", "123456789012345678901").replace('"51.376900"', "51.376900")
    rows = parse("json", f"[{raw}]".encode(), STREET_CRIME)
    assert rows["id"].to_list() == ["123456789012345678901"]
    assert rows["location.latitude"].to_list() == ["51.376900"]


def test_an_object_that_is_null_leaves_its_fields_blank() -> None:
    outcome = {"category": "Offender fined", "date": "2016-03"}
    only_null = parse("json", as_page(record()), STREET_CRIME)
    both = parse("json", as_page(record(), record(outcome_status=outcome)), STREET_CRIME)
    assert only_null["outcome_status.category"].to_list() == [None]
    assert both["outcome_status.category"].to_list() == [None, "Offender fined"]
    assert only_null.schema == both.schema


def test_rows_of_a_paged_answer_lie_in_the_field_that_the_contract_names() -> None:
    row: dict[str, object] = {}
    for name in FIRE_SETTER_REFERRALS.source_names:
        group, _, inner = name.rpartition(".")
        (row.setdefault(group, {}) if group else row)[inner] = None
    page = {"page": 1, "totalPages": 1, "items": [row | {"referralId": "F1", "deliberate": True}]}
    rows = parse("json", json.dumps(page).encode(), FIRE_SETTER_REFERRALS)
    assert rows.select("referralId", "deliberate").row(0) == ("F1", "true")
    with pytest.raises(FormatError, match="the field items does not hold a list"):
        parse("json", b'{"content": []}', FIRE_SETTER_REFERRALS)


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_page_without_rows_has_every_column(form: str) -> None:
    rows = parse(form, b"[]" if form == "json" else b"\n", STREET_CRIME)
    assert (rows.height, rows.width) == (0, 1 + len(STREET_CRIME.source_names))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"id": 1', "cannot be read near character"),
        (b'{"id": 1}', "does not hold a list"),
        (b"[1]", "single value or a list"),
        (as_page(record(context=["a"])), "a list where one value belongs"),
        (as_page(record(location="here")), "location is a single value"),
        (as_page(record(context=float("nan"))), "it cannot be read"),
        (as_page(record(context="\ud800")), "half a character"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"id": "\xff"}]', "not UTF-8"),
    ],
    ids=["cut off", "no list", "no object", "inner list", "no inner object", "NaN", "surrogate", "deep", "not UTF-8"],
)
def test_a_json_page_of_another_form_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse("json", body, STREET_CRIME)


def test_ndjson_is_one_object_a_line() -> None:
    lines = b"\n".join(json.dumps(record(id=number)).encode() for number in (1, 2)) + b"\n\n"
    assert parse("ndjson", lines, STREET_CRIME)["id"].to_list() == ["1", "2"]


def case(person: str = "", more: str = "") -> str:
    blank = "".join(f"<{name}/>" for name in ("DateOfBirth", "Sex", "Ethnicity", "PNCID", "Postcode", "UPRN"))
    rest = (
        '<Disposal code="" date=""/><KeyIndicators accommodation="" ete="" send="" mentalHealth="" substanceMisuse=""/>'
    )
    rest += '<AssetPlus likelihoodOfReoffending="" riskOfSeriousHarm="" safetyAndWellbeing=""/>'
    return CASE.format(blank + person, rest + more)


def returned(*cases: str, before: str = "") -> bytes:
    return f'{before}<YOTReturn yot="Kingston" period="2026-Q3">{"".join(cases)}</YOTReturn>'.encode()


def test_xml_elements_and_attributes_become_paths() -> None:
    rows = parse("xml", returned(case(), case().replace("K1", "K2")), CASES)
    assert rows.select("id", "Person.Forename", "Person.Surname", "Offence.gravity").rows() == [
        ("K1", "A", None, "1"),
        ("K2", "A", None, "1"),
    ]


def test_an_empty_xml_element_leaves_its_fields_blank() -> None:
    bare = '<Case id="K2"><Person/><Offence/><Disposal/><KeyIndicators/><AssetPlus/></Case>'
    rows = parse("xml", returned(case(), bare), CASES)
    assert rows["Person.Forename"].to_list() == ["A", None]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (returned(case("&i;"), before=BOMB), "document type or an entity"),
        (
            returned(case("&x;"), before='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "document type or an entity",
        ),
        (returned(case())[:-5], "not well-formed"),
        (returned("<Note/>", case()), "something else than Case"),
        (returned(case("<Forename>B</Forename>")), "twice"),
        (b"\xff\xfe", "not well-formed"),
        (returned("<Case id='1'>" + "<a>" * 5000 + "</a>" * 5000 + "</Case>"), "nested too deeply|not well-formed"),
    ],
    ids=["entity bomb", "external file", "cut off", "foreign element", "doubled element", "no text", "deep"],
)
def test_xml_that_is_hostile_or_broken_is_refused_at_once(body: bytes, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(FormatError, match=said):
        parse("xml", body, CASES)
    assert time.monotonic() - began < 5


def test_an_xml_attribute_that_nobody_agreed_on_is_refused() -> None:
    with pytest.raises(ContractError, match=r"undeclared: Phone\.home"):
        parse("xml", returned(case(more='<Phone home="1"/>')), CASES)


@pytest.mark.parametrize("contract", [RECORDED_CRIME, CASES])
def test_an_unknown_format_is_refused(contract: Contract) -> None:
    with pytest.raises(FormatError, match="known formats are csv, json, ndjson, xml, xlsx, parquet"):
        parse("ods", b"", contract)
