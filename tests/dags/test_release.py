"""What the hub logs of acts by hand on a run: only those, and never in a way that Airflow would suffer from."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from hub.database import transaction
from hub.settings import Settings
from keys.home import create_ring
from tests.stored_log import said

HAND = {
    "dag_id": "release",
    "task_id": "publish",
    "run_id": "by hand",
    "dag_run": SimpleNamespace(partition_key="2026-Q3"),
}


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch, airflow_alone: None) -> Settings:
    """Settings that Airflow's processes find in their environment."""
    create_ring(settings)
    for name in ("home", "database_url", "agreement", "commit"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
    return settings


def entries(settings: Settings) -> list[dict[str, Any]]:
    with transaction(settings) as connection:
        return said(connection)


@pytest.mark.parametrize("state", ["success", "failed", "skipped"])
def test_a_state_that_was_set_by_hand_is_a_refusal_in_the_log(own: Settings, state: str) -> None:
    from dags import listener

    getattr(listener, f"on_task_instance_{state}")(previous_state=None, task_instance=SimpleNamespace(**HAND))

    (entry,) = entries(own)
    assert (entry["action"], entry["outcome"], entry["period"]) == ("dags:task:refusal", "refused", "2026-Q3")
    assert entry["detail"] == {"dag": "release", "task": "publish"}
    assert f"publish was set to {state} by hand, in the run by hand" in entry["justification"]


def test_a_task_that_ran_and_ended_by_itself_is_not_logged(own: Settings) -> None:
    from dags import listener

    listener.on_task_instance_success(previous_state="running", task_instance=SimpleNamespace(**HAND))

    assert entries(own) == []


def test_a_run_that_is_set_within_a_users_request_is_logged_and_one_that_ends_by_itself_is_not(own: Settings) -> None:
    from dags import listener
    from dags.by_hand import ACTOR

    run = SimpleNamespace(dag_id="release", run_id="r1", partition_key="2026-Q3")
    listener.on_dag_run_success(dag_run=run)
    assert entries(own) == []

    before = ACTOR.set("engineer")
    listener.on_dag_run_success(dag_run=run)
    ACTOR.reset(before)

    (entry,) = entries(own)
    assert (entry["actor"], entry["detail"]) == ("engineer", {"dag": "release"})


def test_what_cannot_be_logged_is_said_loudly_and_does_not_stop_airflow(
    own: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from dags import listener

    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/hub")
    with caplog.at_level(logging.ERROR):
        listener.on_task_instance_success(previous_state=None, task_instance=SimpleNamespace(**HAND))

    assert "in the run by hand of release publish was set to success by hand is NOT in the hub's log" in caplog.text


@pytest.mark.parametrize(
    ("part", "method", "status", "said"),
    [
        ("hitlDetails", "PATCH", 403, "by somebody who is not asked"),
        ("hitlDetails", "PATCH", 200, None),
        ("hitlDetails", "PATCH", 409, None),
        ("xcomEntries", "PATCH", 200, "was edited (PATCH)"),
        ("xcomEntries", "POST", 201, "was edited (POST)"),
        ("xcomEntries", "DELETE", 204, "was edited (DELETE)"),
        ("xcomEntries", "POST", 409, None),
        ("xcomEntries", "PATCH", 403, "was refused"),
    ],
)
def test_of_requests_those_are_told_that_were_forbidden_or_edited_a_value(
    part: str, method: str, status: int, said: str | None
) -> None:
    from dags.watch import told

    what = told(part, "approve", method, status)
    assert (what is None) if said is None else (what is not None and said in what)
