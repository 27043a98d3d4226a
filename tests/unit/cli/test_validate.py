"""A provider tries its file with the real command, where no hub was ever made."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from partners.extracts import write_extracts
from partners.layout import extract_path
from schemas.formats import parse
from schemas.registry import contract_for
from schemas.validation import validate
from tests.unit.ingest.conftest import QUARTER

CRIME, YOT = "police.recorded_crime", "yot.cases"
CANARY = "Zyxcanary"
SETTLED = {"accepted", "barred", "quarantined", "received"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Forty rows of police's file that its contract has nothing against."""
    folder = tmp_path_factory.mktemp("borough")
    write_extracts(folder, 400, 3, [QUARTER])
    content = extract_path(folder, CRIME, str(QUARTER)).read_bytes()
    validated = validate(parse("csv", content, contract_for(CRIME)), contract_for(CRIME), QUARTER)
    at_fault = set(validated.quarantined["row_number"])
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [row for number, row in enumerate(rows, 1) if number not in at_fault][:40]


@pytest.fixture
def crimes(sound, tmp_path):
    """Write police's file of sound rows that are then spoilt; gives its path."""

    def write(spoil=lambda rows: rows):
        path = tmp_path / f"recorded_crime_{QUARTER}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(sound[0]))
            writer.writeheader()
            writer.writerows(spoil([dict(row) for row in sound]))
        return str(path)

    return write


def blank_and_unknown(rows):
    for row in rows[4:6]:
        row["Sex"] = CANARY
    rows[9]["Committed From"] = ""
    return rows


def test_a_sound_file(hub, crimes):
    ran = hub("validate", CRIME, crimes())
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "40 rows: 40 would be taken, 0 not." in ran.stdout
    assert "checked as the delivery of 2026-Q3" in ran.stdout
    assert not hub.home.exists()


def test_a_few_bad_rows_are_told_by_reason_column_and_the_providers_row_numbers(hub, crimes):
    ran = hub("validate", CRIME, crimes(blank_and_unknown))
    assert ran.returncode == 1
    assert "37 would be taken, 3 not" in ran.stdout
    lines = {tuple(line.split()) for line in ran.stdout.splitlines()}
    assert {("2", "Sex", "unknown_code", "5-6"), ("1", "Committed", "From", "missing", "10")} <= lines
    assert "Fill the column in" in ran.stdout
    assert CANARY not in ran.stdout + ran.stderr


def test_json_says_the_same(hub, crimes):
    ran = hub("validate", CRIME, crimes(blank_and_unknown), "--json")
    told = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert told["rows"].keys() == SETTLED
    assert (told["sound"], told["refused"], told["rows"]["quarantined"]) == (False, None, 3)
    assert [(f["reason"], f["column"], f["row_numbers"]) for f in told["findings"]] == [
        ("unknown_code", "Sex", [[1, 5, 6]]),
        ("missing", "Committed From", [[1, 10, 10]]),
    ]
    assert all(found["what"] and found["mend"] for found in told["findings"])
    assert CANARY not in ran.stdout


def test_too_many_bad_rows_would_refuse_the_whole(hub, crimes):
    ran = hub("validate", CRIME, crimes(lambda rows: [row | {"Sex": CANARY} for row in rows]))
    assert ran.returncode == 1
    assert "refused whole: 40 of 40 rows break the contract, above the 10% allowed" in ran.stdout


def test_a_file_without_rows_would_be_refused(hub, crimes):
    ran = hub("validate", CRIME, crimes(lambda _: []), "--json")
    assert (ran.returncode, json.loads(ran.stdout)["refused"]) == (1, "it holds no row")


def test_an_undeclared_column_is_named_and_its_values_are_not(hub, crimes):
    file = Path(crimes())
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{header},Nickname", *(f"{line},{CANARY}" for line in lines)]), encoding="utf-8")
    ran = hub("validate", CRIME, str(file))
    assert ran.returncode == 1
    assert "undeclared: Nickname" in ran.stdout
    assert CANARY not in ran.stdout + ran.stderr


def test_another_format_is_one_sentence(hub, crimes):
    ran = hub("validate", YOT, crimes())
    assert ran.returncode == 1
    assert "The file would be refused whole: A document is not the agreed XML: it is not well-formed" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_the_quarter_is_the_one_asked_for(hub, crimes):
    told = json.loads(hub("validate", CRIME, crimes(), "--quarter", "2026-Q2", "--json").stdout)
    assert told["quarter"] == "2026-Q2"
    assert "seems to be that of 2026-Q3, not of 2026-Q2" in told["refused"]


@pytest.mark.parametrize("words", [["validate"], ["validate", CRIME], ["validate", CRIME, "no-such-file.csv"]])
def test_wrong_use(hub, words):
    assert hub(*words).returncode == 2


def test_an_unknown_feed_lists_the_known_ones(hub, crimes):
    ran = hub("validate", "police.nothing", crimes())
    assert ran.returncode == 1
    assert CRIME in ran.stderr


def test_it_starts_without_airflow_a_database_or_the_linkage():
    code = "import sys, cli.validate; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"airflow", "psycopg", "splink", "paramiko", "fastapi", "alembic", "sqlalchemy.orm"} & set(told)
