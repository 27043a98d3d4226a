"""Data keys: one for each delivery, wrapped by the key ring. To destroy one shreds all that it sealed."""

import secrets

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hub.clock import now
from keys.key import KEY_BYTES, Key
from keys.purposes import Purpose
from keys.ring import KeyRing, WrappedKey
from store.errors import DataKeyGone
from store.models import DataKeyRow, UnscrubbedRow


def create_data_key(connection: Connection, ring: KeyRing, key_id: str) -> Key:
    """A new random data key, kept wrapped under its id."""
    key = Key(key_id, secrets.token_bytes(KEY_BYTES))
    wrapped = ring.wrap(Purpose.STORAGE, key.material, key_id)
    connection.execute(
        insert(DataKeyRow).values(
            id=key_id, key_id=wrapped.key_id, nonce=wrapped.nonce, wrapped=wrapped.ciphertext, created_at=now()
        )
    )
    return key


def open_data_key(connection: Connection, ring: KeyRing, key_id: str) -> Key:
    """A data key, unwrapped; raises DataKeyGone, or what the ring raises."""
    row = connection.execute(select(DataKeyRow).where(DataKeyRow.id == key_id)).one_or_none()
    if row is None or row.wrapped is None:
        why = "it never was" if row is None else f"it was destroyed on {row.destroyed_at:%Y-%m-%d}"
        raise DataKeyGone(
            "A data key cannot be opened",
            where=f"data key {key_id}",
            why=why,
            fix="Collect the delivery again, if it may be",
        )
    return Key(key_id, ring.unwrap(Purpose.STORAGE, WrappedKey(row.key_id, row.nonce, row.wrapped), key_id))


def destroy_data_key(connection: Connection, key_id: str) -> bool:
    """Forget a data key for ever; says whether it was still there."""
    done = connection.execute(
        update(DataKeyRow)
        .where(DataKeyRow.id == key_id, DataKeyRow.wrapped.is_not(None))
        .values(nonce=None, wrapped=None, destroyed_at=now())
    )
    if done.rowcount:  # its bytes are in the table's file until that is written anew (``store.shredding``)
        marked = {"name": DataKeyRow.__tablename__, "since": now()}
        connection.execute(upsert(UnscrubbedRow).values(marked).on_conflict_do_nothing())
    return done.rowcount > 0
