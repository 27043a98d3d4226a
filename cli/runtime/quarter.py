"""One quarter through the live scheduler: every feed in, linked, approved, published."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.runtime.airflow import log_file
from cli.runtime.client import AirflowClient, Json
from cli.runtime.configuration import airflow_home
from cli.runtime.errors import TaskFailed
from hub.periods import Quarter
from hub.settings import Settings

PATIENCE_S = 1800.0
POLL_S = 0.5
Approve = Callable[[str, str], None]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class QuarterRun:
    """What came of a quarter: the release, whether it is new, and what each part took."""

    quarter: Quarter
    release: str
    manifest_hash: str
    published: bool = field(metadata={"about": "False: the same release was published already"})
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class _Followed:
    """One DAG run that is being waited for."""

    dag_id: str
    run_id: str


def run_quarter(settings: Settings, quarter: Quarter, approve: Approve, progress: Progress) -> QuarterRun:
    """Start every ingest DAG for a quarter, follow link and release, answer the approval, wait for publication.

    ``approve(release, manifest_hash)`` signs the decision; only then is Airflow's approval answered, as user ``ig``.
    ``progress`` is told one line for each task that ends. Raises TaskFailed with the task and its log.
    """
    return _Quarter(settings, quarter, progress).run(approve)


class _Quarter:
    def __init__(self, settings: Settings, quarter: Quarter, progress: Progress) -> None:
        self._settings, self._quarter, self._progress = settings, quarter, progress
        self._key = str(quarter)
        self._airflow = AirflowClient(settings, "engineer")
        self._seconds: dict[str, float] = {}
        self._told: set[tuple[str, str]] = set()

    def run(self, approve: Approve) -> QuarterRun:
        earlier = {dag: {run["dag_run_id"] for run in self._airflow.runs(dag, self._key)} for dag in ("link", "release")}
        self._timed("ingest", self._ingest)
        self._timed("link", lambda: self._until_done(self._following("link", earlier["link"])))
        release = self._following("release", earlier["release"])
        self._timed("candidate", lambda: self._until_done(release, until="approve"))
        candidate = self._airflow.xcom(release.dag_id, release.run_id, "build_candidate", "candidate")
        new = candidate["state"] != "published"
        if new:
            self._timed("approval", lambda: self._answer(release, candidate, approve))
        self._timed("publish", lambda: self._until_done(release))
        return QuarterRun(self._quarter, candidate["release"], candidate["manifest_hash"], new, self._seconds)

    def _timed(self, stage: str, act: Callable[[], Any]) -> None:
        began = time.monotonic()
        act()
        self._seconds[stage] = round(time.monotonic() - began, 1)

    def _ingest(self) -> None:
        dags = [dag["dag_id"] for dag in self._airflow.dags(tag="ingest")]
        self._until_done(*(_Followed(dag, self._airflow.trigger_dag(dag, self._key)) for dag in dags))

    def _following(self, dag_id: str, earlier: set[str]) -> _Followed:
        """The run of this quarter that the events just emitted bring about."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for run in self._airflow.runs(dag_id, self._key):
                if run["dag_run_id"] not in earlier:
                    return _Followed(dag_id, run["dag_run_id"])
            time.sleep(POLL_S)
        raise TaskFailed(
            f"The DAG {dag_id} did not start for {self._key}",
            where=str(log_file(self._settings)),
            why="the scheduler made no run of it within a minute after what it waits for",
            fix="See whether it is paused, and whether a feed's last run failed",
        )

    def _until_done(self, *followed: _Followed, until: str | None = None) -> None:
        """Wait for runs to succeed, or for a task ``until`` to wait for its answer or to be skipped."""
        waiting, deadline = list(followed), time.monotonic() + PATIENCE_S
        while waiting:
            waiting = [one for one in waiting if not self._ended(one, until)]
            if time.monotonic() > deadline:
                raise self._failed(waiting[0], "a task", f"it did not end within {PATIENCE_S:.0f} s")
            if waiting:
                time.sleep(POLL_S)

    def _ended(self, one: _Followed, until: str | None) -> bool:
        states = self._airflow.task_states(one.dag_id, one.run_id)
        for task, state in states.items():
            self._tell(one, task, state)
        if until is not None and states.get(until) in {"awaiting_input", "skipped", "success"}:
            return True
        return bool(self._airflow.run(one.dag_id, one.run_id)["state"] == "success")

    def _tell(self, one: _Followed, task: str, state: str | None) -> None:
        if state in {"failed", "upstream_failed"}:
            raise self._failed(one, task, "its last try failed")
        if state in {"success", "skipped"} and (one.run_id, f"{one.dag_id}.{task}") not in self._told:
            self._told.add((one.run_id, f"{one.dag_id}.{task}"))
            took = self._airflow.task(one.dag_id, one.run_id, task)["duration"] or 0
            self._progress(f"{one.dag_id}.{task} {state} {took:.1f} s")

    def _answer(self, release: _Followed, candidate: Json, approve: Approve) -> None:
        approve(candidate["release"], candidate["manifest_hash"])
        AirflowClient(self._settings, "ig").respond(release.dag_id, release.run_id, "approve", "Approve")

    def _failed(self, one: _Followed, task: str, why: str) -> TaskFailed:
        log = airflow_home(self._settings) / "logs" / f"dag_id={one.dag_id}" / f"run_id={one.run_id}" / f"task_id={task}"
        return TaskFailed(
            f"The task {one.dag_id}.{task} did not succeed for {self._key}",
            where=str(log),
            why=why,
            fix="Read the newest file there; then start the same quarter again, what is done stays done",
        )
