"""``hub retention`` and ``hub subject`` as an officer uses them, with the real command; no detail is ever shown."""

import json
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.clock import now
from keys import sealed
from keys.pairs import read_public, write_pair
from keys.purposes import Purpose
from tests.unit.cli.conftest import Command
from tests.unit.publish.conftest import filled, narrow_config  # noqa: F401
from tests.unit.publish.small_hub import OFFICER, Hub
from tests.unit.retention.conftest import full, hub  # noqa: F401
from tests.unit.retention.full_hub import CANARIES, CRIME, GIRL, age
from tests.unit.retention.trying import database_text, zone_files

DETAILS = {"forename": GIRL[0], "surname": GIRL[1], "date_of_birth": GIRL[2], "nhs_number": GIRL[3]}


@pytest.fixture
def command(hub: Hub) -> Command:  # noqa: F811
    under = {"HUB_CONFIG": str(hub.settings.config), "HUB_DATABASE_URL": hub.settings.database_url or ""}
    return Command(hub.settings.home, {"HUB_COMMIT": "0" * 40} | under)


@pytest.fixture
def officer(hub: Hub, tmp_path: Path) -> list[str]:  # noqa: F811
    key = tmp_path / "officer.pem"
    key.write_bytes(hub.officer_key)
    return ["--officer", OFFICER, "--key", str(key), "--reason", "the person asked"]


def ok(ran: object) -> str:
    assert ran.returncode == 0, ran.stderr  # type: ignore[attr-defined]
    said = str(ran.stdout + ran.stderr)  # type: ignore[attr-defined]
    assert not any(word in said for word in CANARIES)
    return said


def test_what_is_due_is_listed_held_and_shredded(hub: Hub, command: Command, officer: list[str]) -> None:  # noqa: F811
    listed = json.loads(ok(command("retention", "list", "--json")))
    assert {each["kind"] for each in listed} == {"landing", "quarantine", "tables", "candidates", "releases"}
    assert not any(each["held"] for each in listed)
    in_a_month = (now().date() + timedelta(days=31)).isoformat()
    would = json.loads(ok(command("retention", "run", "--dry-run", "--on", in_a_month, "--json")))
    assert {each["kind"] for each in would} == {"landing"}
    ahead = command("retention", "run", "--on", in_a_month)
    assert (ahead.returncode, "before its day" in ahead.stderr) == (2, True)

    until = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011
    assert "Held and logged" in ok(command("retention", "hold", CRIME, *officer, "--until", until))
    age(hub.settings, 31)
    assert "Erased: 2. Held: 2." in ok(command("retention", "run"))
    assert "Released and logged: 1" in ok(command("retention", "release-hold", CRIME, *officer))
    assert "Erased: 2. Held: 0." in ok(command("retention", "run"))
    assert zone_files(hub.settings, "landing") == []
    refused = command("retention", "release-hold", "Zephyrine", *officer)
    assert (refused.returncode, "Zephyrine" in refused.stderr) == (1, False)


def test_a_person_is_found_told_and_erased(
    hub: Hub,  # noqa: F811
    command: Command,
    officer: list[str],
    tmp_path: Path,
) -> None:
    private, copy, tokens, out = (tmp_path / name for name in ("council.pem", "source.sealed", "tokens", "export.json"))
    write_pair(private)
    key = hub.ring.hand_over(Purpose.SOURCE)
    copy.write_bytes(sealed.seal(key, "council", read_public(Path(f"{private}.pub")), now().date()))

    at_authority = ["--source-key", str(copy), "--private", str(private), "--out", str(tokens)]
    ok(Command(tmp_path / "nowhere")("source", "tokens", *at_authority, given=json.dumps(DETAILS)))
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert not any(word in tokens.read_text() for word in (*CANARIES, GIRL[2], str(GIRL[3])))
    wrong = Command(tmp_path / "nowhere")("subject", "tokens", *at_authority[:-1], str(out), given="Zephyrine")
    assert (wrong.returncode, "Zephyrine" in wrong.stderr, out.exists()) == (1, False, False)

    said = ok(command("subject", "find", *officer, "--tokens", str(tokens)))
    assert "health.emergency_care 1, police.recorded_crime 2" in said.replace("\n", " ") or "emergency_care" in said
    here = command("subject", "find", *officer, given=json.dumps(DETAILS))
    assert (here.returncode, "no grant lets the service subjects use it" in here.stderr) == (1, True)

    person = str(hub.rows("SELECT person_id FROM hub.membership WHERE record_id = 'b' || repeat('0', 31)")[0][0])
    ok(command("subject", "export", "-", *officer, "--out", str(out), given=person))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(json.loads(out.read_text())["held"]) == 3
    assert "Overruled" in ok(command("subject", "object", "-", *officer, "--overruled", given=person))
    assert "Withdrawn: 2026-Q2-v1, 2026-Q3-v1." in ok(command("subject", "restrict", "-", *officer, given=person))
    assert "Lifted" in ok(command("subject", "lift", "-", *officer, given=person))
    told = ok(command("subject", "erase", person, *officer, "--yes")).replace("\n", " ")
    assert "3 records, in 3 deliveries" in told
    assert person not in database_text(hub.settings)
    again = command("subject", "erase", person, *officer, "--yes")
    assert (again.returncode, person in again.stderr) == (1, False)
