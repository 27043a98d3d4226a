"""Walking over the log block by block: entries against the tiles that hold their hashes. Pure.

A block is up to 256 entries, in one bundle or more, and the tile of level 0 that belongs to them. The tree is grown
from the tiles: where an entry was removed or changed, what was signed still tells whether the tile is as it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.merkle import HASH_BYTES, Frontier, Growth, leaf_hash, split
from audit.opened import Opened, Row, opened
from audit.tiles import HEIGHT, WHOLE, WIDTH, Hashes


@dataclass(frozen=True)
class Block:
    """The stored bundles of one tile of level 0, in order, and that tile."""

    number: int
    rows: Sequence[Row]
    tile: Hashes | None


@dataclass
class Walk:
    """The tree grown so far, its roots at the sizes that checkpoints are about, and what was wrong on the way.

    ``since`` is the first entry that no witness has vouched for; ``oldest`` the earliest instant from there on.
    ``stated`` is what entries say of the persons that they were about: how many, and the root of their commitments.
    """

    sizes: frozenset[int]
    since: int
    tree: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    above: list[bytearray] = field(default_factory=list)
    count: int = 0
    after: int = 0
    blocks: int = 0
    oldest: str | None = None
    stated: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roots[0] = self.tree.root

    def take(self, block: Block) -> None:
        """Go on by one block."""
        bundles = list(map(opened, block.rows))
        self.count += sum(bundle.size for bundle in bundles)
        if block.number < self.blocks:
            self.problems += outside(block)
            return
        if block.number > self.blocks:
            self.problems.append(f"The tiles {self.blocks} to {block.number - 1} at level 0 are missing.")
        self._grow(self._hashes(block, bundles))
        for bundle in bundles:
            self._read(bundle)
        self.blocks = block.number + 1

    def _hashes(self, block: Block, bundles: Sequence[Opened]) -> Sequence[bytes]:
        """What the tree holds for the block: the tile's hashes; without a tile the entries' own."""
        first = block.number * WIDTH
        own = {
            place: leaf_hash(content)
            for bundle in bundles
            for place, content in enumerate(bundle.contents, bundle.first - first)
        }
        known = list(own.values())
        if block.tile is None:
            self.problems.append(f"Tile {block.number} at level 0 is missing.")
            return known
        if not block.tile.fits:
            self.problems.append(wrong_middle(0, block.number))
        if list(own) == list(range(len(own))) and block.tile.hashes == b"".join(known):
            return known
        self.problems += wrong_tile(block.number, block.tile.hashes, own)
        return split(block.tile.hashes)

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

    def _read(self, bundle: Opened) -> None:
        """What a bundle's entries say; whether they follow those before them."""
        self.problems += wrong_numbers(self.after, bundle)
        self.problems += bundle.problems
        self.after = bundle.after
        if bundle.after > self.since and not bundle.problems:
            instants = [one["at"] for one in bundle.said[max(self.since - bundle.first, 0) :]]
            self.oldest = min([*instants, *([self.oldest] if self.oldest else [])])
        for index, said in enumerate(bundle.said, bundle.first):
            detail = said.get("detail")
            if type(detail) is dict and "persons_root" in detail:
                self.stated[index] = detail


def outside(block: Block) -> Iterator[str]:
    """What is stored under numbers that no entry has."""
    for row in block.rows:
        yield f"Entry {row[0]} does not belong to the log: its entries are numbered from 0."
    if block.tile is not None:
        yield f"Tile {block.number} at level 0 does not belong to the tree."


def wrong_numbers(after: int, bundle: Opened) -> Iterator[str]:
    """What is wrong with the numbers of a bundle's entries, where ``after`` comes next."""
    if bundle.first > after:
        yield f"Entry {after} is missing: the next that is stored is {bundle.first}."
    elif bundle.first < after:
        yield f"Entry {bundle.first} is stored twice."


def wrong_middle(level: int, index: int) -> str:
    """What is said of a tile that does not fit in itself."""
    return f"Tile {index} at level {level} has another middle than its hashes make."


def wrong_tile(number: int, tile: bytes, hashes: Mapping[int, bytes]) -> Iterator[str]:
    """How the hashes of a tile of level 0 differ from those of its block's entries, by their places in it."""
    held = split(tile)
    if len(tile) % HASH_BYTES or len(tile) > WHOLE:
        yield f"Tile {number} at level 0 has {len(tile)} bytes, which no tile has."
    for place, known in hashes.items():
        entry = number * WIDTH + place
        if not 0 <= place < len(held):
            yield f"Tile {number} at level 0 does not hold the hash of entry {entry}."
        elif held[place] != known:
            wrong = f"does not have the hash that tile {number} at level 0 holds for it: one of them was changed"
            yield f"Entry {entry} {wrong}."


def wrong_above(above: Sequence[bytes | bytearray], stored: Iterable[tuple[int, int, Hashes]]) -> Iterator[str]:
    """How the stored tiles above level 0 (level, index, content) differ from the roots of the whole tiles below."""
    expected = {
        (level, start // WHOLE): bytes(hashes[start : start + WHOLE])
        for level, hashes in enumerate(above, 1)
        for start in range(0, len(hashes), WHOLE)
    }
    for level, index, tile in stored:
        right = expected.pop((level, index), None)
        if right is None:
            yield f"Tile {index} at level {level} does not belong to the tree."
        elif right != tile.hashes:
            yield f"Tile {index} at level {level} does not fit the tiles below it."
        if not tile.fits:
            yield wrong_middle(level, index)
    for level, index in expected:
        yield f"Tile {index} at level {level} is missing."
