"""The tree in tiles (C2SP tlog-tiles, height 8), so that any hash of it can be told from a few rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
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
_HALF = HEIGHT // 2  # the height, within a tile, of its middle
_MIDDLE = WHOLE >> _HALF
_PAIRS = [slice(at, at + 2 * HASH_BYTES) for at in range(0, WHOLE, 2 * HASH_BYTES)]
_KEY = Struct("!hihiq")  # number of fields; length and value of level; length and value of index


class Hashes(NamedTuple):
    """What a tile holds: its hashes, and the roots of each 16 of them that are there."""

    hashes: bytes
    middle: bytes

    @property
    def fits(self) -> bool:
        """Whether the middle is that of the hashes."""
        return self.middle == risen(self.hashes, _HALF)


@dataclass(frozen=True)
class Tile:
    """What is to be added to one tile, which is so long as ``before`` says so far."""

    level: int
    index: int
    before: tuple[int, int]
    added: Hashes


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


def risen(hashes: bytes, height: int) -> bytes:
    """The roots of the perfect subtrees of that height over hashes in a row; what fills none is left out."""
    for _ in range(height):
        pairs = _PAIRS[: len(hashes) // (2 * HASH_BYTES)]  # both children of a node lie side by side
        hashes = b"".join([sha256(b"\x01" + hashes[pair]).digest() for pair in pairs])
    return hashes


def node(tile: Hashes, height: int, number: int) -> bytes:
    """A node within a tile, from the 16 hashes at most that are nearest below it; too short if the tile lacks any."""
    half, rise = divmod(height, _HALF)
    size = HASH_BYTES << rise
    return risen(tile[half][number * size : (number + 1) * size], rise)


def pieces(old_size: int, grown: Growth) -> Iterator[Tile]:
    """What a tree of ``old_size`` leaves adds to its tiles by growing."""
    closed = grown.closed
    for level, (hashes, middle) in enumerate(zip_longest(closed[::HEIGHT], closed[_HALF::HEIGHT], fillvalue=())):
        known = old_size >> HEIGHT * level
        both = zip_longest(_cut(known, hashes, WHOLE), _cut(known >> _HALF, middle, _MIDDLE), fillvalue=(0, b""))
        for number, ((before, some), (before_middle, some_middle)) in enumerate(both):
            yield Tile(level, known // WIDTH + number, (before, before_middle), Hashes(some, some_middle))


def _cut(known: int, hashes: Sequence[bytes], whole: int) -> Iterator[tuple[int, bytes]]:
    """Hashes that follow ``known`` others, by tile: how many bytes that has so far, and those that come to it."""
    packed = b"".join(hashes)
    start = -(known * HASH_BYTES % whole)
    for at in range(start, len(packed), whole):
        yield -min(at, 0), packed[max(at, 0) : at + whole]


def write(connection: Connection, old_size: int, grown: Growth) -> None:
    """Add to the tiles what a tree of ``old_size`` leaves gained; raises LogDamaged if they do not hold what it had."""
    tiles = [tile for tile in pieces(old_size, grown) if tile.added.hashes]
    for tile in (tile for tile in tiles if tile.before[0]):
        _extend(connection, tile)
    if begun := [tile for tile in tiles if not tile.before[0]]:
        with copying(connection, "audit_tile", ("level", "index", *Hashes._fields)) as put:
            put(b"".join(_KEY.pack(4, 2, tile.level, 8, tile.index) + _fields(tile.added) for tile in begun))


def _fields(added: Hashes) -> bytes:
    return b"".join(map(bytes_field, added))


def _extend(connection: Connection, tile: Tile) -> None:
    columns = [TILE.c[name] for name in Hashes._fields]
    here = [func.length(column) == before for column, before in zip(columns, tile.before, strict=True)]
    longer = {column: column.op("||")(added) for column, added in zip(columns, tile.added, strict=True)}
    change = update(TILE).where(TILE.c.level == tile.level, TILE.c["index"] == tile.index, *here).values(longer)
    if connection.execute(change).rowcount != 1:
        raise LogDamaged(
            "Nothing can be added to the log",
            where=f"tile {tile.index} at level {tile.level} of the log's tree",
            why="it does not hold what the log's head counts",
            fix="Run hub audit verify and restore the database",
        )
