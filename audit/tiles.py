"""The tree in tiles (C2SP tlog-tiles, height 8), so that any hash of it can be told from a few rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from sqlalchemy import Connection, func, update

from audit.errors import LogDamaged
from audit.merkle import HASH_BYTES, Growth, Node
from audit.models import TILE
from audit.raw import bytes_field, copying

HEIGHT = 8
WIDTH = 1 << HEIGHT
WHOLE = WIDTH * HASH_BYTES
_PAIRS = [slice(at, at + 2 * HASH_BYTES) for at in range(0, WHOLE, 2 * HASH_BYTES)]
_KEY = Struct("!hihiq")  # number of fields; length and value of level; length and value of index


@dataclass(frozen=True)
class Tile:
    """Hashes to be added to one tile, which has ``before`` bytes so far."""

    level: int
    index: int
    before: int
    hashes: bytes


class Place(NamedTuple):
    """Where a node lies: in one tile, so many levels above its hashes, the nth from the left."""

    level: int
    tile: int
    height: int
    number: int


def place(node: Node) -> Place:
    """The tile that tells a node's hash, and where in it."""
    level, height = divmod(node.height, HEIGHT)
    tile, number = divmod(node.number, WIDTH >> height)
    return Place(level, tile, height, number)


@lru_cache(maxsize=512)  # at most 8 MB: proofs of many entries share the upper and the right part of the tree
def nodes(hashes: bytes) -> tuple[bytes, ...]:
    """All nodes within a tile, its own hashes first, then the roots of each two, four and so on that are there."""
    rows = [hashes]
    while len(rows) <= HEIGHT:
        pairs = _PAIRS[: len(hashes) // (2 * HASH_BYTES)]  # both children of a node lie side by side
        hashes = b"".join([sha256(b"\x01" + hashes[pair]).digest() for pair in pairs])
        rows.append(hashes)
    return tuple(rows)


def pieces(old_size: int, grown: Growth) -> Iterator[Tile]:
    """What a tree of ``old_size`` leaves adds to its tiles by growing."""
    for level, hashes in enumerate(grown.closed[::HEIGHT]):
        known = old_size >> HEIGHT * level
        packed = b"".join(hashes)
        start = -(known % WIDTH) * HASH_BYTES
        for number, at in enumerate(range(start, len(packed), WHOLE)):
            yield Tile(level, known // WIDTH + number, -min(at, 0), packed[max(at, 0) : at + WHOLE])


def write(connection: Connection, old_size: int, grown: Growth) -> None:
    """Add to the tiles what a tree of ``old_size`` leaves gained; raises LogDamaged if they do not hold what it had."""
    tiles = [tile for tile in pieces(old_size, grown) if tile.hashes]
    for tile in (tile for tile in tiles if tile.before):
        _extend(connection, tile)
    if begun := [tile for tile in tiles if not tile.before]:
        with copying(connection, "audit_tile", ("level", "index", "hashes")) as put:
            put(b"".join(_KEY.pack(3, 2, tile.level, 8, tile.index) + bytes_field(tile.hashes) for tile in begun))


def _extend(connection: Connection, tile: Tile) -> None:
    here = (TILE.c.level == tile.level, TILE.c["index"] == tile.index, func.length(TILE.c.hashes) == tile.before)
    longer = update(TILE).where(*here).values(hashes=TILE.c.hashes.op("||")(tile.hashes))
    if connection.execute(longer).rowcount != 1:
        raise LogDamaged(
            "Nothing can be added to the log",
            where=f"tile {tile.index} at level {tile.level} of the log's tree",
            why="it does not hold what the log's head counts",
            fix="Run hub audit verify and restore the database",
        )
