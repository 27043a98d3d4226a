"""What is made to do harm is refused in one sentence that a provider can act on, and takes hardly any memory."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hostile import CANARY, DOCUMENTS
from test_contracts_police import CRIME

from hub.periods import Quarter
from schemas.police import RECORDED_CRIME
from schemas.validation import validate

PROJECT = Path(__file__).resolve().parents[2]
GROWN_MIB, PEAK_MIB = 48, 700


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    """What was said of each document by a process that read them all, and how its memory grew meanwhile."""
    program = [sys.executable, str(PROJECT / "tests" / "spec" / "hostile.py")]
    environment = {"PYTHONPATH": str(PROJECT), "POLARS_MAX_THREADS": "1", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(program, env=environment, cwd=PROJECT, capture_output=True, check=True, timeout=240)
    return {one["name"]: one for one in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused_in_one_sentence_with_flat_memory(
    name: str, told: dict[str, dict[str, object]]
) -> None:
    said, grown = str(told[name]["said"]), told[name]["grown_mib"]
    assert DOCUMENTS[name].said in said
    assert said.count(". ") == 1  # what and why, and how to mend it
    assert f"feed {DOCUMENTS[name].contract.feed}" in said
    assert CANARY not in said
    assert len(said) < 400
    assert isinstance(grown, int)
    assert grown < GROWN_MIB
    assert int(str(told[name]["peak_mib"])) < PEAK_MIB


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("=cmd|' /C calc'!A0", False),
        ("=1+1", False),
        ("\uff1d1", False),
        ("  =1", False),
        ("@SUM(1)", False),
        ("-2+3*cmd|x", False),
        ("+1(2)", False),
        ("-5", True),
        ("+44 20 8547 5000", True),
        ("-", True),
        ("-Smith", True),
        ("- none (given)", True),
        ("a=b", True),
        ("@home", True),
    ],
)
def test_a_row_with_a_formula_is_quarantined_and_a_negative_number_is_not(text: str, taken: bool) -> None:
    row = dict(CRIME) | {"Surname": text}
    checked = validate(pl.DataFrame({name: [value] for name, value in row.items()}), RECORDED_CRIME, Quarter(2026, 3))
    assert checked.valid.height == taken
    if not taken:
        assert checked.quarantined["reasons"].to_list() == [["wrong_form"]]
        assert checked.quarantined["columns"].to_list() == [["Surname"]]


def test_a_number_of_five_thousand_digits_is_a_fault_of_its_row_alone() -> None:
    row = dict(CRIME) | {"Easting": "9" * 5000}
    checked = validate(pl.DataFrame({name: [value] for name, value in row.items()}), RECORDED_CRIME, Quarter(2026, 3))
    assert checked.quarantined["reasons"].to_list() == [["wrong_type"]]
