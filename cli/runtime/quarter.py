"""One quarter through the live scheduler: every feed in, linked, approved, published."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.runtime import airflow
from cli.runtime.client import AirflowClient, Json
from cli.runtime.configuration import airflow_home
from cli.runtime.errors import TaskFailed
from hub import clock
from hub.periods import Quarter
from hub.settings import Settings

TASK_PATIENCE_S = 1800.0
START_PATIENCE_S = 20.0
POLL_S = 0.5
NOTICE_S = 1.5
DONE = ("success", "skipped")
FAILED = ("failed", "upstream_failed", "removed")
Approve = Callable[[str, str], None]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class QuarterRun:
    """What came of a quarter. ``published`` is False if this very release had been published before.

    ``seconds`` has one entry a stage: ingest, link, candidate, approval, publish, witness.
    """

    quarter: Quarter
    release: str
    manifest_hash: str
    published: bool
    seconds: Mapping[str, float]


def run_quarter(settings: Settings, quarter: Quarter, approve: Approve, progress: Progress) -> QuarterRun:
    """Start every ingest DAG for a quarter, follow link and release, answer the approval, wait for publication.

    Last, the six witnesses are asked to cosign the log of it all.
    ``approve(release, manifest_hash)`` signs the decision; only then is Airflow's approval answered, as user ``ig``.
    ``progress`` is told one line for each task that ends. Raises TaskFailed with the task, its reason and its log.
    """
    client = AirflowClient(settings, "engineer")
    watch = _Watch(settings, client, progress)
    ingested = watch.stage("ingest", {dag: client.trigger_dag(dag, str(quarter)) for dag in _ingest_dags(client)})
    linked = watch.stage("link", {"link": _link_run(client, watch, quarter, ingested)})
    release = {"release": watch.started("release", quarter, linked) or _missing("release", quarter, settings)}
    watch.stage("candidate", release, until="build_candidate")
    candidate = client.xcom("release", release["release"], "build_candidate", "candidate")
    new = candidate["state"] != "published"
    if new:
        watch.stage("approval", release, until="approve", meanwhile=_reviewer(settings, candidate, approve))
    watch.stage("publish", release)
    watch.stage("witness", {"witness": client.trigger_dag("witness")})
    return QuarterRun(quarter, candidate["release"], candidate["manifest_hash"], new, watch.seconds)


def _ingest_dags(client: AirflowClient) -> list[str]:
    return [dag["dag_id"] for dag in client.dags(tag="ingest")]


def _link_run(client: AirflowClient, watch: "_Watch", quarter: Quarter, ingested: datetime) -> str:
    """The run of ``link`` that the last delivery brought about, or one started by hand.

    Airflow starts ``link`` as soon as each feed has one event more than the last time. Where an earlier attempt failed
    at one feed, the others' events of that attempt still count, and ``link`` may have started before the last delivery.
    """
    return watch.started("link", quarter, ingested) or client.trigger_dag("link", str(quarter))


def _missing(dag_id: str, quarter: Quarter, settings: Settings) -> str:
    raise TaskFailed(
        f"The DAG {dag_id} did not start for {quarter}",
        where=str(airflow.log_file(settings)),
        why=f"the scheduler made no run of it within {START_PATIENCE_S:.0f} s after what it waits for was there",
        fix="See in Airflow whether it is paused",
    )


def _reviewer(settings: Settings, candidate: Json, approve: Approve) -> Callable[[Json], None]:
    """Signs once, when the approval is first seen waiting, and answers for as long as Airflow asks.

    Airflow 3.3.2 takes a parked task for killed if its answer comes before the scheduler has noticed the parking,
    and then asks a second time: so a moment is left before each answer.
    """
    client, signed = AirflowClient(settings, "ig"), False

    def meanwhile(task: Json) -> None:
        nonlocal signed
        if task["task_id"] != "approve" or task["state"] != "awaiting_input":
            return
        if not signed:
            approve(candidate["release"], candidate["manifest_hash"])
            signed = True
        time.sleep(NOTICE_S)
        if not client.answered(task["dag_id"], task["dag_run_id"], "approve"):
            client.respond(task["dag_id"], task["dag_run_id"], "approve", "Approve")

    return meanwhile


class _Watch:
    """Follows runs, tells of each task that ends, and counts the seconds of each stage."""

    def __init__(self, settings: Settings, client: AirflowClient, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._settings, self._client, self._progress = settings, client, progress
        self._told: set[tuple[str, ...]] = set()
        self._ends: dict[str, str] = {}
        self._since = time.monotonic()

    def started(self, dag_id: str, quarter: Quarter, since: datetime) -> str | None:
        """The newest run of a quarter that came about since an instant; None if none does within a while."""
        until = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < until:
            for run in self._client.runs(dag_id, str(quarter)):
                if datetime.fromisoformat(run["run_after"]) >= since:
                    return str(run["dag_run_id"])
            time.sleep(POLL_S)
        return None

    def stage(
        self,
        name: str,
        runs: Mapping[str, str],
        until: str | None = None,
        meanwhile: Callable[[Json], None] = lambda task: None,
    ) -> datetime:
        """Wait until every task of the runs is done, or only the task ``until``; returns when the last one ended."""
        deadline = time.monotonic() + TASK_PATIENCE_S
        while waiting := [task for task in self._look(runs, meanwhile) if task["state"] not in DONE]:
            if time.monotonic() > deadline:
                raise self._failed(waiting[0], f"it did not end within {TASK_PATIENCE_S:.0f} s")
            if until is not None and until not in [task["task_id"] for task in waiting]:
                break
            time.sleep(POLL_S)
        now = time.monotonic()
        self.seconds[name], self._since = round(now - self._since, 1), now
        return max((datetime.fromisoformat(end) for end in self._ends.values()), default=clock.now())

    def _look(self, runs: Mapping[str, str], meanwhile: Callable[[Json], None]) -> list[Json]:
        tasks = self._client.tasks(runs)
        for task in tasks:
            self._tell(task)
            meanwhile(task)
        return tasks

    def _tell(self, task: Json) -> None:
        if task["state"] in FAILED:
            raise self._failed(task, self._reason(task))
        name, state = f"{task['dag_id']}.{task['task_id']}", str(task["state"])
        this = (task["dag_run_id"], name, state, str(task["try_number"]))
        if state in (*DONE, "up_for_retry") and this not in self._told:
            self._told.add(this)
            self._ends[name] = task["end_date"] or clock.now().isoformat()
            self._progress(f"{name}: {_words(task, self._reason)}")

    def _reason(self, task: Json) -> str:
        """Why the last try failed: the sentence that the retry policy logged, if the task's process lived to log it."""
        said = "its process ended before it could say why"
        for attempt in sorted(self._log(task).glob("attempt=*.log"))[-1:]:
            for line in attempt.read_text(encoding="utf-8").splitlines():
                if '"Retry policy decision"' in line:
                    said = json.loads(line)["reason"]
        return said

    def _log(self, task: Json) -> Path:
        logs = airflow_home(self._settings) / "logs"
        return logs / f"dag_id={task['dag_id']}" / f"run_id={task['dag_run_id']}" / f"task_id={task['task_id']}"

    def _failed(self, task: Json, why: str) -> TaskFailed:
        return TaskFailed(
            f"The task {task['dag_id']}.{task['task_id']} did not succeed",
            where=str(self._log(task)),
            why=why.rstrip("."),
            fix="Put that right and start the same quarter again: what is done stays done",
        )


def _words(task: Json, reason: Callable[[Json], str]) -> str:
    if task["state"] == "up_for_retry":
        return f"failed, will be tried again ({reason(task)})"
    return f"{'done' if task['state'] == 'success' else 'not needed'} ({task['duration'] or 0:.1f} s)"
