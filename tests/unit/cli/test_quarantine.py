"""``hub quarantine`` as an engineer uses it, with the real command; and no value of any row on the way."""

import csv
import json

import pytest

from hub.settings import Settings
from ingest.admission import admit
from keys.home import create_ring
from tests.unit.cli.conftest import Command
from tests.unit.ingest.conftest import Hub
from tests.unit.ingest.test_admission import deliver
from tests.unit.ingest.test_quarantine import CANARY, FEED, MENDED, THREE, body


@pytest.fixture
def kept(settings: Settings) -> Hub:
    """A hub with a delivery in force, three rows of which wait."""
    made = Hub(settings, create_ring(settings), settings.home)
    admit(settings, deliver(made, FEED, [body(THREE)]))
    return made


@pytest.fixture
def command(kept: Hub) -> Command:
    settings = kept.settings
    under = {"HUB_AGREEMENT": str(settings.agreement), "HUB_DATABASE_URL": settings.database_url or ""}
    return Command(settings.home, {"HUB_COMMIT": "0" * 40} | under)


def test_rows_are_seen_reported_and_taken_in_mended(kept, command, tmp_path):
    ran = command("quarantine", "list", FEED, "--json")
    (waits,) = json.loads(ran.stdout)
    delivery = waits["delivery"]
    assert (waits["rows_received"], waits["rows_quarantined"], waits["refused"]) == (40, 3, None)
    assert {"reason": "unknown_code", "column": "category", "rows": 2} in waits["reasons"]
    assert waits["days_left"] == 90

    folder = tmp_path / "report"
    told = command("quarantine", "export", delivery, str(folder))
    assert told.returncode == 0, told.stderr
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["column"], row["first_row"], row["last_row"]) for row in rows] == [
        ("category", "3", "4"),
        ("start_date", "9", "9"),
    ]
    said = kept.log()[-1]
    assert (said["action"], said["recipient"]) == ("ingest:quarantine:disclosure", "council")
    assert said["actor"].startswith("user:")
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert CANARY not in everything + ran.stdout + told.stdout + told.stderr

    again = command("quarantine", "export", delivery, str(folder))
    assert again.returncode == 1
    assert "Name another folder" in again.stderr
    assert len([e for e in kept.log() if e["action"] == said["action"]]) == 1  # nothing was told, nothing is logged

    file = tmp_path / "mended.ndjson"
    file.write_bytes(body(MENDED))
    done = command("quarantine", "release", delivery, str(file))
    assert done.returncode == 0, done.stderr
    assert "accepted 40, quarantined 0" in done.stdout
    assert CANARY not in done.stdout + done.stderr


def test_what_is_not_there_is_one_sentence(command, tmp_path):
    ran = command("quarantine", "export", "no.such_2026-Q3_001", str(tmp_path / "report"))
    assert ran.returncode == 1
    assert "There is no such delivery" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "report").exists()


def test_wrong_use(hub):
    assert hub("quarantine", "release", "a-delivery").returncode == 2
