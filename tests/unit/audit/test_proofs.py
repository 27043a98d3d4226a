"""Proofs from the stored tiles: right for every size, refused where there is nothing to prove."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, delete, func, select, update

from audit import proofs
from audit.errors import LogDamaged, ProofRefused
from audit.events import Entry
from audit.log import append
from audit.merkle import EMPTY_ROOT, Frontier, leaf_hash, verify_consistency, verify_inclusion
from audit.models import TILE

Make = Callable[[int], Entry]
BATCHES = (1, 2, 253, 1, 256, 600, 3, 255, 512)


def filled(connection: Connection, entry: Make) -> list[bytes]:
    """The leaf hashes of a log that was written in batches around the sizes of tiles."""
    leaves: list[bytes] = []
    for batch in BATCHES:
        some = [entry(len(leaves) + place) for place in range(batch)]
        append(connection, *some)
        leaves += [leaf_hash(one.canonical()) for one in some]
    return leaves


def root(leaves: list[bytes], size: int) -> bytes:
    return Frontier().add(leaves[:size]).root


def test_proofs_verify_for_any_sizes(engine: Engine, entry: Make) -> None:
    chance = random.Random(7)
    with engine.begin() as connection:
        leaves = filled(connection, entry)
        for size in {1, 2, 255, 256, 257, 512, 513, len(leaves), *chance.sample(range(1, len(leaves)), 60)}:
            index, old = chance.randrange(size), chance.randrange(size + 1)
            assert proofs.root(connection, size) == root(leaves, size)
            inclusion = proofs.inclusion(connection, index, size)
            assert verify_inclusion(leaves[index], index, size, inclusion, root(leaves, size))
            consistency = proofs.consistency(connection, old, size)
            assert verify_consistency(old, size, root(leaves, old), root(leaves, size), consistency)


def test_tiles_are_whole_but_for_the_last_of_each_level(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        leaves = filled(connection, entry)
        order = (TILE.c.level, TILE.c["index"])
        tiles = connection.execute(select(*order, func.length(TILE.c.hashes) / 32).order_by(*order)).all()
    whole, rest = divmod(len(leaves), 256)
    assert [tuple(tile) for tile in tiles] == [*((0, n, 256) for n in range(whole)), (0, whole, rest), (1, 0, whole)]


def test_the_empty_log_has_the_empty_root(engine: Engine) -> None:
    with engine.connect() as connection:
        assert proofs.root(connection, 0) == EMPTY_ROOT
        assert proofs.consistency(connection, 0, 0) == ()


def test_what_is_not_in_the_log_is_not_proved(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(0), entry(1), entry(2))
        for index, size in ((3, 3), (-1, 3), (0, 0)):
            with pytest.raises(ProofRefused):
                proofs.inclusion(connection, index, size)
        for old, new in ((3, 2), (-1, 2)):
            with pytest.raises(ProofRefused):
                proofs.consistency(connection, old, new)
        with pytest.raises(LogDamaged):
            proofs.inclusion(connection, 0, 4)


def test_a_missing_or_short_tile_proves_nothing(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        size = len(filled(connection, entry))
        connection.execute(update(TILE).where(TILE.c.level == 1).values(hashes=b"\x00" * 31))
        with pytest.raises(LogDamaged):
            proofs.root(connection, size)
        connection.execute(delete(TILE).where(TILE.c["index"] == 1))
        with pytest.raises(LogDamaged, match="tile 1 at level 0"):
            proofs.inclusion(connection, 300, size)


def test_a_tile_holds_the_roots_of_each_sixteen_hashes(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        leaves = filled(connection, entry)
        kept = connection.execute(select(TILE.c["index"], TILE.c.middle).where(TILE.c.level == 0)).tuples()
        middle = b"".join(some for _, some in sorted(kept))
    sixteens = [leaves[start : start + 16] for start in range(0, len(leaves) - 15, 16)]
    assert middle == b"".join(root(some, 16) for some in sixteens)


def test_nothing_is_added_to_a_damaged_tile(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(0), entry(1))
        connection.execute(update(TILE).values(hashes=b"\x00" * 32))
        with pytest.raises(LogDamaged):
            append(connection, entry(2))


def test_nothing_is_added_to_a_tile_whose_middle_is_damaged(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(0), entry(1))
        connection.execute(update(TILE).values(middle=b"\x00" * 32))
        with pytest.raises(LogDamaged):
            append(connection, entry(2))
