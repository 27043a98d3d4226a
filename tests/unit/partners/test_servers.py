"""``python -m partners serve``: started, told to a hub, stopped without a trace left running."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from connectors import connect
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from keys.home import create_ring
from partners.layout import extract_path
from partners.servers.police_api import recorded_months

Q3 = Quarter(2026, 3)
HOSPITAL = """\
ATTENDANCE IDENTIFIER,SITE CODE (OF TREATMENT),ARRIVAL DATE,ARRIVAL TIME,ASSAULT DATE,ASSAULT TIME,\
ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ASSAULT METHOD,INJURY INTENT,ALCOHOL INVOLVED,NHS NUMBER,\
PERSON GIVEN NAME,PERSON FAMILY NAME,PERSON BIRTH DATE,PERSON STATED GENDER CODE,ETHNIC CATEGORY,\
POSTCODE OF USUAL ADDRESS,LSOA OF INCIDENT
ED-000001,RAX01,2026-07-03,23:10:00,2026-07-03,22:00:00,60,In the street,,,Y,9434765919,\
Quillon,Zebulonovic,1994-05-06,1,A,KT1 1AA,E01002971
"""
Serve = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tiny_partners: Path, tmp_path: Path) -> Path:
    """A partners' folder of this test's own, with one attendance at the hospital."""
    shutil.copytree(tiny_partners / "extracts", tmp_path / "partners" / "extracts")
    attendances = extract_path(tmp_path / "partners", "health.emergency_care", str(Q3))
    attendances.parent.mkdir(exist_ok=True)
    attendances.write_text(HOSPITAL, encoding="utf-8")
    return tmp_path / "partners"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A hub's home with a key ring, and a setting of its own."""
    settings = Settings(home=tmp_path / "hub")
    create_ring(settings)
    (settings.home / "local.yaml").write_text("airflow_port: 8123\nendpoints: {another.feed: 'http://kept'}\n")
    return settings.home


@pytest.fixture
def serve(folder: Path, home: Path) -> Iterator[Serve]:
    """Start ``python -m partners serve`` and wait until it is ready; whatever still runs is stopped at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, refused: bool = False) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "partners", "serve", "--folder", folder, "--hub-home", home, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        end = time.monotonic() + 60
        while not (folder / "ready.json").is_file() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        if process.poll() is not None and not refused:
            pytest.fail(process.communicate()[0])
        return process

    yield start
    for process in started:
        if process.poll() is None:
            _stop(process)


def _stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> str:
    process.send_signal(number)
    return process.communicate(timeout=30)[0]


def _pages(home: Path, name: str, quarter: Quarter = Q3) -> tuple[list[bytes], Callable[[], None]]:
    settings = Settings(home=home)
    connector = connect(settings, load_feed(settings.config, name))
    return [page.body for page in connector.pages(quarter)], lambda: connector.confirm(quarter)


def test_all_servers_start_answer_and_stop_together(serve, folder, home) -> None:
    process = serve()
    ready = json.loads((folder / "ready.json").read_text())
    assert len(ready["servers"]) == 7
    assert ready["pid"] == process.pid
    for name in Settings(home=home).endpoints:
        if name != "another.feed":
            assert _pages(home, name)[0]
    running = [psutil.Process(server["pid"]) for server in ready["servers"]]
    running += psutil.Process(process.pid).children(recursive=True)
    said = _stop(process)
    assert process.returncode == 0, said
    assert psutil.wait_procs(running, timeout=5)[1] == []
    assert not (folder / "ready.json").exists()


def test_the_hub_is_told_where_and_with_what_to_log_in_and_keeps_its_own_settings(serve, folder, home) -> None:
    serve("--only", "fire", "--only", "probation")
    settings = Settings(home=home)
    assert settings.airflow_port == 8123
    assert set(settings.endpoints) == {"another.feed", "fire.fire_setter_referrals", "probation.supervision"}
    secrets = {path.name: path for path in (home / "secrets").iterdir()}
    assert {"fire_api_key", "probation_client_secret"} <= set(secrets)
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets.values())
    assert secrets["fire_api_key"].read_text() not in (folder / "ready.json").read_text()


def test_one_process_serves_a_folder_and_the_next_has_the_same_credentials(serve, home) -> None:
    first, second = serve("--only", "fire"), serve("--only", "fire", refused=True)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "served already" in said
    key = (home / "secrets" / "fire_api_key").read_text()
    _stop(first, signal.SIGINT)
    assert first.returncode == 0
    serve("--only", "fire")
    assert (home / "secrets" / "fire_api_key").read_text() == key


def test_the_hospital_sends_pseudonyms_once_and_again_when_they_were_acknowledged(serve, folder, home) -> None:
    deliveries = []
    for _ in range(3):
        process = serve("--only", "health")
        bodies, confirm = _pages(home, "health.emergency_care")
        deliveries.append(bodies)
        if len(deliveries) == 2:
            confirm()
        _stop(process)
    assert deliveries[0] == deliveries[1] == deliveries[2]
    sent = list((folder / "mesh" / "mailboxes" / "SAFERHUB1" / "in").glob("*.json"))
    assert len(sent) == 2  # the second run found the first one's message waiting; the third did not
    assert bodies[0].count(b"\n") == 1
    assert not any(word in bodies[0] for word in (b"Quillon", b"Zebulonovic", b"9434765919", b"KT1 1AA", b"1994-05-06"))


def test_pages_come_late_when_asked_to(serve, home) -> None:
    serve("--only", "fire", "--delay-ms", "300")
    began = time.monotonic()
    _pages(home, "fire.fire_setter_referrals")
    assert time.monotonic() - began > 0.3


def test_genuine_street_crime_is_replayed_whole(serve, genuine, home) -> None:
    recording = genuine / "police_street_crime_kingston_2016-01_2017-06.jsonl.gz"
    recorded = recorded_months(recording)
    serve("--only", "police-api", "--replay", str(recording))
    total = 0
    for year, number in ((2016, 1), (2016, 2), (2016, 3), (2016, 4), (2017, 1), (2017, 2)):
        bodies, _ = _pages(home, "police.street_crime", Quarter(year, number))
        months = [json.loads(body) for body in bodies]
        assert months == [recorded.get(month, []) for month in Quarter(year, number).months]
        total += sum(map(len, months))
    assert total == 20_177


def test_the_sandbox_asks_who_is_there_and_ends_when_its_parent_is_killed(serve, folder) -> None:
    process = serve("--only", "health")
    address = json.loads((folder / "ready.json").read_text())["servers"][0]["address"]
    assert requests.get(f"{address}/messageexchange/SAFERHUB1/inbox", timeout=5).status_code == 403
    (sandbox,) = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    assert psutil.wait_procs([sandbox], timeout=10)[1] == []
