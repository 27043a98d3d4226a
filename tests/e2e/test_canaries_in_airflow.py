"""Planted people go through the DAGs in a real Airflow: no answer, page, log or table of Airflow's shows one of them.

Two feeds come in, one in clear and one that its authority pseudonymises; one quarter fails in the reading, one by its
threshold, one is taken, linked, released and approved in Airflow. Then every address that Airflow's own description of
its interface names is asked, and its own pages' with it, with all ids that there are; its database is read, and all
that lies in the home: logs, PostgreSQL's files, the zones.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from requests.adapters import HTTPAdapter
from sqlalchemy import create_engine, text
from urllib3.util import Retry

from cli.runtime import configuration
from cli.runtime.client import AirflowClient
from hub import postgres
from hub.settings import PROJECT, Settings
from tests.cases import takes_long
from tests.e2e.test_five_hundred_canaries import (
    HEALTH,
    OFFICERS,
    PEOPLE,
    POLICE,
    QUARTER,
    WORDS,
    Borough,
    _configure,
    crimes,
    look_at_files,
    make,
    send_from_source,
)
from tests.unit.cli.conftest import HUB, Command
from tests.unit.console.conftest import PAGES

pytestmark = [pytest.mark.timeout(1500), takes_long]
DOES_OTHER_THINGS = ("/wait", "/auth/login", "/auth/logout")  # waits for ever, or only sends elsewhere
ASKED_WITH = {"limit": 1000, "full_content": "true", "stringify": "false", "start_date": "2026-01-01T00:00:00Z"}
PATIENCE_S = 300
DONE = ("success", "failed")
Ids = dict[str, str]


@pytest.fixture
def borough(tmp_path: Path) -> Iterator[Borough]:
    config, sent = tmp_path / "config", tmp_path / "sent"
    sent.mkdir()
    _configure(config, sent)
    own = {"HUB_CONFIG": str(config), "HUB_COMMIT": "0" * 40, "HUB_LOG_LEVEL": "DEBUG", "HUB_AIRFLOW_PORT": "18090"}
    settings = Settings(home=tmp_path / "home", config=config, commit="0" * 40)
    it = Borough(Command(tmp_path / "home", own), settings, tmp_path)
    yield it
    outside(it, "down")


def outside(it: Borough, *words: str) -> None:
    """Call a command in a process of its own, which may leave programs running."""
    environment = dict(os.environ) | dict(it.hub.settings) | {"HUB_HOME": str(it.hub.home)}
    ran = subprocess.run([HUB, *words], env=environment, cwd=PROJECT, capture_output=True, timeout=300, check=False)
    it.search.look(f"hub {words[0]}", ran.stdout + ran.stderr)
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_nothing_of_planted_people_shows_in_airflow(borough: Borough) -> None:
    make(borough)
    send_from_source(borough)
    outside(borough, "up", "--no-partners")
    client = AirflowClient(borough.settings, "admin")
    fail(borough, client)
    bring_in_and_release(borough, client)
    ask_for_everything(borough)
    look_at_database(borough, "airflow")
    look_at_database(borough, "hub")
    outside(borough, "down")
    look_at_files(borough)
    found = borough.search
    size = f"{found.places:,} places, {found.looked:,} bytes"
    print(f"{PEOPLE} people, {len(WORDS):,} words in Airflow: {size}, {len(found.hits)} places with hits")
    assert found.hits == {}
    assert found.looked > 50_000_000


def ended(client: AirflowClient, dag: str, run: str) -> str:
    """How a run ended."""
    until = time.monotonic() + PATIENCE_S
    while (state := client.run(dag, run)["state"]) not in DONE:
        assert time.monotonic() < until, client.task_states(dag, run)
        time.sleep(1)
    return str(state)


def fail(it: Borough, client: AirflowClient) -> None:
    """One quarter that cannot be read, one of which too many rows are at fault, and one that is not there."""
    crimes(it.folder / "sent" / "crimes_2026-Q2.csv", "2026-Q2", spoiled=3)
    whole = (it.folder / "sent" / "crimes_2026-Q2.csv").read_bytes()
    (it.folder / "sent" / "crimes_2026-Q1.csv").write_bytes(whole[: len(whole) // 2] + b'"\xff\x00')
    for quarter in ("2026-Q2", "2026-Q1"):
        dag = f"ingest_{POLICE.replace('.', '_')}"
        assert ended(client, dag, client.trigger_dag(dag, quarter)) == "failed"


def bring_in_and_release(it: Borough, client: AirflowClient) -> None:
    """The good quarter of both feeds, linked, released, and approved by a reviewer in Airflow."""
    crimes(it.folder / "sent" / f"crimes_{QUARTER}.csv", QUARTER, spoiled=20)
    for feed in (POLICE, HEALTH):
        dag = f"ingest_{feed.replace('.', '_')}"
        assert ended(client, dag, client.trigger_dag(dag, QUARTER)) == "success"
    assert ended(client, "link", client.trigger_dag("link", QUARTER)) == "success"
    run = client.runs("release", QUARTER)[0]["dag_run_id"] if client.runs("release", QUARTER) else ""
    run = run or client.trigger_dag("release", QUARTER)
    until = time.monotonic() + PATIENCE_S
    while (state := client.task_states("release", run).get("approve")) != "awaiting_input":
        assert time.monotonic() < until, state
        time.sleep(1)
    it.run("release", "approve", f"{QUARTER}-v1", *it.signed(next(iter(OFFICERS))))
    time.sleep(5)  # a task is taken for killed if its answer comes before the scheduler noticed that it parked
    AirflowClient(it.settings, "ig").respond("release", run, "approve", "Approve")
    assert ended(client, "release", run) == "success"
    for dag in ("retention", "digest"):
        ended(client, dag, client.trigger_dag(dag))


# What Airflow answers ---------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """Every address of Airflow, asked once with all ids that it can be asked with."""

    it: Borough
    answers: dict[str, int] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.base = configuration.address(self.it.settings)
        self.session = requests.Session()
        again = Retry(3, backoff_factor=0.2)  # a server closes what was idle for seconds, just as the next is asked
        self.session.mount("http://", HTTPAdapter(max_retries=again))
        word = {"username": "admin", "password": configuration.password(self.it.settings, "admin")}
        token = self.session.post(f"{self.base}/auth/token", json=word, timeout=30).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.cookies.set("_token", token)

    def get(self, path: str, **query: Any) -> requests.Response:
        """The answer, looked through."""
        answer = self.session.get(self.base + path, params=query, timeout=120)
        asked = f"{path} {sorted(query)}"
        self.it.search.look(f"GET {asked}", answer.content + str(answer.headers).encode())
        self.answers[asked] = answer.status_code
        return answer

    def listed(self, path: str, kind: str) -> list[dict[str, Any]]:
        """All that a list holds."""
        found: list[dict[str, Any]] = self.get(f"/api/v2{path}", limit=1000).json().get(kind, [])
        return found

    def once(self, path: str, query: Mapping[str, Any]) -> None:
        """The same, if it was not asked yet."""
        if (path, str(query)) not in self._seen:
            self._seen.add((path, str(query)))
            self.get(path, **query)


def ask_for_everything(it: Borough) -> None:
    """All addresses that Airflow describes, with all ids, and the pages that it and the hub show."""
    asked = Asked(it)
    contexts = ids(asked)
    for path, queries in described():
        for known in contexts:
            filled, query = fill(path, known), needed(path, queries, known)
            if filled and query is not None:
                asked.once(filled, query)
    for page in ("/", "/dags", "/dag_runs", "/assets", "/events/audit_log", "/required_actions", "/jobs", "/xcoms"):
        asked.get(page)
    for page in PAGES:
        asked.get(f"/safer-hub{page}")
    ok = sum(status == 200 for status in asked.answers.values())
    print(f"{len(asked.answers):,} addresses asked, {ok:,} answered with content")
    assert ok > 500  # those that Airflow itself has no answer to were looked through too


@dataclass(frozen=True)
class Query:
    """Something by which an address may be asked, or must be."""

    name: str
    required: bool


def described() -> list[tuple[str, list[Query]]]:
    """Every address that is read and what it is asked with, as Airflow describes its interface and its pages'."""
    found = find_spec("airflow")  # which is not imported: it would make a configuration of its own
    assert found is not None
    folder = Path(found.origin or "").parent / "api_fastapi" / "core_api" / "openapi"
    paths = [yaml.safe_load(file.read_text(encoding="utf-8"))["paths"] for file in sorted(folder.glob("*.yaml"))]
    read = {path: methods["get"] for each in paths for path, methods in each.items() if "get" in methods}
    assert len(read) > 80
    return [(path, list(_queries(get))) for path, get in read.items() if not path.endswith(DOES_OTHER_THINGS)]


