"""What becomes of a task that fails, and which quarter a run is for."""

from datetime import timedelta
from typing import Any

import pytest

from hub.errors import ConfigurationError, HubError

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
