"""The published vectors: made by the slow scheme, verified by scripts that have Python's own library alone."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from keys.key import Key
from pseudonymise.linkage_columns import hub_stage_columns
from pseudonymise.scheme_keys import HubStage
from pseudonymise.wire import arrived, travelling
from tests.unit.pseudonymise.both_schemes import VECTORS
from tests.vectors import make, make_turned

SCRIPTS = {"verify.py": 365, "verify_seals.py": 6, "verify_turned.py": 366}


def run(script: str, *path: Path) -> subprocess.CompletedProcess:
    """With neither the environment, nor this folder, nor any installed package in reach."""
    alone = [sys.executable, "-I", "-S", make.FILE.with_name(script), *path]
    return subprocess.run(alone, capture_output=True, text=True, check=False, timeout=120)


def test_the_slow_scheme_makes_the_file():
    for made in (make, make_turned):
        assert made.text() == made.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("script", "values"), SCRIPTS.items())
def test_python_alone_verifies_every_value(script, values):
    assert run(script).stdout == f"{values} values agree\n"


def test_the_file_has_as_many_values_as_are_verified():
    stages = [person[stage] for person in VECTORS["persons"] for stage in ("stage_1", "stage_2")]
    made = sum(len(stage[kind]) for stage in stages for kind in ("tokens", "encodings"))
    assert made + 3 * len(VECTORS["references"]) == SCRIPTS["verify.py"]
    assert 2 * len(VECTORS["references"]) == SCRIPTS["verify_seals.py"]


def test_the_product_makes_what_travels_and_what_is_stored_once_the_source_key_was_turned():
    source = Key("source/2", make_turned.SECOND)
    stage = HubStage(Key("source/2", source.derive("step/1")))
    for row, person in zip(make_turned.vectors()["rows"], VECTORS["persons"], strict=True):
        first = {"reference": row["reference"], **columns(person["stage_1"])}
        wire = {"reference": row["wire"]["reference"], **columns(row["wire"])}
        assert travelling(frame(first), make_turned.FEED, source).to_dicts() == [wire]
        assert arrived(frame(wire), make_turned.FEED, source).to_dicts() == [first]
        laid = hub_stage_columns(frame(columns(person["stage_2"])), stage)
        assert {name: value for name, value in laid.row(0, named=True).items() if value} == columns(row["stored"])


def columns(stage: dict) -> dict:
    tokens = {f"token_{field}": token for field, token in stage["tokens"].items()}
    return tokens | {f"encoding_{field}": bytes.fromhex(bits) for field, bits in stage["encodings"].items()}


def frame(row: dict) -> pl.DataFrame:
    kinds = {name: pl.Binary() if name.startswith("encoding_") else pl.String() for name in row}
    return pl.DataFrame([row], schema=kinds)


def test_a_person_has_every_token_and_encoding_in_one_vector_at_least():
    whole = VECTORS["persons"][0]["stage_2"]
    assert (len(whole["tokens"]), len(whole["encodings"])) == (20, 5)


def test_the_script_is_short_enough_to_be_read():
    assert len(make.FILE.with_name("verify.py").read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ("verify.py", ("persons", 0, "stage_2", "tokens", "sex")),
        ("verify.py", ("persons", 0, "stage_1", "encodings", "date_of_birth")),
        ("verify.py", ("references", 1, "record_id")),
        ("verify_seals.py", ("references", 2, "sealed_at_source")),
        ("verify_turned.py", ("rows", 0, "wire", "encodings", "surname")),
        ("verify_turned.py", ("rows", 0, "stored", "tokens", "sex")),
    ],
)
def test_one_wrong_digit_is_found(script, where, tmp_path):
    vectors = json.loads((make_turned if script == "verify_turned.py" else make).text())
    held = vectors
    for step in where[:-1]:
        held = held[step]
    held[where[-1]] = ("1" if held[where[-1]][0] == "0" else "0") + held[where[-1]][1:]
    altered = tmp_path / "altered.json"
    altered.write_text(json.dumps(vectors), encoding="utf-8")
    ran = run(script, altered)
    assert ran.returncode == 1
    assert "differ" in ran.stderr
