"""The landing zone: pages as they came, sealed one by one, so that a killed run loses at most the page in hand.

1. The sealed file is written whole and is on the disk before the database hears of it.
2. The page and the cursor that follows it are committed together.
3. So after a crash the cursor says what to fetch next; a file that no row knows is written over under the same name.
"""

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from hub.clock import now
from hub.settings import Settings
from keys.key import Key
from keys.ring import KeyRing
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, advance, find_delivery
from store.errors import DeliveryInUse
from store.models import DeliveryRow, PageRow
from store.sealing import broken, read_sealed, write_sealed


def page_name(delivery: Delivery, number: int) -> str:
    """The file of one page inside the landing zone; numbers start at 1."""
    return f"{delivery.feed}/{delivery.id}/page-{number:06}.sealed"


def seal_page(
    settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery, body: bytes, *, cursor: str | None
) -> Delivery:
    """Keep the next page of an open delivery and where to go on after it; returns the delivery as it then is.

    Commit the connection's transaction after each page. Raises DeliveryInUse if another run has sealed
    a page of this delivery since it was read.
    """
    held = find_delivery(connection, delivery.id, lock=True)
    if (held.state, held.pages) != (State.OPEN, delivery.pages):
        raise DeliveryInUse(
            "The page is not kept",
            where=f"delivery {delivery.id}",
            why="another run is collecting it",
            fix="Try again later",
        )
    number, name = held.pages + 1, page_name(held, held.pages + 1)
    write_sealed(settings, "landing", name, open_data_key(connection, ring, held.data_key_id), [body])  # (1), (3)
    digest = sha256(body).hexdigest()
    connection.execute(
        insert(PageRow).values(
            delivery_id=held.id, number=number, sha256=digest, bytes=len(body), name=name, cursor=cursor
        )
    )
    advanced = update(DeliveryRow).where(DeliveryRow.id == held.id)
    connection.execute(advanced.values(pages=number, bytes=held.bytes + len(body), cursor=cursor))  # (2)
    return find_delivery(connection, held.id)


def close_delivery(connection: Connection, delivery: Delivery) -> Delivery:
    """Say that all pages are there. The delivery's hash is SHA-256 over the pages' hashes (hex) in order."""
    digests = connection.execute(
        select(PageRow.sha256).where(PageRow.delivery_id == delivery.id).order_by(PageRow.number)
    ).scalars()
    whole = sha256("".join(digests).encode()).hexdigest()
    advance(connection, delivery.id, State.CLOSED)
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == delivery.id).values(sha256=whole, closed_at=now()))
    return find_delivery(connection, delivery.id)


def read_pages(settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery) -> Iterator[bytes]:
    """The pages of a delivery in order, each whole; raises SealBroken if one is not what was received."""
    key = open_data_key(connection, ring, delivery.data_key_id)
    rows = connection.execute(
        select(PageRow.name, PageRow.sha256).where(PageRow.delivery_id == delivery.id).order_by(PageRow.number)
    ).all()
    for name, digest in rows:
        yield _read_page(settings, key, name, digest)


def _read_page(settings: Settings, key: Key, name: str, digest: str) -> bytes:
    body = b"".join(read_sealed(settings, "landing", name, key))
    if sha256(body).hexdigest() != digest:
        raise broken(f"landing/{name}", "its content is not what was received")
    return body
