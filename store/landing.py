"""The landing zone: pages as they came, sealed one by one, so that a killed run loses at most the page in hand.

1. The sealed file is written whole and is on the disk before the database hears of it.
2. The page and the cursor that follows it are committed together.
3. So after a crash the cursor says what to fetch next; a file that no row knows is written over under the same name.
4. A cursor is sealed as the page is: a partner's own word for where to go on may hold a reference, or a person's name.
   So is a watermark. With the delivery's landing key both are gone.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

from sqlalchemy import Connection, insert, select, update

from hub.clock import now
from hub.settings import Settings
from keys.ring import KeyRing
from store.deliveries import Delivery, State, advance, chain, find_delivery
from store.errors import DeliveryInUse
from store.files import exists, uri
from store.kept import key_id, open_key
from store.models import DataKeyRow, DeliveryRow, PageRow
from store.sealed_text import open_text, seal_text
from store.sealing import broken, read_sealed, write_sealed


def page_name(delivery: Delivery, number: int) -> str:
    """The file of one page inside the landing zone; numbers start at 1."""
    return f"{delivery.feed}/{delivery.id}/page-{number:06}.sealed"


def seal_page(
    settings: Settings,
    connection: Connection,
    ring: KeyRing,
    delivery: Delivery,
    body: bytes,
    *,
    cursor: str | None,
    more: bool = False,
    receipt: str | None = None,
    watermark: str | None = None,
) -> Delivery:
    """Keep the next page of an open delivery and where to go on after it; returns the delivery as it then is.

    ``more``: its document goes on with the next page. ``receipt``: what the partner says of the whole delivery.
    ``watermark``: up to which change the source was read, once all of it is. Commit the connection's transaction after
    each page. Raises DeliveryInUse if another run has sealed a page of this delivery since it was read.
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
    key = open_key(connection, ring, held, "landing")
    write_sealed(settings, "landing", name, key, [body])  # (1), (3)
    digest, cursor = sha256(body).hexdigest(), cursor and seal_text(key, f"cursor/{held.id}/{number}", cursor)  # (4)
    connection.execute(
        insert(PageRow).values(
            delivery_id=held.id, number=number, sha256=digest, bytes=len(body), name=name, more=more, cursor=cursor
        )
    )
    advanced = update(DeliveryRow).where(DeliveryRow.id == held.id)
    told = {} if receipt is None else {"receipt": receipt}
    if watermark is not None:
        told["watermark"] = seal_text(key, f"watermark/{held.id}", watermark)
    connection.execute(advanced.values(pages=number, bytes=held.bytes + len(body), cursor=cursor, **told))  # (2)
    return find_delivery(connection, held.id)


def cursor_of(connection: Connection, ring: KeyRing, delivery: Delivery) -> str | None:
    """Where the connector goes on; raises SealBroken and DataKeyGone."""
    if delivery.cursor is None:
        return None
    key = open_key(connection, ring, delivery, "landing")
    return open_text(key, f"cursor/{delivery.id}/{delivery.pages}", delivery.cursor)


def watermark_of(connection: Connection, ring: KeyRing, delivery: Delivery) -> str | None:
    """Up to which change the source was read, if it tells of changes; raises SealBroken and DataKeyGone."""
    if delivery.watermark is None:
        return None
    key = open_key(connection, ring, delivery, "landing")
    return open_text(key, f"watermark/{delivery.id}", delivery.watermark)


def close_delivery(connection: Connection, delivery: Delivery) -> Delivery:
    """Say that all pages are there.

    The delivery's hash is SHA-256 over the pages' hashes (hex) in order; of one that continues another, over that one's
    hash before them, so that a delivery in force is told by its hash however it came.
    """
    digests = connection.execute(
        select(PageRow.sha256).where(PageRow.delivery_id == delivery.id).order_by(PageRow.number)
    ).scalars()
    base = find_delivery(connection, delivery.continues_id).sha256 if delivery.continues_id else None
    whole = sha256("".join([base or "", *digests]).encode()).hexdigest()
    advance(connection, delivery.id, State.CLOSED)
    connection.execute(update(DeliveryRow).where(DeliveryRow.id == delivery.id).values(sha256=whole, closed_at=now()))
    return find_delivery(connection, delivery.id)


Document = Iterator[bytes]


def generations(settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery) -> tuple["Landed", ...]:
    """What a closed delivery is read from: of the whole one that it continues, of those between, and its own, in order.

    A row of a later generation takes the place of an earlier one's with the same key. A delivery that continues none
    is its only generation. Raises DeliveryMissing and DataKeyGone.
    """
    return tuple(Landed(settings, connection, ring, each) for each in chain(connection, delivery))


def is_held(settings: Settings, connection: Connection, delivery: Delivery) -> bool:
    """Whether every page of every generation still lies in landing, with its key: then it can be continued."""
    generations = chain(connection, delivery)
    ids, keys = [each.id for each in generations], [key_id(connection, each, "landing") for each in generations]
    shredded = select(DataKeyRow.id).where(DataKeyRow.id.in_(keys), DataKeyRow.wrapped.is_(None))
    if connection.execute(shredded).first() is not None:
        return False
    names = connection.execute(select(PageRow.name).where(PageRow.delivery_id.in_(ids))).scalars()
    return all(exists(uri(settings, "landing", name)) for name in names)


class Landed:
    """The documents of a closed delivery, which may be read again and again. Nothing is opened before it is read.

    They are those of the delivery itself alone, without what it continues (``generations``).
    """

    def __init__(self, settings: Settings, connection: Connection, ring: KeyRing, delivery: Delivery) -> None:
        self.delivery = delivery
        self._settings, self._key = settings, open_key(connection, ring, delivery, "landing")
        asked = select(PageRow.name, PageRow.sha256, PageRow.more).where(PageRow.delivery_id == delivery.id)
        self._pages = list(connection.execute(asked.order_by(PageRow.number)).tuples())

    def documents(self) -> Iterator[Document]:
        """Each document as the parts of its pages, in order; read one to its end before the next.

        Raises SealBroken if a page is not what was received, before the last of its parts is given; and FileMissing.
        """
        begins = [number for number, _ in enumerate(self._pages) if number == 0 or not self._pages[number - 1][2]]
        for start, stop in pairwise([*begins, len(self._pages)]):
            yield self._document(range(start, stop))

    def joined(self) -> Document:
        """All pages, one after the other, as ``documents`` gives them."""
        return self._document(range(len(self._pages)))

    def _document(self, pages: range) -> Document:
        for number in pages:
            name, digest, _ = self._pages[number]
            found, held = sha256(), b""
            for part in read_sealed(self._settings, "landing", name, self._key):
                yield from filter(None, (held,))
                found.update(part)
                held = part
            if found.hexdigest() != digest:
                raise broken(f"landing/{name}", "its content is not what was received")
            yield held
