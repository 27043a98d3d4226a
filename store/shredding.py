"""What follows when a key was destroyed: its files are tried, and deleted; the database forgets the rows for good.

1. A file is stale if the key that it lies under was destroyed. So is what a killed writer left: it lies under a key
   that was never kept, or is a draft, and nobody has touched it for a day.
2. Before a stale file is deleted, every data key that is left is tried on it. Should one open it, nothing is deleted
   and ErasureNotProved is raised: then what was believed of the keys is wrong, and somebody must look.
3. PostgreSQL keeps a deleted row's bytes in its files until they are written over. Tables that were marked are written
   anew (VACUUM FULL), and a checkpoint brings that to the disk. A table that is in use is left for the next time.
4. Data keys are wrapped anew under the newest storage key, so that older versions can be retired: then what is left of
   destroyed keys in write-ahead logs and backups opens under no key that exists (docs/decisions/0021).

Whoever is killed here loses nothing: all of it is found again from what the database and the zones hold.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties
from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from hub.clock import now
from hub.database import Base, answering, engine, transaction
from hub.settings import Settings, Zone
from keys.key import Key
from keys.purposes import Purpose
from keys.ring import KeyRing
from store.datakeys import open_data_key
from store.errors import ErasureNotProved, SealBroken
from store.files import reading, remove, uri
from store.kept import KEYS, part_key_id, stem
from store.models import DataKeyRow, UnscrubbedRow
from store.sealing import opened, sealed_under

log = logging.getLogger(__name__)
SEALED: tuple[Zone, ...] = ("landing", "quarantine", "records", "events", "register", "candidates")
UNTOUCHED = timedelta(days=1)  # longer than any task may write


@dataclass(frozen=True)
class Stale:
    """A file that no key opens any more: its zone and its name in it."""

    zone: Zone
    name: str

    @property
    def place(self) -> str:
        """As it was sealed for."""
        return f"{self.zone}/{self.name}"


@dataclass(frozen=True)
class Swept:
    """How many files were deleted, and how many keys were tried on each before."""

    files: int
    keys: int


def sweep(settings: Settings, ring: KeyRing) -> Swept:
    """Prove of every stale file that it cannot be opened, and delete it; raises ErasureNotProved (2)."""
    found = stale_files(settings)
    if not found:
        return Swept(0, 0)
    with transaction(settings) as connection:
        left = remaining_keys(connection, ring)
    for file in found:
        if any(_opens(settings, file, key) for key in left):
            raise ErasureNotProved(
                "A file still opens that should not",
                where=file.place,
                why="a data key that is left opens it, though its own was destroyed or never kept",
                fix="Find out under which key it was written; nothing was deleted",
            )
    for file in found:
        remove(uri(settings, file.zone, file.name))
    return Swept(len(found), len(left))


def stale_files(settings: Settings) -> list[Stale]:
    """Rule 1."""
    with transaction(settings) as connection:
        rows = connection.execute(select(DataKeyRow.id, DataKeyRow.wrapped.is_not(None))).tuples()
        alive = dict(rows.all())
    tables = {stem(key_id): key_id for key_id in alive if key_id.startswith(KEYS)}
    return [Stale(zone, name) for zone in SEALED for name in _stale(settings, zone, alive, tables)]


def _stale(settings: Settings, zone: Zone, alive: Mapping[str, bool], tables: Mapping[str, str]) -> Iterator[str]:
    system, root = fsspec.url_to_fs(settings.zone(zone))
    for path in system.find(root) if system.exists(root) else ():
        name = path.removeprefix(f"{root}/")
        known = [alive[key_id] for key_id in _under(zone, name, tables) if key_id in alive]
        if known and not name.endswith(".draft"):
            if not known[0]:
                yield name
        elif system.modified(path) + UNTOUCHED < now():
            yield name


def _under(zone: Zone, name: str, tables: Mapping[str, str]) -> Sequence[str]:
    """The ids of the keys that a file may lie under; the first that there is counts."""
    parts = name.split("/")
    if zone == "candidates":
        return (f"candidate/{'/'.join(parts[:2])}",)
    if zone == "register":
        return (f"link/{parts[0]}",)
    if zone == "landing":
        return (part_key_id(parts[1], "landing"), KEYS + parts[1])
    if zone == "quarantine":
        delivery = parts[-1].removesuffix(".sealed")
        return (part_key_id(delivery, "quarantine"), KEYS + delivery)
    found = tables.get(parts[-1].removesuffix(".parquet").removesuffix(".involvements"))
    return (found,) if found else ()


def remaining_keys(connection: Connection, ring: KeyRing) -> list[Key]:
    """Every data key that was not destroyed, unwrapped."""
    ids = connection.execute(select(DataKeyRow.id).where(DataKeyRow.wrapped.is_not(None)).order_by(DataKeyRow.id))
    return [open_data_key(connection, ring, key_id) for key_id in ids.scalars()]


def _opens(settings: Settings, file: Stale, key: Key) -> bool:
    """Whether a key opens any part of a file, whatever key the file says that it lies under."""
    with reading(uri(settings, file.zone, file.name)) as content:
        try:
            if file.name.endswith(".parquet"):
                material = key.derive(f"table/1/{file.place}")
                pq.ParquetFile(
                    content,
                    decryption_properties=create_decryption_properties(material, aad_prefix=file.place.encode()),
                )
                return True
            claimed = sealed_under(content, file.place)
            content.seek(0)
            next(opened(content, Key(claimed, key.material), file.place))
        except (SealBroken, OSError, pa.ArrowException, StopIteration):
            return False
    return True


def mark(connection: Connection, *tables: type[Base]) -> None:
    """Remember that rows of these tables were erased, and that the tables are to be written anew (3)."""
    rows = [{"name": table.__tablename__, "since": now()} for table in tables]
    connection.execute(insert(UnscrubbedRow).values(rows).on_conflict_do_nothing())


def scrub(settings: Settings) -> int:
    """Write the marked tables anew; says how many are left, because they were in use (3)."""
    with answering(settings), engine(settings).connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        marked = connection.execute(select(UnscrubbedRow.name).order_by(UnscrubbedRow.name)).scalars().all()
        left = [name for name in marked if not _written_anew(connection, name)]
        if len(left) < len(marked) and connection.execute(text(_MAY_CHECKPOINT)).scalar():
            connection.execute(text("CHECKPOINT"))
    return len(left)


_MAY_CHECKPOINT = "SELECT pg_has_role('pg_checkpoint', 'usage') OR rolsuper FROM pg_roles WHERE rolname = current_user"


def _written_anew(connection: Connection, name: str) -> bool:
    table = Base.metadata.tables[f"hub.{name}"]  # a name that is no table of ours stops here
    try:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text(f"VACUUM (FULL) {table.fullname}"))
    except OperationalError:
        log.warning("the table %s is in use, and is written anew the next time", name)
        return False
    finally:
        connection.execute(text("RESET lock_timeout"))
    connection.execute(delete(UnscrubbedRow).where(UnscrubbedRow.name == name))
    return True


def rewrap(connection: Connection, ring: KeyRing) -> int:
    """Wrap every data key under the newest storage key (4); says how many were under an older one."""
    newest = f"{Purpose.STORAGE}/{ring.versions()[Purpose.STORAGE]}"
    older = select(DataKeyRow.id).where(DataKeyRow.wrapped.is_not(None), DataKeyRow.key_id != newest)
    ids = connection.execute(older.order_by(DataKeyRow.id).with_for_update()).scalars().all()
    for key_id in ids:
        made = ring.wrap(Purpose.STORAGE, open_data_key(connection, ring, key_id).material, key_id)
        changed = {"key_id": made.key_id, "nonce": made.nonce, "wrapped": made.ciphertext}
        connection.execute(update(DataKeyRow).where(DataKeyRow.id == key_id).values(changed))
    if ids:
        mark(connection, DataKeyRow)
    return len(ids)
