"""Whatever a source sends: no row is lost, none is refused without a reason, nothing breaks."""

import csv
import io
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_contracts_health import CLEAR, DELIVERED
from test_contracts_justice import CASE, SUPERVISED
from test_contracts_police import CRIME, STREET
from test_contracts_referrals import CHILD, PUPIL, VICTIM

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.council import EXCLUSIONS, MARAC
from schemas.errors import ContractError, FormatError
from schemas.fire import FIRE_SETTER_REFERRALS
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.police import RECORDED_CRIME, STREET_CRIME
from schemas.probation import SUPERVISION
from schemas.quarantine import summary
from schemas.reasons import Reason
from schemas.validation import validate
from schemas.yot import CASES
from tests.cases import cases

QUARTER = Quarter(2026, 3)
CANARY = "Quillfeatherstonehaugh"
SOUND = [
    pytest.param(contract, row, id=name)
    for name, contract, row in (
        ("recorded crime", RECORDED_CRIME, CRIME),
        ("street crime", STREET_CRIME, STREET),
        ("fire-setter referrals", FIRE_SETTER_REFERRALS, CHILD),
        ("emergency care in clear", HEALTH_CLEAR, CLEAR),
        ("emergency care as delivered", EMERGENCY_CARE, DELIVERED),
        ("supervision", SUPERVISION, SUPERVISED),
        ("youth justice cases", CASES, CASE),
        ("exclusions", EXCLUSIONS, PUPIL),
        ("MARAC", MARAC, VICTIM),
    )
]
ODD = (
    "", " ", "NULL", "null", "nan", "NaN", "inf", "-1", "0", "1e400", "1.00021E+11", "9" * 40, "123.0", "1.5", "true",
    "Y", "00/00/0000", "31/02/2026", "01/08/2026", "29/03/2026 01:30", "01/08/2026 22:15", "2026-08-01", "2026-02-30",
    "9999-12-31", "0001-01-01", "24:00:00", 'a,b"c', "\x00", "\x1f", "\t", "é\u0301", "\u202e", "🔥", "=1+1",
    "E01002915", "A" * 2000,
)  # fmt: skip
values = st.one_of(st.none(), st.sampled_from(ODD), st.text(max_size=12))
quick = settings(max_examples=cases(100), deadline=None)


@st.composite
def deliveries(draw: st.DrawFn, contract: Contract, sound: dict[str, str]) -> pl.DataFrame:
    names = st.sampled_from(list(contract.source_names))
    spoilt = draw(st.lists(st.dictionaries(names, values, max_size=4), max_size=6))
    columns = dict.fromkeys(contract.source_names, pl.String)
    return pl.DataFrame([sound | row for row in spoilt], schema=columns).with_row_index("row_number", 1)


@pytest.mark.parametrize(("contract", "sound"), SOUND)
@quick
@given(data=st.data())
def test_every_row_is_taken_or_has_a_reason(contract: Contract, sound: dict[str, str], data: st.DataObject) -> None:
    frame = data.draw(deliveries(contract, sound))
    checked = validate(frame, contract, QUARTER)
    assert checked.valid.height + checked.quarantined.height == frame.height
    contract.model.validate(checked.valid, lazy=True)
    assert checked.quarantined["row_number"].is_unique().all()
    for row in checked.quarantined.iter_rows(named=True):
        assert row["reasons"]
        assert len(row["reasons"]) == len(row["columns"])
        assert {Reason(reason) for reason in row["reasons"]}
    assert sum(count.rows for count in summary(checked.quarantined)) >= checked.quarantined.height


@pytest.mark.parametrize(("contract", "sound"), SOUND)
@quick
@given(data=st.data())
def test_of_one_key_at_most_one_row_is_taken(contract: Contract, sound: dict[str, str], data: st.DataObject) -> None:
    frame = data.draw(deliveries(contract, sound))
    checked = validate(pl.concat([frame, frame]), contract, QUARTER)
    assert checked.valid.select(contract.row_key).is_unique().all()
    assert checked.valid.equals(validate(frame, contract, QUARTER).valid)


def _csv(sound: dict[str, str], contract: Contract) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(contract.source_names), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([sound, sound | {name: CANARY for name in sound if "orename" in name or "urname" in name}])
    return out.getvalue().encode()


def _xml(sound: dict[str, str], _contract: Contract) -> bytes:
    return (
        f'<YOTReturn yot="Kingston" period="2026-Q3"><Case id="{sound["id"]}"><Person><Forename>{CANARY}</Forename>'
        f"<Surname>{CANARY}</Surname><DateOfBirth/><Sex>F</Sex><Ethnicity>W1</Ethnicity><PNCID/><Postcode/><UPRN/></Person>"
        '<Offence code="008/01" date="2026-05-01" gravity="3"/><Disposal code="YC" date="2026-07-01"/>'
        '<KeyIndicators accommodation="suitable" ete="full" send="true" mentalHealth="none" substanceMisuse="low"/>'
        '<AssetPlus likelihoodOfReoffending="Low" riskOfSeriousHarm="Low" safetyAndWellbeing="Low"/></Case></YOTReturn>'
    ).encode()


def _json(sound: dict[str, str], contract: Contract) -> bytes:
    row: dict[str, object] = {}
    for name in contract.source_names:
        *outer, inner = name.split(".")
        place = row
        for part in outer:
            place = place.setdefault(part, {})  # type: ignore[assignment]
        place[inner] = CANARY if "name" in inner else sound.get(name)
    return json.dumps({contract.rows_at: [row, row]} if contract.rows_at else [row]).encode()


@pytest.mark.parametrize(
    ("form", "contract", "body"),
    [
        ("csv", RECORDED_CRIME, _csv(CRIME, RECORDED_CRIME)),
        ("json", SUPERVISION, _json(SUPERVISED, SUPERVISION)),
        ("json", STREET_CRIME, _json(STREET, STREET_CRIME)),
        ("ndjson", EMERGENCY_CARE, json.dumps(DELIVERED).encode() + b"\n"),
        ("xml", CASES, _xml(CASE, CASES)),
    ],
    ids=["csv", "paged json", "listed json", "ndjson", "xml"],
)
@settings(max_examples=cases(250), deadline=None)
@given(data=st.data())
def test_broken_bytes_are_read_or_refused_in_a_sentence_without_a_value(
    form: str, contract: Contract, body: bytes, data: st.DataObject
) -> None:
    assert parse(form, body, contract).height
    start = data.draw(st.integers(0, len(body)))
    gone = data.draw(st.integers(0, 40))
    put = data.draw(
        st.one_of(st.binary(max_size=6), st.sampled_from([b"\n", b'"', b",", b"{", b"]", b"<x/>", b"null"]))
    )
    refused, rows = None, None
    try:
        rows = parse(form, body[:start] + put + body[start + gone :], contract)
    except (FormatError, ContractError) as refusal:
        refused = refusal
    if rows is not None:
        assert rows.columns == ["row_number", *contract.source_names]
        validate(rows, contract, QUARTER)
    else:
        assert CANARY not in str(refused)
        assert refused is not None
        assert refused.__suppress_context__ or refused.__context__ is None
