"""What becomes of a task that fails, and which quarter a run is for."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.errors import ConfigurationError, HubError
from hub.settings import Settings

pytestmark = pytest.mark.usefixtures("airflow_alone")
PARTS = {"where": "the feed", "why": "its server is down", "fix": "Wait"}
CANARY = "Zebedee Quillfeather"


class Passing(HubError):
    transient = True


@pytest.fixture
def policy() -> Any:
    from dags.conduct import RetryTransient

    return RetryTransient()


@pytest.mark.parametrize(("attempt", "wait_s"), [(1, 30), (2, 60), (3, 120), (5, 480), (12, 3600)])
def test_a_transient_error_is_tried_again_each_time_later(policy: Any, attempt: int, wait_s: int) -> None:
    decision = policy.evaluate(Passing("No answer", **PARTS), attempt, 5)
    assert decision.action.value == "retry"
    assert decision.retry_delay == timedelta(seconds=wait_s)
    assert decision.reason == "No answer in the feed: its server is down. Wait."


def test_a_refusal_is_not_tried_again(policy: Any) -> None:
    decision = policy.evaluate(HubError("Refused", **PARTS), 1, 5)
    assert decision.action.value == "fail"
    assert "its server is down" in decision.reason


def test_the_unexpected_stops_and_its_words_are_not_repeated(policy: Any) -> None:
    decision = policy.evaluate(ValueError(f"bad value {CANARY}"), 1, 5)
    assert decision.action.value == "fail"
    assert decision.reason == "ValueError, which the hub did not expect"


def test_the_partition_key_says_the_quarter() -> None:
    from dags.conduct import quarter_of

    assert str(quarter_of("2026-Q3", {"quarter": "2025-Q1"})) == "2026-Q3"
    assert str(quarter_of(None, {"quarter": "2025-Q1"})) == "2025-Q1"


def test_a_run_without_a_quarter_is_refused() -> None:
    from dags.conduct import quarter_of

    with pytest.raises(ConfigurationError, match="partition key such as 2026-Q3"):
        quarter_of(None, None)


def test_what_may_succeed_later_is_parked_until_then_and_takes_no_try() -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    from dags.conduct import parked

    later = datetime(2026, 11, 26, 20, tzinfo=UTC)
    with pytest.raises(AirflowRescheduleException) as found, parked():
        raise Passing("Not now", **PARTS, again_at=later)
    assert found.value.reschedule_date == later


def test_every_other_error_goes_on() -> None:
    from dags.conduct import parked

    with pytest.raises(Passing), parked():
        raise Passing("No answer", **PARTS)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HubError("Refused", **PARTS), "link.link for 2026-Q3 failed: Refused in the feed: its server is down. Wait."),
        (ValueError(f"bad value {CANARY}"), "link.link for 2026-Q3 failed: ValueError, see its log"),
    ],
)
def test_those_on_duty_hear_the_hubs_own_words_and_never_a_strangers(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.conduct import tell_those_on_duty

    told: list[str] = []
    monkeypatch.setattr("hub.alerts.alert", lambda _, sentence: told.append(sentence))
    task = SimpleNamespace(dag_id="link", task_id="link")
    run = SimpleNamespace(partition_key="2026-Q3")
    tell_those_on_duty({"exception": error, "task_instance": task, "dag_run": run})
    assert told == [said]


def test_a_credential_comes_from_the_environment_first_then_from_airflow_then_from_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.credentials import settings

    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "council_password").write_text("of the home\n")
    assert settings().secret("council_password").get_secret_value() == "of the home"
    monkeypatch.setenv("AIRFLOW_CONN_COUNCIL_PASSWORD", json.dumps({"conn_type": "generic", "password": "of Airflow"}))
    assert settings().secret("council_password").get_secret_value() == "of Airflow"
    assert Settings().secret("council_password").get_secret_value() == "of the home"
    monkeypatch.setenv("HUB_SECRET_COUNCIL_PASSWORD", "of the environment")
    assert settings().secret("council_password").get_secret_value() == "of the environment"


def test_what_the_clock_started_is_skipped_without_news_and_what_a_person_started_is_not() -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from connectors.errors import NothingNew
    from dags.conduct import skipped_without_news

    with pytest.raises(AirflowSkipException), skipped_without_news(SimpleNamespace(run_type="scheduled")):
        raise NothingNew("Nothing came", **PARTS)
    with pytest.raises(NothingNew), skipped_without_news(SimpleNamespace(run_type="manual")):
        raise NothingNew("Nothing came", **PARTS)
    with pytest.raises(Passing), skipped_without_news(SimpleNamespace(run_type="scheduled")):
        raise Passing("No answer", **PARTS)