def _queries(get: Mapping[str, Any]) -> Iterator[Query]:
    for each in get.get("parameters", ()):
        if each["in"] == "query" and (each.get("required") or each["name"] in {*ASKED_WITH, "map_index"}):
            yield Query(each["name"], bool(each.get("required")))


def fill(path: str, known: Ids) -> str:
    """The address with these ids; empty where one is missing, or where it has no place for the innermost of them."""
    wanted = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    if not set(wanted) <= known.keys():
        return ""
    for name in wanted:
        path = path.replace(f"{{{name}}}", known[name].replace("/", "%2F").replace("+", "%2B"))
    return path


def needed(path: str, queries: Sequence[Query], known: Ids) -> dict[str, Any] | None:
    """What an address is asked with, beside its ids; None where the ids do not hold what it must be asked with."""
    given: dict[str, Any] = {each.name: ASKED_WITH[each.name] for each in queries if each.name in ASKED_WITH}
    given |= {each.name: known[each.name] for each in queries if each.name in known and each.name not in given}
    return given if all(each.name in given for each in queries if each.required) else None


def ids(asked: Asked) -> list[Ids]:
    """All ids by which Airflow knows anything, those that belong together in one."""
    found: list[Ids] = [{}]
    for name, path, kind, one in (
        ("asset_id", "/assets", "assets", "id"), ("event_log_id", "/eventLogs", "event_logs", "event_log_id"),
        ("import_error_id", "/importErrors", "import_errors", "import_error_id"),
        ("pool_name", "/pools", "pools", "name"), ("variable_key", "/variables", "variables", "key"),
    ):  # fmt: skip
        found += [{name: str(each[one])} for each in asked.listed(path, kind)]
    for dag in asked.listed("/dags", "dags"):
        own = {"dag_id": dag["dag_id"], "partition_key": QUARTER, "version_number": "1"}
        found.append(own)
        tasks = asked.listed(f"/dags/{dag['dag_id']}/tasks", "tasks")
        found += [own | {"task_id": each["task_id"]} for each in tasks]
        for run in asked.listed(f"/dags/{dag['dag_id']}/dagRuns", "dag_runs"):
            found += of_run(asked, own | {"dag_run_id": run["dag_run_id"], "run_id": run["dag_run_id"]})
    return found


