"""Walking over the log block by block: entries against the tiles that hold their hashes. Pure.

A block is up to 256 entries and the tile of level 0 that belongs to them. The tree is grown from the tiles: where an
entry was removed or changed, what was signed still tells whether the tile is as it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from audit.merkle import HASH_BYTES, Frontier, Growth, leaf_hash, split
from audit.models import FILTERS
from audit.tiles import HEIGHT, WHOLE, WIDTH

COPIED = ("at", *FILTERS)
EntryRow = tuple[Any, ...]  # index, the columns COPIED, the entry's bytes


@dataclass(frozen=True)
class Block:
    """The stored entries of one tile of level 0, in order, and that tile."""

    number: int
    rows: Sequence[EntryRow]
    tile: bytes | None


@dataclass
class Walk:
    """The tree grown so far, its roots at the sizes that checkpoints are about, and what was wrong on the way.

    ``since`` is the first entry that no witness has vouched for; ``oldest`` the earliest instant from there on.
    """

    sizes: frozenset[int]
    since: int
    tree: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    above: list[bytearray] = field(default_factory=list)
    count: int = 0
    after: int = -1
    blocks: int = 0
    oldest: str | None = None
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roots[0] = self.tree.root

    def take(self, block: Block) -> None:
        """Go on by one block."""
        self.count += len(block.rows)
        if block.number < self.blocks:
            self.problems += outside(block)
            return
        self.problems += wrong_numbers(self.after, block.rows)
        if block.number > self.blocks:
            self.problems.append(f"The tiles {self.blocks} to {block.number - 1} at level 0 are missing.")
        self._grow(self._hashes(block))
        for row in block.rows:
            if not _agrees(row):
                self.problems += wrong_copies(row)
        self._date(block.rows)
        self.after = block.rows[-1][0] if block.rows else self.after
        self.blocks = block.number + 1

    def _hashes(self, block: Block) -> Sequence[bytes]:
        """What the tree holds for the block: the tile's hashes; without a tile the entries' own."""
        own = [leaf_hash(row[-1]) for row in block.rows]
        first = block.number * WIDTH
        usual = not block.rows or (block.rows[0][0], block.rows[-1][0]) == (first, first + len(own) - 1)
        if usual and block.tile == b"".join(own):
            return own
        hashes = {row[0] - first: known for row, known in zip(block.rows, own, strict=True)}
        self.problems += wrong_tile(block, hashes)
        return own if block.tile is None else split(block.tile)

    def _grow(self, hashes: Sequence[bytes]) -> None:
        start, end = self.tree.size, self.tree.size + len(hashes)
        for stop in sorted({size for size in range(start + 1, end) if size in self.sizes} | {end}):
            grown = self.tree.grow(hashes[self.tree.size - start : stop - start])
            self._rise(grown)
            self.tree = grown.tree
            if stop in self.sizes:
                self.roots[stop] = self.tree.root

    def _rise(self, grown: Growth) -> None:
        """Gather what the tiles above level 0 must hold: the roots of the whole tiles below each."""
        for level, hashes in enumerate(grown.closed[HEIGHT::HEIGHT]):
            if len(self.above) <= level:
                self.above.append(bytearray())
            self.above[level] += b"".join(hashes)

    def _date(self, rows: Sequence[EntryRow]) -> None:
        if rows and rows[-1][0] >= self.since:
            instants = [row[1] for row in rows if row[0] >= self.since]
            self.oldest = min(instants if self.oldest is None else [self.oldest, *instants])


def outside(block: Block) -> Iterator[str]:
    """What is stored under numbers that no entry has."""
    for row in block.rows:
        yield f"Entry {row[0]} does not belong to the log: its entries are numbered from 0."
    if block.tile is not None:
        yield f"Tile {block.number} at level 0 does not belong to the tree."


def wrong_numbers(after: int, rows: Sequence[EntryRow]) -> Iterator[str]:
    """What is wrong with the numbers of entries that follow one another, the first after ``after``."""
    if not rows or (rows[0][0], rows[-1][0]) == (after + 1, after + len(rows)):
        return
    for row in rows:
        if row[0] != after + 1:
            yield f"Entry {after + 1} is missing: the next that is stored is {row[0]}."
        after = row[0]


def _agrees(row: EntryRow) -> bool:
    try:
        said = orjson.loads(row[-1])
    except ValueError:
        return False
    return type(said) is dict and tuple(map(said.get, COPIED)) == row[1:-1]


def wrong_copies(row: EntryRow) -> Iterator[str]:
    """Which of an entry's columns do not say what the entry says."""
    try:
        said = orjson.loads(row[-1])
    except ValueError:
        said = None
    if not isinstance(said, dict):
        yield f"Entry {row[0]} cannot be read: it is not a JSON object."
        return
    for name, value in sorted(zip(COPIED, row[1:-1], strict=True)):
        if said.get(name) != value:
            yield f"Entry {row[0]} was changed: its column {name} does not say what the entry says."


def wrong_tile(block: Block, hashes: Mapping[int, bytes]) -> Iterator[str]:
    """How a block's tile differs from the hashes of its entries, by their places in it."""
    if block.tile is None:
        yield f"Tile {block.number} at level 0 is missing."
        return
    held = split(block.tile)
    if len(block.tile) % HASH_BYTES or len(block.tile) > WHOLE:
        yield f"Tile {block.number} at level 0 has {len(block.tile)} bytes, which no tile has."
    for place, known in hashes.items():
        if not 0 <= place < len(held):
            yield f"Tile {block.number} at level 0 does not hold the hash of entry {block.number * WIDTH + place}."
        elif held[place] != known:
            yield (
                f"Entry {block.number * WIDTH + place} does not have the hash that tile {block.number} at level 0 "
                "holds for it: one of them was changed."
            )


def wrong_above(above: Sequence[bytes | bytearray], stored: Iterable[tuple[int, int, bytes]]) -> Iterator[str]:
    """How the stored tiles above level 0 (level, index, hashes) differ from the roots of the whole tiles below."""
    expected = {
        (level, start // WHOLE): bytes(hashes[start : start + WHOLE])
        for level, hashes in enumerate(above, 1)
        for start in range(0, len(hashes), WHOLE)
    }
    for level, index, hashes in stored:
        right = expected.pop((level, index), None)
        if right is None:
            yield f"Tile {index} at level {level} does not belong to the tree."
        elif right != hashes:
            yield f"Tile {index} at level {level} does not fit the tiles below it."
    for level, index in expected:
        yield f"Tile {index} at level {level} is missing."
