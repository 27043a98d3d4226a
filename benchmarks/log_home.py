"""What the figures of the log are taken with: a home with its own PostgreSQL, and entries as an ingest writes them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, text

from audit.events import Action, Entry
from hub import database, postgres
from hub.settings import Settings

START = datetime(2026, 10, 5, 9, tzinfo=UTC)
_ACTS = (Action.COLLECT, Action.ADMIT, Action.READ, Action.PUBLISH, Action.LINK)
_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


@contextmanager
def engine() -> Iterator[Engine]:
    """The engine of a fresh home; the embedded server is as the hub starts it."""
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        settings = Settings(home=Path(folder), commit="0" * 40)
        database.migrate(settings)
        try:
            yield database.engine(settings)
        finally:
            database.engine(settings).dispose()
            postgres.stop(settings.home)


def entry(number: int) -> Entry:
    """The nth entry: about 600 bytes of canonical JSON; deliveries, releases and recipients change as they do."""
    release = f"2026-Q{number // 5_000 % 4 + 1}-v{number // 20_000 + 1}" if number % 5 > 1 else None
    return Entry(
        action=_ACTS[number % len(_ACTS)],
        actor=f"service:worker-{number % 3}",
        feed="police.recorded_crime",
        delivery=f"2026-Q3-police.recorded_crime-{number // 50}",
        period="2026-Q3",
        release=release,
        recipient="partnership_analysts",
        table="event",
        columns=("event_id", "offence_code"),
        rows=number,
        purpose="needs-assessment",
        clause="PCSC Act 2022 s.16",
        agreement_hash="a" * 64,
        code_commit="c" * 40,
        detail={"sha256": sha256(number.to_bytes(8)).hexdigest()},
        at=START + timedelta(seconds=number, microseconds=number % 1_000_000),
    )


def server(connection: Connection) -> psutil.Process:
    """The server process that works for a connection."""
    return psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def cpu(*processes: psutil.Process) -> float:
    """Seconds of processor time that they have used."""
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def conditions(connection: Connection) -> str:
    """The server, and what it does to keep what it was given."""
    shown = (f"{name} {connection.execute(text(f'SHOW {name}')).scalar_one()}" for name in _SETTINGS)
    return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}: {', '.join(shown)}"
