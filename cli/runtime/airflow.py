"""Airflow on one machine: ``airflow standalone`` as a child process of its own session."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cli.runtime import configuration, processes
from cli.runtime.client import AirflowClient
from cli.runtime.errors import AirflowFailed
from hub import clock
from hub.feeds import AUTHORITIES, load_feeds
from hub.settings import Settings

PATIENCE_S = 180.0
PARTS = ("metadatabase", "scheduler", "dag_processor")  # no DAG needs the triggerer: an approval parks without one
OTHER_DAGS = ("link", "release")  # beside one for each feed
POOL_SLOTS = 2
_KEEP_NOTHING = ("api_server", "dag-processor", "triggerer", "serve-logs")


def start(settings: Settings) -> None:
    """Start Airflow and wait until every DAG can be run; does nothing if it runs. Raises as ``wait_until_ready``."""
    launch(settings)
    wait_until_ready(settings)


def launch(settings: Settings) -> None:
    """Start Airflow and do not wait, so that other work can go on; does nothing if it runs.

    ``standalone`` makes or migrates its database by itself. If another program has the settings' port, a free one is
    chosen and kept for this home; ``page`` tells it.
    """
    if running(settings):
        return
    configuration.choose_ports(settings)
    environment = configuration.airflow_environment(settings)
    airflow = str(Path(sys.executable).parent / "airflow")
    processes.start([airflow, "standalone"], environment, _pid_file(settings), log_file(settings))


def wait_until_ready(settings: Settings) -> None:
    """Wait until all parts are up, the pools are made, and every DAG file was read since the start.

    Raises AirflowFailed if Airflow is not running or ends early, if a DAG file cannot be read, or after three minutes.
    """
    began = datetime.fromtimestamp(_pid_file(settings).stat().st_mtime, UTC) if running(settings) else clock.now()
    client = AirflowClient(settings, "admin")
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if not running(settings):
            raise _failed(settings, "it is not running, or ended by itself")
        if client.listening() and _ready(settings, client, began):
            make_pools(settings, client)
            client.warm_up()
            return
        time.sleep(0.25)
    raise _failed(settings, f"it was not ready after {PATIENCE_S:.0f} s")


def stop(settings: Settings) -> bool:
    """Stop Airflow by SIGINT, wait for all its processes; says whether there was any to stop.

    SIGTERM would orphan its children. Those that keep nothing are ended at once: to take leave of each other takes
    them ten seconds. The scheduler, which does, ends by itself. Raises AirflowFailed if a process outlives SIGKILL.
    """
    child = processes.recall(_pid_file(settings))
    if child is None or not child.session():
        return False
    processes.end(child, lambda command: any(part in command for part in _KEEP_NOTHING))
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
    return configuration.address(settings)


def _pid_file(settings: Settings) -> Path:
    return configuration.run_folder(settings) / "airflow.pid"


def _ready(settings: Settings, client: AirflowClient, began: datetime) -> bool:
    """All parts are healthy and every DAG has been read since the start; raises AirflowFailed if one cannot be."""
    if errors := [error for error in client.import_errors() if _at(error["timestamp"]) >= began]:
        last_line = errors[0]["stack_trace"].strip().splitlines()[-1]
        raise _failed(settings, f"{errors[0]['filename']} cannot be read: {last_line}")
    health = client.health()
    up = all(health[part]["status"] == "healthy" for part in PARTS)
    beating = _at(health["scheduler"]["latest_scheduler_heartbeat"]) >= began
    read = [dag for dag in client.dags() if _at(dag["last_parsed_time"]) >= began]
    return up and beating and len(read) >= len(load_feeds(settings.config)) + len(OTHER_DAGS)


def _at(instant: str | None) -> datetime:
    """An instant as Airflow writes it; none: long ago."""
    return datetime.fromisoformat(instant) if instant else datetime.min.replace(tzinfo=UTC)


def make_pools(settings: Settings, client: AirflowClient) -> None:
    """One pool for each authority: how many connections the hub opens to its systems at once.

    A task whose pool does not exist never starts. ``wait_until_ready`` makes them; where the parts are started one
    by one, this is called once.
    """
    givers = (feed.authority for feed in load_feeds(settings.config).values())
    for authority in dict.fromkeys((*AUTHORITIES, *givers)):
        client.make_pool(authority, POOL_SLOTS, f"Connections to the systems of the authority: {authority}")


def _failed(settings: Settings, why: str) -> AirflowFailed:
    return AirflowFailed(
        "Airflow did not start", where=str(log_file(settings)), why=why, fix="Read that file's last lines"
    )
