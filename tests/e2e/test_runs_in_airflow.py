"""What an engineer sees in a real Airflow when a partner is down, a feed is late, or several quarters are wanted."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import text

from hub.database import transaction
from hub.settings import Settings
from tests.cases import takes_long
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.timeout(600), takes_long]
PATIENCE_S = 180
FEED = "ingest_probation_supervision"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def engineer(running: Running) -> Callable[..., Json]:
    """Requests to Airflow's REST interface as the engineer."""
    token = running.token("engineer")

    def ask(method: str, path: str, body: Json | None = None, **query: Any) -> Json:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(
            method, f"{running.url}/api/v2{path}", json=body, params=query, headers=headers, timeout=60
        )
        assert answer.ok, answer.text
        found: Json = answer.json() if answer.content else {}
        return found

    return ask


@pytest.fixture
def settings(running: Running) -> Settings:
    """The demo's home."""
    return Settings(home=running.demo.home)


@pytest.fixture
def probation_is_down(settings: Settings) -> Iterator[None]:
    """Its circuit is open, as after several feeds that got no answer."""
    columns = "authority, failures, opened_at, tried_at, last_ground"
    opened = f"INSERT INTO hub.partner_circuit ({columns}) VALUES ('probation', 5, now(), now(), 'no answer')"
    with transaction(settings) as connection:
        connection.execute(text("DELETE FROM hub.partner_circuit"))
        connection.execute(text(opened))
    yield
    with transaction(settings) as connection:
        connection.execute(text("DELETE FROM hub.partner_circuit"))


def started(ask: Callable[..., Json], dag: str, quarter: str | None = None) -> str:
    run: str = ask("POST", f"/dags/{dag}/dagRuns", {"logical_date": None, "partition_key": quarter})["dag_run_id"]
    return run


def until(found: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What is found, as soon as it is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while not wanted(seen := found()):
        assert time.monotonic() < end, f"still {seen}"
        time.sleep(0.5)
    return seen


def test_a_partner_that_is_down_holds_no_worker_and_costs_no_try(
    engineer: Callable[..., Json], probation_is_down: None
) -> None:
    run = started(engineer, FEED, "2026-Q3")
    place = f"/dags/{FEED}/dagRuns/{run}/taskInstances/collect"
    task = until(
        lambda: engineer("GET", place), lambda task: task["state"] not in (None, "scheduled", "queued", "running")
    )
    assert task["state"] == "up_for_reschedule"
    logged = json.dumps(engineer("GET", f"{place}/logs/1"))
    assert "Parked until" in logged
    assert "probation" in logged
    engineer("PATCH", f"/dags/{FEED}/dagRuns/{run}", {"state": "failed"})


def test_late_feeds_are_red_each_by_its_name_and_nothing_is_announced_that_is_linked(
    engineer: Callable[..., Json],
) -> None:
    """The demo delivered one quarter; the one before it never came."""
    run = started(engineer, "late")
    until(lambda: engineer("GET", f"/dags/late/dagRuns/{run}")["state"], lambda state: state in ("failed", "success"))
    tasks = engineer("GET", f"/dags/late/dagRuns/{run}/taskInstances", limit=100)["task_instances"]
    looks = {task["rendered_map_index"]: task["state"] for task in tasks if task["task_id"] == "look"}
    assert looks["council.marac"] == "failed"
    assert {task["state"] for task in tasks if task["task_id"].startswith("without_")} == {"skipped"}
    place = next(task["map_index"] for task in tasks if task["rendered_map_index"] == "council.marac")
    logged = json.dumps(engineer("GET", f"/dags/late/dagRuns/{run}/taskInstances/look/logs/1", map_index=place))
    assert "A delivery is late in council.marac" in logged


def test_a_backfill_makes_a_run_for_each_quarter(engineer: Callable[..., Json], probation_is_down: None) -> None:
    wanted = {"dag_id": FEED, "from_date": "2025-01-01T00:00:00Z", "to_date": "2025-07-01T00:00:00Z"}
    backfill = engineer("POST", "/backfills", wanted | {"max_active_runs": 1})
    runs = engineer("GET", f"/dags/{FEED}/dagRuns", limit=100)["dag_runs"]
    keys = sorted(run["partition_key"] for run in runs if run["run_type"] == "backfill")
    engineer("PUT", f"/backfills/{backfill['id']}/cancel")
    assert keys == ["2025-Q1", "2025-Q2", "2025-Q3"]
