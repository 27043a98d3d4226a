"""What the authorities write is what the contracts expect: a few rows go to quarantine, and for the reasons meant."""

import json
from pathlib import Path

import pytest

from hub.periods import Quarter
from partners.extracts import write_extracts
from partners.layout import extract_path
from schemas.contract import Contract
from schemas.formats import parse
from schemas.health import HEALTH_CLEAR
from schemas.reasons import Reason
from schemas.registry import contract_for
from schemas.validation import Validated, validate

QUARTER = Quarter(2026, 3)
CSV_FEEDS = (
    "fire.incidents",
    "health.assault_attendances",
    "police.recorded_crime",
    "council.exclusions",
    "council.marac",
    "council.antisocial_behaviour",
    "council.children_in_need",
    "council.looked_after",
    "council.exploitation",
    "council.nrm_referrals",
)
JSON_FEEDS = ("fire.fire_setter_referrals", "probation.supervision")
MEANT = {
    Reason.UNKNOWN_CODE,
    Reason.WRONG_TYPE,
    Reason.WRONG_FORM,
    Reason.OUT_OF_RANGE,
    Reason.MISSING,
    Reason.REPEATED,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partners")
    write_extracts(folder, people=5000, seed=7, quarters=[QUARTER])
    return folder


def validated(folder: Path, contract: Contract, form: str, period: str = str(QUARTER)) -> Validated:
    body = extract_path(folder, contract.feed, period).read_bytes()
    if form == "json" and contract.rows_at:
        body = json.dumps({contract.rows_at: json.loads(body)}).encode()
    return validate(parse(form, body, contract), contract, QUARTER)


@pytest.mark.parametrize(
    ("feed", "form"),
    [
        *((feed, "csv") for feed in CSV_FEEDS),
        *((feed, "json") for feed in JSON_FEEDS),
        ("yot.cases", "xml"),
        ("council.children_in_need_census", "xml"),
    ],
)
def test_a_feed_has_few_bad_rows_and_only_for_the_reasons_meant(folder: Path, feed: str, form: str) -> None:
    found = validated(folder, contract_for(feed), form)
    reasons = {reason for reasons in found.quarantined["reasons"].to_list() for reason in reasons}
    assert reasons <= MEANT | {Reason.LIMITED_ACCESS}
    assert found.quarantined.height / found.received < 0.06


def test_the_hospitals_own_file_can_be_read_by_its_agent(folder: Path) -> None:
    found = validated(folder, HEALTH_CLEAR, "csv")
    assert 0 < found.quarantined.height / found.received < 0.05


def test_crimes_lie_in_the_borough_and_their_areas_are_found(folder: Path) -> None:
    found = validated(folder, contract_for("police.recorded_crime"), "csv")
    assert found.valid["lsoa_code"].null_count() == 0
    assert found.valid["ward_code"].n_unique() == 19


def test_street_records_repeat_now_and_then_and_have_no_other_fault(folder: Path) -> None:
    for month in QUARTER.months:
        found = validated(folder, contract_for("police.street_crime"), "json", month)
        assert {tuple(reasons) for reasons in found.quarantined["reasons"].to_list()} == {("repeated",)}
        assert found.valid["lsoa_code"].null_count() == 0
