"""Under which key and which name each part of a delivery is kept. Parts that go at another time have another key.

1. Pages, cursors and watermarks lie under the delivery's landing key, rows at fault under its quarantine key, events
   and records under its table key: to destroy one shreds that part, and leaves the others.
2. The tables' names follow their key. Sealed anew, they lie under another name, so that one row of the database says at
   one instant which of the two counts.
3. A delivery from before this had one key for all its parts, and has it still.
"""

from typing import Literal, Protocol

from sqlalchemy import Connection, select

from keys.key import Key
from keys.ring import KeyRing
from store.datakeys import create_data_key, open_data_key
from store.models import DataKeyRow

Part = Literal["landing", "quarantine"]
PARTS: tuple[Part, ...] = ("landing", "quarantine")
KEYS = "delivery/"


class Kept(Protocol):
    """A delivery, as far as its names and keys go."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def feed(self) -> str: ...  # noqa: D102
    @property
    def data_key_id(self) -> str: ...  # noqa: D102


def create_keys(connection: Connection, ring: KeyRing, delivery_id: str) -> Key:
    """The keys of a new delivery, one for each part; the table key is returned."""
    for part in PARTS:
        create_data_key(connection, ring, part_key_id(delivery_id, part))
    return create_data_key(connection, ring, KEYS + delivery_id)


def part_key_id(delivery_id: str, part: Part) -> str:
    """The id of the key of one part of a delivery."""
    return f"{KEYS}{delivery_id}/{part}"


def key_id(connection: Connection, delivery: Kept, part: Part) -> str:
    """The id of the key that a part lies under."""
    own = part_key_id(delivery.id, part)
    held = connection.execute(select(DataKeyRow.id).where(DataKeyRow.id == own)).first()
    return own if held is not None else delivery.data_key_id  # (3)


def open_key(connection: Connection, ring: KeyRing, delivery: Kept, part: Part) -> Key:
    """The key of a part, unwrapped; raises DataKeyGone, or what the ring raises."""
    return open_data_key(connection, ring, key_id(connection, delivery, part))


def tables_name(delivery: Kept) -> str:
    """What the names of a delivery's tables begin with, inside the zones events and records."""
    return f"{delivery.feed}/{stem(delivery.data_key_id)}"


def stem(table_key_id: str) -> str:
    """What is particular of the names of the tables under a key."""
    return table_key_id.removeprefix(KEYS).replace("/", ".")  # (2)
