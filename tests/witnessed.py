"""Witnesses that run, and second copies of a hub's database: what a fork or a restored backup is made of."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from hub import database
from hub.settings import Settings
from witness.server import Server, Witness
from witness.verify_log import LOG, Key

_numbers = itertools.count(1)


@contextmanager
def serving(folder: Path, name: str, private: Ed25519PrivateKey, logs: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """A witness with its copies in a folder, which knows logs by origin and public key; its address."""
    keys = {origin: (Key(origin, LOG, public),) for origin, public in logs}
    with Server(("127.0.0.1", 0), Witness(folder, name, private, keys)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def copied(settings: Settings) -> Iterator[Settings]:
    """The hub as it stands now, a second time: what is done with one is not seen by the other."""
    source = make_url(str(settings.database_url))
    name = f"{source.database}_copy_{next(_numbers)}"
    database.engine(settings).dispose()
    admin = create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source.database} STRATEGY file_copy"))
    url = source.set(database=name).render_as_string(hide_password=False)
    other = settings.model_copy(update={"database_url": url})
    try:
        yield other
    finally:
        database.engine(other).dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
