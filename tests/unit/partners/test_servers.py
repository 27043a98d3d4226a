"""``python -m partners serve``: started, told to a hub, stopped without a trace left running."""

import gzip
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
import requests

from connectors import Connector, connect
from hub.feeds import load_feed, load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from keys.errors import KeyRingMissing
from keys.home import create_ring
from partners.layout import extract_path
from partners.servers.errors import AlreadyServing, UnknownServer
from partners.servers.serve import Plan
from tests.cases import takes_long

Q3 = Quarter(2026, 3)
HOSPITAL = """\
ATTENDANCE IDENTIFIER,SITE CODE (OF TREATMENT),ARRIVAL DATE,ARRIVAL TIME,ASSAULT DATE,ASSAULT TIME,\
ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ASSAULT METHOD,INJURY INTENT,ALCOHOL INVOLVED,NHS NUMBER,\
PERSON GIVEN NAME,PERSON FAMILY NAME,PERSON BIRTH DATE,PERSON STATED GENDER CODE,ETHNIC CATEGORY,\
POSTCODE OF USUAL ADDRESS,LSOA OF INCIDENT
ED-000001,RAX01,2026-07-03,23:10:00,2026-07-03,22:00:00,60,In the street,,,Y,9434765919,\
Quillon,Zebulonovic,1994-05-06,1,A,KT1 1AA,E01002971
"""


@pytest.fixture
def folder(tiny_partners: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A partners' folder of this test's own, with one attendance at the hospital; short, for a socket lies in it."""
    made = tmp_path_factory.mktemp("p")
    shutil.copytree(tiny_partners / "extracts", made / "extracts")
    attendances = extract_path(made, "health.emergency_care", str(Q3))
    attendances.parent.mkdir(exist_ok=True)
    attendances.write_text(HOSPITAL, encoding="utf-8")
    extract_path(made, "health.assault_attendances", str(Q3)).write_text("ARRIVAL DATE\n2026-07-03\n", encoding="utf-8")
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A hub's home with a key ring, and a setting of its own."""
    settings = Settings(home=tmp_path / "hub")
    create_ring(settings)
    (settings.home / "local.yaml").write_text("airflow_port: 8123\nendpoints: {another.feed: 'http://kept'}\n")
    return settings.home


@pytest.fixture
def command(folder: Path, home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run ``python -m partners serve`` until it is ready; whatever still runs is stopped at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "partners", "serve", "--folder", folder, "--hub-home", home, *options]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        end = time.monotonic() + 60
        while not (folder / "ready.json").is_file() and time.monotonic() < end:
            if process.poll() is not None:
                pytest.fail(process.communicate()[0])
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
def serve(folder: Path, home: Path, serve_in_thread) -> Callable[..., AbstractContextManager[None]]:
    """Run some of the servers in this process, as long as a block lasts."""

    def block(*servers: str, **how: object) -> AbstractContextManager[None]:
        return serve_in_thread(Plan(folder=folder, hub_home=home, servers=frozenset(servers), **how))

    return block


def _connector(home: Path, name: str) -> Connector:
    settings = Settings(home=home)
    return connect(settings, load_feed(settings.config, name))


def _drop_last_row(extract: Path) -> None:
    extract.write_text("".join(extract.read_text().splitlines(keepends=True)[:-1]))


def _bodies(home: Path, name: str, quarter: Quarter = Q3) -> list[bytes]:
    return [page.body for page in _connector(home, name).pages(quarter)]


@takes_long
def test_all_servers_start_answer_and_stop_together(command, folder, home) -> None:
    process = command()
    ready = json.loads((folder / "ready.json").read_text())
    assert len(ready["servers"]) == 10
    assert ready["pid"] == process.pid
    for name in load_feeds(Settings(home=home).config):
        assert _bodies(home, name)
    running = [psutil.Process(server["pid"]) for server in ready["servers"]]
    running += psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert psutil.wait_procs(running, timeout=5)[1] == []
    assert not (folder / "ready.json").exists()
    _drop_last_row(extract_path(folder, "council.exclusions", str(Q3)))
    command("--only", "council")  # a second start loads the tables afresh
    assert sum(body.count(b"\n") for body in _bodies(home, "council.exclusions")) == 6


def test_ctrl_c_stops_it_cleanly_too(command) -> None:
    process = command("--only", "fire")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said


@takes_long
def test_the_sandbox_asks_who_is_there_and_ends_when_its_parent_is_killed(command, folder) -> None:
    process = command("--only", "health")
    address = json.loads((folder / "ready.json").read_text())["servers"][0]["address"]
    assert requests.get(f"{address}/messageexchange/SAFERHUB1/inbox", timeout=5).status_code == 403
    (sandbox,) = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    assert psutil.wait_procs([sandbox], timeout=10)[1] == []


def test_the_hub_is_told_where_and_with_what_to_log_in_and_keeps_its_own_settings(serve, folder, home) -> None:
    with serve("fire", "probation"):
        settings = Settings(home=home)
        ready = (folder / "ready.json").read_text()
    assert settings.airflow_port == 8123
    assert set(settings.endpoints) == {"another.feed", "fire.fire_setter_referrals", "probation.supervision"}
    secrets = {path.name: path for path in (home / "secrets").iterdir()}
    assert {"fire_api_key", "probation_client_secret"} <= set(secrets)
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets.values())
    assert secrets["fire_api_key"].read_text() not in ready


