"""How long a proof takes at ten million leaves: ``python -m benchmarks.log_proofs``.

Beside pymerkle over the same leaves in SQLite. It keeps leaf hashes alone and computes inner nodes when a proof needs
them; those of more than 128 leaves it caches, so that its first proof reads the whole log and later ones do not.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pymerkle import SqliteTree
from sqlalchemy import Connection

from audit import proofs, tiles
from audit.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from benchmarks.log_home import engine

LEAVES, BATCH, PROOFS = 10_000_000, 200_000, 300


def leaves() -> Iterator[list[bytes]]:
    """Small contents, since a proof does not depend on what an entry says."""
    for start in range(0, LEAVES, BATCH):
        yield [sha256(number.to_bytes(8)).digest() for number in range(start, start + BATCH)]


def times(act: Callable[[int], object]) -> list[float]:
    """Milliseconds of each of many acts, for places drawn by chance."""
    chance, taken = random.Random(1), []
    for _ in range(PROOFS):
        place = chance.randrange(1, LEAVES)
        began = time.perf_counter()
        act(place)
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def figures(what: str, taken: list[float]) -> str:
    """Median, nineteen of twenty, and the first."""
    slow = statistics.quantiles(taken, n=20)[-1]
    return f"{what:<58} median {statistics.median(taken):7.3f} ms, 95 % {slow:7.3f} ms, first {taken[0]:9.3f} ms"


def hub() -> Iterator[str]:
    """The tiles of the log alone are filled: a proof reads nothing else."""
    with engine() as log, log.connect() as connection:
        tree = Frontier()
        for batch in leaves():
            grown = tree.grow(map(leaf_hash, batch))
            tiles.write(connection, tree.size, grown)
            tree = grown.tree
        connection.commit()
        yield figures("hub log: inclusion", times(lambda place: proofs.inclusion(connection, place, LEAVES)))
        yield figures("hub log: consistency", times(lambda place: proofs.consistency(connection, place, LEAVES)))
        yield figures("hub log: root of an earlier size", times(lambda place: proofs.root(connection, place)))
        _check(connection, tree.root)


def _check(connection: Connection, root: bytes) -> None:
    place = LEAVES // 3
    leaf = leaf_hash(sha256(place.to_bytes(8)).digest())
    assert verify_inclusion(leaf, place, LEAVES, proofs.inclusion(connection, place, LEAVES), root)
    steps = proofs.consistency(connection, place, LEAVES)
    assert verify_consistency(place, LEAVES, proofs.root(connection, place), root, steps)


def peer() -> Iterator[str]:
    """The same leaves in pymerkle's tree in a file."""
    with tempfile.TemporaryDirectory() as folder, SqliteTree(str(Path(folder) / "log.db")) as tree:
        for batch in leaves():
            tree.append_entries(batch, chunksize=BATCH)
        named = f"pymerkle {version('pymerkle')} SqliteTree"
        yield figures(f"{named}: inclusion", times(lambda place: tree.prove_inclusion(place + 1, LEAVES)))
        yield figures(f"{named}: consistency", times(lambda place: tree.prove_consistency(place, LEAVES)))


def main() -> None:
    """Print every figure, by the clock, the query to the server included."""
    print(f"\nProofs at {LEAVES:,} leaves (SHA-256 of their numbers), {PROOFS} places by chance, one after the other")
    for line in (*hub(), *peer()):
        print(line)


if __name__ == "__main__":
    main()
