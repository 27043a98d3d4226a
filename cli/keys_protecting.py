"""What a version of a key protects, by what the hub stores: asked before it is turned or retired."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from audit.checkpoint import Verifier, parse_note
from audit.models import CHECKPOINT
from ingest.models import SuppressedRow
from keys.changing import next_version
from keys.key import split_id
from keys.purposes import STEPS, Purpose
from keys.ring import KeyRing
from publish.manifest import Manifest
from publish.models import ReleaseRow
from store.models import DataKeyRow, DeliveryRow

TOKENS = frozenset({Purpose.SOURCE, Purpose.HUB, Purpose.EVENT, Purpose.REFERENCE})
_SUPPRESSED = select(func.count()).select_from(SuppressedRow)


def protected(connection: Connection, ring: KeyRing, key_id: str) -> Iterator[str]:
    """What would be lost with a version, each as the rest of a sentence.

    1. ``storage``: data keys that are wrapped under it and were not destroyed.
    2. Keys of tokens and references: deliveries whose content can still be opened, and which came before the next
       version was made. What came since was made under that one; but of the source and the hub key, on top of all
       before it.
    3. ``recipient``: releases whose manifest names the version.
    4. ``audit``: checkpoints that only its public half can verify.
    5. ``event``: erased records that its digests keep from coming back (``ingest.suppressed``).
    """
    found, version = split_id(key_id)
    purpose, held = Purpose(found.partition("/")[0]), ring.held()
    if key_id not in held or held[key_id].retired_at is not None:
        return
    if purpose is Purpose.STORAGE:
        yield from _counted(_data_keys(connection, DataKeyRow.key_id == key_id), "data key")  # (1)
    elif purpose in TOKENS:
        later = None if purpose in STEPS else next_version(ring, key_id)
        yield from _counted(_deliveries(connection, later.made_at if later else None), "delivery", "deliveries")  # (2)
        if purpose is Purpose.EVENT:
            yield from _counted(connection.execute(_SUPPRESSED).scalar_one(), "erased record")  # (5)
    elif purpose is Purpose.RECIPIENT:
        yield from _counted(_releases(connection, found, version), "release")  # (3)
    elif purpose is Purpose.AUDIT:
        yield from _counted(_checkpoints(connection, ring, version), "checkpoint", "checkpoints of the log")  # (4)


def _counted(count: int, one: str, many: str = "") -> Iterator[str]:
    if count:
        yield f"{count:,} {one if count == 1 else many or one + 's'}"


def _data_keys(connection: Connection, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(DataKeyRow).where(DataKeyRow.wrapped.is_not(None), which)
    return connection.execute(query).scalar_one()


def _deliveries(connection: Connection, before: datetime | None) -> int:
    query = select(func.count()).select_from(DeliveryRow).join(DataKeyRow).where(DataKeyRow.wrapped.is_not(None))
    return connection.execute(query if before is None else query.where(DeliveryRow.received_at < before)).scalar_one()


def _releases(connection: Connection, found: str, version: int) -> int:
    manifests = connection.execute(select(ReleaseRow.manifest)).scalars()
    return sum(Manifest.model_validate_json(text).key_versions.get(found) == version for text in manifests)


def _checkpoints(connection: Connection, ring: KeyRing, version: int) -> int:
    notes = list(map(parse_note, connection.execute(select(CHECKPOINT.c.note)).scalars()))
    origins = {note.text.partition("\n")[0] for note in notes}
    verifiers = [Verifier.of(ring.public(Purpose.AUDIT, origin, version)) for origin in origins]
    return sum(any(verifier.signed(note) for verifier in verifiers) for note in notes)
