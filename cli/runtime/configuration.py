"""Airflow's configuration: made here from the hub's settings, as environment variables and nothing else."""

import json
import secrets
import socket
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from hub import postgres
from hub.settings import PROJECT, Settings

HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - where Airflow's parts run on several machines
# The least role that may answer an approval is simple auth's "user"; only `ig` is named as its respondent.
ROLES = {"admin": "admin", "engineer": "op", "ig": "user", "auditor": "viewer"}


def airflow_environment(settings: Settings) -> dict[str, str]:
    """The whole environment for any Airflow process of this home.

    Inherited ``AIRFLOW...`` variables are dropped, so that what runs is what this function says.
    Starts the embedded PostgreSQL if that is in use. Makes keys and passwords on first use.
    """
    inherited = {name: value for name, value in settings.environment().items() if not name.startswith("AIRFLOW")}
    port = ports(settings)["api"]
    return (
        inherited
        | {
            "AIRFLOW_HOME": str(airflow_home(settings)),
            "PATH": f"{Path(sys.executable).parent}:{inherited.get('PATH', '')}",
            "PYTHONDONTWRITEBYTECODE": "",  # without compiled files each process takes 3 s longer to start
            "NO_COLOR": "1",
        }
        | _core(settings)
        | _database(settings)
        | _api(settings, port)
        | _pace()
    )


def address(settings: Settings) -> str:
    """Where Airflow's API answers: on this machine, unless the settings name another place."""
    return (settings.airflow_url or f"http://{HOST}:{ports(settings)['api']}").rstrip("/")


def airflow_home(settings: Settings) -> Path:
    """The folder in which Airflow keeps its own files."""
    return settings.home / "airflow"


def run_folder(settings: Settings) -> Path:
    """The folder of pid files, ports and the output of child processes."""
    folder = settings.home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _core(settings: Settings) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "dags.executor.WarmLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__ASSET_MANAGER_CLASS": "dags.events.OneAtATime",
        "AIRFLOW__CORE__FERNET_KEY": _kept(settings, "airflow_fernet_key", 32),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in ROLES.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address(settings)}/execution/",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow_home(settings) / "logs"),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports(settings)["worker_log"]),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports(settings)["trigger_log"]),
    }


def _database(settings: Settings) -> dict[str, str]:
    """Psycopg 3 serves Airflow's sync and async connections alike, over the Unix socket too."""
    if settings.database_url:
        url = make_url(settings.database_url).set(database="airflow").render_as_string(hide_password=False)
    else:
        url = postgres.start(settings.home, "airflow")
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url}


def _api(settings: Settings, port: int) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": settings.airflow_host or (EVERYWHERE if settings.airflow_url else HOST),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address(settings),
        "AIRFLOW__API__INSTANCE_NAME": settings.partnership,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": _kept(settings, "airflow_secret_key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": _kept(settings, "airflow_jwt_secret"),
    }


def _pace() -> dict[str, str]:
    """What makes a small machine start and turn quickly."""
    return {
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    }


def passwords_file(settings: Settings) -> Path:
    """The file (mode 0600) with the password of each of Airflow's users; each is made on first use.

    Airflow would make a missing one too, but tell it in its log.
    """
    path = settings.home / "secrets" / "airflow_passwords.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if missing := [user for user in ROLES if user not in known]:
        _write_private(path, json.dumps(known | {user: secrets.token_urlsafe(18) for user in missing}) + "\n")
    return path


def password(settings: Settings, user: str) -> str:
    """The password of one of Airflow's users."""
    passwords: Mapping[str, str] = json.loads(passwords_file(settings).read_text(encoding="utf-8"))
    return passwords[user]


def _kept(settings: Settings, name: str, size: int = 64) -> str:
    """A random key of so many bytes, base64, made once in each home."""
    path = settings.home / "secrets" / name
    if not path.exists():
        _write_private(path, urlsafe_b64encode(secrets.token_bytes(size)).decode())
    return path.read_text(encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def ports(settings: Settings) -> dict[str, int]:
    """The ports of this home: the API's as the settings say unless ``choose_ports`` found it taken."""
    path = run_folder(settings) / "ports.json"
    if not path.exists():
        choose_ports(settings)
    found: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return found


def choose_ports(settings: Settings) -> dict[str, int]:
    """Settle the ports and keep them: for the API the one it had, else the settings', else a free one.

    Airflow's two log servers cannot be turned off under ``standalone``; they get any free ports.
    """
    path = run_folder(settings) / "ports.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    wanted = {"api": kept.get("api", settings.airflow_port)}
    wanted |= {name: kept.get(name, 0) for name in ("worker_log", "trigger_log")}
    chosen = {name: port if port and is_free(port) else free_port() for name, port in wanted.items()}
    path.write_text(json.dumps(chosen) + "\n", encoding="utf-8")
    return chosen


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the local machine."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port on which nothing listens at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
