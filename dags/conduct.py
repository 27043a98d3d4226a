"""What all the hub's tasks have in common: which quarter they are for, and what to do when one fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow.sdk import Context, RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

from hub.errors import ConfigurationError, HubError
from hub.periods import Quarter
from hub.settings import Settings

_log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


class RetryTransient(RetryPolicy):
    """Try again what may succeed unchanged (``HubError.transient``), each time later; fail all else at once.

    A task whose process dies (killed, out of memory, machine lost) raises nothing: it is tried again by ``retries``.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Decide by the error's own word. The reason, which Airflow logs, is that word and never a stranger's."""
        if not isinstance(exception, HubError):
            return RetryDecision.fail(f"{type(exception).__name__}, which the hub did not expect")
        if exception.transient:
            return RetryDecision.retry(min(FIRST_WAIT * 2 ** (try_number - 1), LONGEST_WAIT), str(exception))
        return RetryDecision.fail(str(exception))


@contextmanager
def parked() -> Iterator[None]:
    """Park the task where an error says from when on the act may succeed: no worker waits, and no try is counted.

    Airflow shows such a task as *up for reschedule*, and its log's last line says until when and why.
    """
    try:
        yield
    except HubError as error:
        if error.again_at is None:
            raise
        _log.warning("Parked until %s: %s", error.again_at.isoformat(timespec="seconds"), error)
        raise AirflowRescheduleException(error.again_at) from None  # type: ignore[no-untyped-call]


def by_the_clock(dag_run: Any) -> bool:
    """Whether the schedule started the run: nobody asked for it, it is only looked whether something is there."""
    return str(getattr(dag_run.run_type, "value", dag_run.run_type)) == "scheduled"


@contextmanager
def skipped_without_news(dag_run: Any) -> Iterator[None]:
    """Skip a task of a run that the clock started, and what follows it, where the partner has sent nothing new.

    A mailbox is looked into every day, and on most days nothing is in it. That a feed is late is for ``late`` to say.
    """
    from connectors.errors import NothingNew

    try:
        yield
    except NothingNew as error:
        if not by_the_clock(dag_run):
            raise
        raise AirflowSkipException(str(error)) from None


def tell_those_on_duty(context: Context) -> None:
    """Say in one sentence which task failed, and why, as far as the hub's own errors say it."""
    from hub.alerts import alert

    error, task = context.get("exception"), context["task_instance"]
    why = str(error) if isinstance(error, HubError) else f"{type(error).__name__}, see its log"
    about = f" for {key}" if (key := context["dag_run"].partition_key) else ""
    alert(Settings(), f"{task.dag_id}.{task.task_id}{about} failed: {why}")


ARGUMENTS: dict[str, Any] = {
    "owner": "data-engineering",
    "retries": 5,
    "retry_delay": timedelta(seconds=10),
    "retry_policy": RetryTransient(),
    "on_failure_callback": tell_those_on_duty,
}


def quarter_of(partition_key: str | None, conf: dict[str, Any] | None) -> Quarter:
    """The quarter that a run is for: its partition key, or else ``{"quarter": ...}`` in its configuration.

    Raises ConfigurationError if there is neither. Only a partition key starts the DAGs that follow.
    """
    named = partition_key or (conf or {}).get("quarter")
    if named is None:
        raise ConfigurationError(
            "The run has no quarter",
            where="its partition key",
            why="it was started without one",
            fix="Start it again with a partition key such as 2026-Q3",
        )
    return Quarter.parse(named)
