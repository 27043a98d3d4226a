"""Reading the whole log for its verification: some blocks at a time, so that memory stays flat.

Nobody has to wait for it. While it reads, entries are added: a block that is full never changes again, and the last,
which may grow, is read in one query together with all that must fit it, and so as it was at one instant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, null, select, union_all

from audit.models import CHECKPOINT, COSIGNATURE, GUARDED, HEAD
from audit.opened import Row
from audit.raw import raw_cursor
from audit.statements import Statement
from audit.tiles import WIDTH, Hashes
from audit.walk import Block

ROWS_AT_ONCE = 4 * WIDTH  # of bundles; one block has 256 at the most
_INSTANTS = ", ".join(  # as instant() writes them
    f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""" for name in ("earliest_at", "latest_at")
)
_BUNDLES = f"SELECT first, size, {_INSTANTS}, terms, entries FROM hub.audit_bundle"  # noqa: S608
_NEXT = f"{_BUNDLES} WHERE first >= %s ORDER BY first LIMIT %s"
_TILES = "SELECT index, hashes, middle FROM hub.audit_tile WHERE level = 0 AND index >= %s AND index < %s"
_END = f"""
    SELECT 'bundle' AS kind, 0 AS level, bundle.*, NULL AS middle
    FROM ({_BUNDLES} WHERE first >= %(first)s OR first < 0) AS bundle
    UNION ALL SELECT 'tile', level, index, NULL, NULL, NULL, NULL, hashes, middle FROM hub.audit_tile
    WHERE level <> 0 OR index >= %(block)s OR index < 0
    UNION ALL SELECT 'head', 0, size, NULL, NULL, NULL, NULL, frontier, NULL FROM hub.audit_head
    ORDER BY level, first
"""  # noqa: S608
_GUARDS = """
    SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = CAST('hub' AS regnamespace) AND tgname = 'audit_only_added' AND tgenabled IN ('O', 'A')
"""


@dataclass(frozen=True)
class End:
    """The last blocks, the tiles above level 0, and the head's size and tree, as they were at one instant."""

    blocks: Sequence[Block]
    above: Sequence[tuple[int, int, Hashes]]
    head: tuple[int, bytes] | None


@dataclass(frozen=True)
class Found:
    """A statement beside the head's count of checkpoints and digest of all; what there is not is None."""

    counted: int | None
    digest: bytes | None
    statement: Statement | None


def statements(connection: Connection) -> Iterator[Found]:
    """Checkpoints in order, each before its cosignatures, and the head as it was at the same instant; never empty."""
    point, line = CHECKPOINT.c, COSIGNATURE.c
    said = union_all(
        select(point.number, point.size, point.note.label("text"), point.at, null().label("witness")),
        select(line.number, null(), line.line, line.received_at, line.witness),
    ).subquery()
    one = select(null().label("nothing")).subquery()
    beside = one.outerjoin(HEAD, HEAD.c.id == 1).outerjoin(said, said.c.number.is_not(None))
    query = select(HEAD.c.checkpoints, HEAD.c.statements, said).select_from(beside)
    ordered = query.order_by(said.c.number, said.c.witness.nulls_first())
    for row in connection.execute(ordered, execution_options={"yield_per": 5_000}):
        read = Statement(row.number, row.size, row.text, row.at, row.witness)
        yield Found(row.checkpoints, row.statements, None if row.number is None else read)


def blocks(connection: Connection) -> Iterator[Block]:
    """Every block but the last ones."""
    first = 0
    while True:
        rows = _rows(connection, _NEXT, (first, ROWS_AT_ONCE))
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1][0] // WIDTH
        tiles = {index: Hashes(*some) for index, *some in _rows(connection, _TILES, (first // WIDTH, last))}
        yield from _blocks([row for row in rows if row[0] // WIDTH < last], tiles)
        first = last * WIDTH


def end(connection: Connection, block: int) -> End:
    """What there is from a block on, and what is stored where nothing should be."""
    rows = _rows(connection, _END, {"first": block * WIDTH, "block": block})
    tiles = [(row[1], row[2], Hashes(*row[-2:])) for row in rows if row[0] == "tile"]
    head = next(((row[2], row[-2]) for row in rows if row[0] == "head"), None)
    bundles = [row[2:-1] for row in rows if row[0] == "bundle"]
    level_0 = {index: content for level, index, content in tiles if level == 0}
    return End(list(_blocks(bundles, level_0)), [tile for tile in tiles if tile[0] != 0], head)


def unguarded(connection: Connection) -> list[str]:
    """Which tables' triggers, that refuse to change what is only ever added, are gone or switched off."""
    guarded = {name for (name,) in _rows(connection, _GUARDS, ())}
    return [table.name for table in GUARDED if table.name not in guarded]


def _rows(connection: Connection, query: str, values: Any) -> list[Row]:
    with raw_cursor(connection) as cursor:
        return cursor.execute(query, values).fetchall()


def _blocks(rows: Sequence[Row], tiles: dict[int, Hashes]) -> Iterator[Block]:
    """Put together what belongs together, in order; a block may lack its bundles or its tile."""
    bundles = {number: list(some) for number, some in groupby(rows, lambda row: row[0] // WIDTH)}
    for number in sorted(bundles.keys() | tiles.keys()):
        yield Block(number, bundles.get(number, ()), tiles.get(number))
