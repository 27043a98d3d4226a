"""Proofs about the stored log: that an entry is in it, that it only grew, and what its root was."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from audit.errors import LogDamaged, ProofRefused
from audit.merkle import HASH_BYTES, consistency_path, covering, inclusion_path, join
from audit.raw import raw_cursor
from audit.tiles import Hashes, Place, node, place

_TILES = "SELECT level, index, hashes, middle FROM hub.audit_tile WHERE (level, index) IN ({})"
_ONE = "(%s::smallint, %s::bigint)"


def inclusion(connection: Connection, index: int, size: int) -> tuple[bytes, ...]:
    """The proof that entry ``index`` is in the log of the first ``size`` entries (RFC 9162 section 2.1.3.1).

    Raises ProofRefused if it is not, LogDamaged if the tree does not hold what the proof is made of.
    """
    if not 0 <= index < size:
        raise _refused(f"entry {index} of the first {size}", "it is not one of them")
    return _hashes(connection, inclusion_path(index, size))


def consistency(connection: Connection, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the first ``new`` entries begin with the first ``old`` (RFC 9162 section 2.1.4.1).

    Raises ProofRefused if ``old`` is the larger, LogDamaged if the tree does not hold what the proof is made of.
    """
    if not 0 <= old <= new:
        raise _refused(f"the first {old} of the first {new} entries", "the log never becomes shorter")
    return _hashes(connection, consistency_path(old, new))


def root(connection: Connection, size: int) -> bytes:
    """The root of the first ``size`` entries; raises LogDamaged if the tree does not hold so many."""
    return _hashes(connection, (range(size),))[0]


def _hashes(connection: Connection, wanted: Sequence[range]) -> tuple[bytes, ...]:
    """The hash of each subtree."""
    places = [[place(root) for root in covering(leaves)] for leaves in wanted]
    tiles = _tiles(connection, {(at.level, at.tile) for some in places for at in some})
    return tuple(join([_hash(tiles, at) for at in some]) for some in places)


def _tiles(connection: Connection, wanted: set[tuple[int, int]]) -> Mapping[tuple[int, int], Hashes]:
    """Tiles as they are stored now, in one query: at most two a level."""
    if not wanted:
        return {}
    with raw_cursor(connection) as cursor:
        rows = cursor.execute(_TILES.format(", ".join([_ONE] * len(wanted))), [value for at in wanted for value in at])
        return {(level, index): Hashes(*some) for level, index, *some in rows}


def _hash(tiles: Mapping[tuple[int, int], Hashes], at: Place) -> bytes:
    found = node(tiles.get((at.level, at.tile), Hashes(b"", b"")), at.height, at.number)
    if len(found) != HASH_BYTES:
        raise LogDamaged(
            "The proof cannot be made",
            where=f"tile {at.tile} at level {at.level} of the log's tree",
            why="the tile is missing or too short",
            fix="Ask for a size that the log has; if it has, run hub audit verify and restore the database",
        )
    return found


def _refused(where: str, why: str) -> ProofRefused:
    return ProofRefused("There is no such proof", where=where, why=why, fix="Ask for an entry that the log has")