def of_run(asked: Asked, own: Ids) -> Iterator[Ids]:
    """A run, each try of each of its tasks, and what each passed on."""
    yield own
    place = f"/dags/{own['dag_id']}/dagRuns/{own['dag_run_id'].replace('+', '%2B')}/taskInstances"
    for task in asked.listed(place, "task_instances"):
        this = own | {"task_id": task["task_id"], "map_index": str(task["map_index"])}
        for number in range(max(task["try_number"], 1) + 1):
            yield this | {"try_number": str(number), "task_try_number": str(number)}
        passed = asked.listed(f"{place}/{task['task_id']}/xcomEntries", "xcom_entries")
        yield from (this | {"xcom_key": each["key"]} for each in passed)


def look_at_database(it: Borough, name: str) -> None:
    """Every value of every table of one of the home's databases."""
    engine = create_engine(postgres.start(it.settings.home, name))
    with engine.connect() as connection:
        asked = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        tables = [
            each
            for each in connection.execute(text(asked)).all()
            if "_catalog" not in each[0] and "information" not in each[0]
        ]
        for schema, table in tables:
            rows = connection.execute(text(f'SELECT * FROM "{schema}"."{table}"')).all()
            values = [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in rows for v in row]
            it.search.look(f"table {name} {schema}.{table}", b"\x00".join(values))
    engine.dispose()
    assert len(tables) > 20
