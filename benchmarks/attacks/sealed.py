"""One who took the database and every file of a hub, but no key ring, looks for what they say."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties
from sqlalchemy import text

from hub import database, postgres
from hub.database import transaction
from hub.settings import PROJECT, Settings
from keys.home import create_ring
from tests.agreed import agree
from tests.unit.rotation.keyed_hub import KeyedHub, clear_rows

HOUSEHOLDS, SEED, DELIVERIES, GUESSES = 1_000, 11, 6, 200


def stolen() -> list[str]:
    """Fill a hub, take all but its keys, and look for any name, token or encoding in it."""
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        agreement = Path(folder) / "agreement.yaml"
        shutil.copy(PROJECT / "config" / "agreement.yaml", agreement)
        agree(agreement)
        settings = Settings(home=Path(folder) / "home", agreement=agreement, commit="0" * 40)
        database.migrate(settings)
        try:
            hub, clear = KeyedHub.of(settings, create_ring(settings)), clear_rows(SEED, HOUSEHOLDS)
            hub.spread(clear, DELIVERIES)
            return _looked_for(hub, clear)
        finally:
            database.engine(settings).dispose()
            postgres.stop(settings.home)


def _looked_for(hub: KeyedHub, clear: pl.DataFrame) -> list[str]:
    with transaction(hub.settings) as connection:
        connection.execute(text("CHECKPOINT"))
    home = hub.settings.home
    files = [
        path for path in home.rglob("*") if path.is_file() and path.parts[len(home.parts)] in {"zones", "postgres"}
    ]
    heap = b"\0".join(path.read_bytes() for path in files)
    tables = [records for _, (_, records) in sorted(hub.stored().items())]
    wanted = {
        "tokens": {each for table in tables for each in table["token_full_name"].drop_nulls().head(50)},
        "NHS numbers": set(clear["nhs_number"].drop_nulls().head(300)),
        "encodings": {bytes(each) for table in tables for each in table["encoding_surname"].drop_nulls().head(50)},
    }
    lines = [f"  {len(files):,} files, {len(heap) / 1e6:,.0f} MB: {_found(heap, wanted)}"]
    parquet = [path for path in files if path.suffix == ".parquet"]
    opened = sum(
        _opens(path, hashlib.sha256(str(guess).encode()).digest()) for path in parquet for guess in range(GUESSES)
    )
    lines.append(
        f"  {len(parquet)} tables tried with {GUESSES} keys each, as a check that they are sealed: {opened} opened"
    )
    return lines


def _found(heap: bytes, wanted: dict[str, set[str] | set[bytes]]) -> str:
    counts = {
        what: sum(each in heap if isinstance(each, bytes) else each.encode() in heap for each in values)
        for what, values in wanted.items()
    }
    return ", ".join(f"{counts[what]} of {len(values):,} {what}" for what, values in wanted.items())


def _opens(path: Path, key: bytes) -> bool:
    try:
        pq.ParquetFile(path, decryption_properties=create_decryption_properties(key))
    except (OSError, pa.ArrowException):
        return False
    return True
