"""Airflow on one machine: ``airflow standalone`` as a child process of its own session."""

import sys
import time
from datetime import datetime
from pathlib import Path

from cli.runtime import configuration, processes
from cli.runtime.client import AirflowClient
from cli.runtime.errors import AirflowFailed, AirflowRefused
from hub import clock
from hub.feeds import AUTHORITIES, load_feeds
from hub.settings import Settings

PATIENCE_S = 180.0
PARTS = ("metadatabase", "scheduler", "dag_processor")  # no DAG needs the triggerer: an approval parks without one
POOL_SLOTS = 2


def start(settings: Settings) -> None:
    """Start Airflow and wait until every DAG can be run; does nothing if it runs.

    Raises AirflowFailed if it ends early, if a DAG file cannot be read, or after three minutes.
    """
    if running(settings):
        return
    began = clock.now()
    configuration.choose_ports(settings)
    environment = configuration.airflow_environment(settings)
    airflow = str(Path(sys.executable).parent / "airflow")
    processes.start([airflow, "standalone"], environment, _pid_file(settings), log_file(settings))
    _await_ready(settings, AirflowClient(settings, "admin"), began)


def stop(settings: Settings) -> bool:
    """Stop Airflow by SIGINT, wait for all its processes; says whether there was any to stop.

    SIGTERM would orphan its children. Raises AirflowFailed if a process outlives even SIGKILL.
    """
    child = processes.recall(_pid_file(settings))
    if child is None or not child.session():
        return False
    processes.stop(child, patience_s=40)
    if left := child.session():
        raise AirflowFailed(
            "Airflow did not stop",
            where=f"processes {', '.join(str(process.pid) for process in left)}",
            why="they outlived SIGKILL",
            fix="Look at what they wait for (disk, network file system)",
        )
    _pid_file(settings).unlink()
    return True


def running(settings: Settings) -> bool:
    """Whether the Airflow that this home started still runs."""
    child = processes.recall(_pid_file(settings))
    return child is not None and child.alive


def log_file(settings: Settings) -> Path:
    """What Airflow's processes say; each task's own log lies under ``airflow/logs``."""
    return configuration.run_folder(settings) / "airflow.log"


def page(settings: Settings) -> str:
    """The address of Airflow's web page."""
    return f"http://{configuration.HOST}:{configuration.ports(settings)['api']}"


def _pid_file(settings: Settings) -> Path:
    return configuration.run_folder(settings) / "airflow.pid"


def _await_ready(settings: Settings, client: AirflowClient, began: datetime) -> None:
    until = time.monotonic() + PATIENCE_S
    pools_made = False
    while time.monotonic() < until:
        if not running(settings):
            raise _failed(settings, "it ended by itself")
        try:
            client.health()
            if not pools_made:
                _make_pools(client)
                pools_made = True
            if _ready(settings, client, began):
                return
        except AirflowRefused:
            pass  # not listening yet
        time.sleep(0.25)
    raise _failed(settings, f"it was not ready after {PATIENCE_S:.0f} s")


def _ready(settings: Settings, client: AirflowClient, began: datetime) -> bool:
    """All parts are healthy and every DAG has been read since the start; raises AirflowFailed if one cannot be."""
    if errors := client.import_errors():
        last_line = errors[0]["stack_trace"].strip().splitlines()[-1]
        raise _failed(settings, f"{errors[0]['filename']} cannot be read: {last_line}")
    health = client.health()
    parsed = [dag for dag in client.dags() if datetime.fromisoformat(dag["last_parsed_time"]) >= began]
    wanted = len(load_feeds(settings.config)) + 2  # link and release
    return all(health[part]["status"] == "healthy" for part in PARTS) and len(parsed) >= wanted


def _make_pools(client: AirflowClient) -> None:
    """One pool for each authority: how many connections the hub opens to its systems at once."""
    for authority in AUTHORITIES:
        client.make_pool(authority, POOL_SLOTS, f"Connections to the systems of the authority: {authority}")


def _failed(settings: Settings, why: str) -> AirflowFailed:
    return AirflowFailed(
        "Airflow did not start", where=str(log_file(settings)), why=why, fix="Read that file's last lines"
    )
