"""Proofs about the stored log: that an entry is in it, that it only grew, and what its root was."""

from collections.abc import Sequence

from sqlalchemy import Connection

from audit.errors import LogDamaged, ProofRefused
from audit.merkle import Node, consistency_path, covering, inclusion_path, join
from audit.raw import raw_cursor
from audit.tiles import folded, place

_SLICES = """
    SELECT substring(tile.hashes FROM wanted.start FOR wanted.length)
    FROM unnest(%s::smallint[], %s::bigint[], %s::integer[], %s::integer[])
        WITH ORDINALITY AS wanted (level, index, start, length, number)
    LEFT JOIN hub.audit_tile AS tile ON tile.level = wanted.level AND tile.index = wanted.index
    ORDER BY wanted.number
"""


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
    """The hash of each subtree, in one query."""
    nodes = [covering(leaves) for leaves in wanted]
    found = iter(_read(connection, [node for some in nodes for node in some]))
    return tuple(join([next(found) for _ in some]) for some in nodes)


def _read(connection: Connection, nodes: Sequence[Node]) -> list[bytes]:
    if not nodes:
        return []
    places = [place(node) for node in nodes]
    columns = zip(*((at.level, at.index, at.start + 1, at.length) for at in places), strict=True)
    with raw_cursor(connection) as cursor:
        rows = [row[0] for row in cursor.execute(_SLICES, [list(column) for column in columns])]
    for at, found in zip(places, rows, strict=True):
        if found is None or len(found) != at.length:
            raise LogDamaged(
                "The proof cannot be made",
                where=f"tile {at.index} at level {at.level} of the log's tree",
                why="the tile is missing or too short",
                fix="Ask for a size that the log has; if it has, run hub audit verify and restore the database",
            )
    return [folded(found) for found in rows]


def _refused(where: str, why: str) -> ProofRefused:
    return ProofRefused("There is no such proof", where=where, why=why, fix="Ask for an entry that the log has")
