"""How many entries the log takes a second, committed, in batches: ``python -m benchmarks.log_append [--one-core]``.

Beside pymerkle, which hashes and stores the same bytes in SQLite, committed a batch: no columns to search by, no proofs
ready in storage, no check of the entry's form.
"""

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from pymerkle import SqliteTree

from audit.events import Entry
from audit.log import append
from benchmarks.log_home import conditions, cpu, engine, entry, server

BATCH, BATCHES = 20_000, 12


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock and of the processor for one batch."""

    clock: float
    cpu: float


def figures(what: str, taken: list[Taken]) -> str:
    """Median and best of the batches; the first, in which everything is new, is left out."""
    clock = sorted(one.clock for one in taken[1:])
    used = statistics.median(one.cpu for one in taken[1:])
    return (
        f"{what:<58} median {BATCH / statistics.median(clock):>9,.0f}/s, best {BATCH / clock[0]:>9,.0f}/s; "
        f"processor {used / BATCH * 1e6:5.1f} us an entry"
    )


def hub() -> tuple[str, str]:
    """Batches into the hub's log; the processor's time is the client's and its server process's together."""
    taken = []
    with engine() as log, log.connect() as connection:
        both = (psutil.Process(), server(connection))
        described = conditions(connection)
        connection.commit()
        for number in range(BATCHES):
            entries = [entry(number * BATCH + place) for place in range(BATCH)]
            used, began = cpu(*both), time.perf_counter()
            append(connection, *entries)
            connection.commit()
            taken.append(Taken(time.perf_counter() - began, cpu(*both) - used))
    return described, figures("hub log: hash, tree, columns, committed", taken)


def made() -> str:
    """The form of entries checked, which comes before they are added."""
    taken = []
    for number in range(BATCHES):
        used, began = cpu(psutil.Process()), time.perf_counter()
        _ = [entry(number * BATCH + place) for place in range(BATCH)]
        taken.append(Taken(time.perf_counter() - began, cpu(psutil.Process()) - used))
    return figures("making the entries and checking their form, before", taken)


def peer() -> str:
    """The same bytes into pymerkle's tree in a file."""
    taken = []
    with tempfile.TemporaryDirectory() as folder, SqliteTree(str(Path(folder) / "log.db")) as tree:
        for number in range(BATCHES):
            contents = list(map(Entry.canonical, (entry(number * BATCH + place) for place in range(BATCH))))
            used, began = cpu(psutil.Process()), time.perf_counter()
            tree.append_entries(contents, chunksize=BATCH)
            taken.append(Taken(time.perf_counter() - began, cpu(psutil.Process()) - used))
    return figures(f"pymerkle {version('pymerkle')} SqliteTree: hash, leaf, committed", taken)


def main() -> None:
    """Print every figure, on one core or on all that there are."""
    if "--one-core" in sys.argv:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the server, started from here, stays there too
    cores = len(os.sched_getaffinity(0))
    described, ours = hub()
    where = "client and server on one core" if cores == 1 else f"client and server as they run, on {cores} cores"
    print(f"\nAppending {BATCHES - 1} batches of {BATCH:,} entries of {len(entry(1).canonical())} bytes, {where}")
    print(f"({described})")
    print("\n".join((ours, peer(), made())))


if __name__ == "__main__":
    main()