def test_one_process_serves_a_folder_and_the_next_has_the_same_credentials(serve, home) -> None:
    with serve("fire"):
        key = (home / "secrets" / "fire_api_key").read_text()
        with pytest.raises(AlreadyServing), serve("fire"):
            pass
    with serve("fire"):
        assert (home / "secrets" / "fire_api_key").read_text() == key


def test_a_server_that_cannot_start_takes_the_others_down_with_it(serve, folder, home) -> None:
    (home / "source-keys" / "keyring.json").unlink()
    before = psutil.Process().children()
    with pytest.raises(KeyRingMissing), serve("fire", "health"):
        pass
    assert psutil.Process().children() == before
    assert not (folder / "ready.json").exists()
    with serve("fire"):
        assert (folder / "ready.json").exists()


def test_a_server_that_does_not_exist_is_refused_by_name(serve) -> None:
    with pytest.raises(UnknownServer, match="ambulance"), serve("ambulance"):
        pass


def test_the_hospital_sends_pseudonyms_once_and_again_when_they_were_acknowledged(serve, folder, home) -> None:
    deliveries = []
    for run in range(3):
        with serve("health"):
            connector = _connector(home, "health.emergency_care")
            deliveries.append([page.body for page in connector.pages(Q3)])
            if run == 1:
                connector.confirm(Q3)
    assert deliveries[0] == deliveries[1] == deliveries[2]
    sent = list((folder / "mesh" / "mailboxes" / "SAFERHUB1" / "in").glob("*.json"))
    # The second run found the first one's messages waiting; the third only the return of assaults.
    assert len(sent) == 3
    (body,) = deliveries[0]
    assert body.count(b"\n") == 1
    assert not any(word in body for word in (b"Quillon", b"Zebulonovic", b"9434765919", b"KT1 1AA", b"1994-05-06"))


def test_pages_come_late_when_asked_to(serve, home) -> None:
    with serve("fire", delay_s=0.3):
        began = time.monotonic()
        _bodies(home, "fire.fire_setter_referrals")
        assert time.monotonic() - began > 0.3


def test_genuine_street_crime_is_replayed_whole(serve, genuine, home) -> None:
    recording = genuine / "police_street_crime_kingston_2016-01_2017-06.jsonl.gz"
    recorded: dict[str, list[object]] = {}
    with gzip.open(recording, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            del record["_ward_code"]  # which boundary was asked for, not part of the answer
            recorded.setdefault(record["month"], []).append(record)
    total = 0
    with serve("police-api", replay=recording):
        for year, number in ((2016, 1), (2016, 2), (2016, 3), (2016, 4), (2017, 1), (2017, 2)):
            quarter = Quarter(year, number)
            months = [json.loads(body) for body in _bodies(home, "police.street_crime", quarter)]
            assert months == [recorded.get(month, []) for month in quarter.months]
            total += sum(map(len, months))
    assert total == 20_177
