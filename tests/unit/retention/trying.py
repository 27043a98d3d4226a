"""Trying what an intruder with every key that is left could: open each file, and search each byte."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties
from sqlalchemy import text

from hub.database import engine, transaction
from hub.settings import Settings
from keys.key import Key
from keys.places import hub_ring, source_ring
from store.errors import SealBroken
from store.sealing import opened, sealed_under
from store.shredding import remaining_keys
from tests.unit.publish.small_hub import Hub


def every_key(hub: Hub) -> list[Key]:
    """All data keys that are left, and every key of both rings as if it were one."""
    with transaction(hub.settings) as connection:
        keys = remaining_keys(connection, hub.ring)
    for ring in (hub_ring(hub.settings), source_ring(hub.settings)):
        keys += [Key(key_id, ring.open(key_id).get_secret_value()) for key_id in ring.held()]
    return keys


def opens(settings: Settings, path: Path, keys: Sequence[Key]) -> bool:
    """Whether any key opens a file of the zones, under the place that it lies at."""
    place = str(path.relative_to(settings.home / "zones"))
    return any(_opens(path, place, key) for key in keys)


def _opens(path: Path, place: str, key: Key) -> bool:
    try:
        if path.suffix == ".parquet":
            material = key.derive(f"table/1/{place}")
            pq.ParquetFile(
                path, decryption_properties=create_decryption_properties(material, aad_prefix=place.encode())
            )
            return True
        with path.open("rb") as file:
            claimed = sealed_under(file, place)
            file.seek(0)
            next(opened(file, Key(claimed, key.material), place))
    except (SealBroken, OSError, pa.ArrowException):
        return False
    return True


def zone_files(settings: Settings, *zones: str) -> list[Path]:
    """The files that lie in zones."""
    return sorted(path for zone in zones for path in (settings.home / "zones" / zone).rglob("*") if path.is_file())


def database_text(settings: Settings) -> str:
    """All that the database's tables say, but the log's own, which hold no person."""
    with transaction(settings) as connection:
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information)'"
            )
        ).scalars()
        return "\n".join(_rows(connection, table) for table in tables.all())


def _rows(connection: Any, table: str) -> str:
    rows = connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
    return f"{table}:\n" + "\n".join(rows)


def database_bytes(settings: Settings) -> Iterator[bytes]:
    """The very files of the database, tables and indices, as they lie on the disk."""
    with engine(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    for path in Path(folder, "base", str(oid)).iterdir():
        yield path.read_bytes()
