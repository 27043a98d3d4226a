"""From CSV to sealed, split Parquet: ``python -m benchmarks.feeds_stream [--rows N] [--dirt SHARE] [--large MB]``.

What is timed is ``ingest.admission.admit`` on one core, processor time of the process with all its threads: the sealed
pages of a delivery are opened and hashed, read as CSV, checked with all rules of police.recorded_crime and against each
other, the rows at fault sealed for the provider, the others split and written as encrypted Parquet, and the log kept.
The token step stands aside: ids are a cheap hash of the row's key in the form of a digest, tokens and encodings blank.

Beside it, in the same run on the same file: pandas reads the CSV, pandera checks it, the rows that pass are written as
the same three tables in plain Parquet. It neither seals, nor hashes, nor logs, and holds the whole file.
"""

import argparse
import json
import os
import subprocess
import sys

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is imported: the figures are for one core
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from hub.memory import keep_freed_memory

keep_freed_memory()  # as the hub command does

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import psutil
import pyarrow as pa

from benchmarks.feeds_rows import extract
from benchmarks.measure import machine
from hub import database, postgres
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from ingest import admission
from keys.home import create_ring
from keys.ring import KeyRing
from partners.agreement import agree
from pseudonymise.fields import RECORD_COLUMNS
from pseudonymise.scheme_keys import SchemeKeys
from pseudonymise.split import Split, Treatments, assemble, last_records, record_table
from schemas.contract import Contract
from schemas.crossing import LAST_OF_RECORD
from store.deliveries import open_delivery
from store.landing import close_delivery, seal_page

FEED, QUARTER = "police.recorded_crime", Quarter(2026, 3)
MIB = 1 << 20
PAGE_BYTES = 32 * MIB


@dataclass(frozen=True)
class Home:
    """A hub of its own for the run."""

    settings: Settings
    ring: KeyRing


@contextmanager
def home() -> Iterator[Home]:
    """A home with its own PostgreSQL, keys, and an agreement that six simulated authorities signed."""
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        agreement = agree(Path(folder) / "partners", PROJECT / "config" / "agreement.yaml", Path(folder))
        settings = Settings(home=Path(folder), agreement=agreement, commit="0" * 40)
        database.migrate(settings)
        try:
            yield Home(settings, create_ring(settings))
        finally:
            database.engine(settings).dispose()
            postgres.stop(settings.home)


def deliver(hub: Home, parts: Iterator[bytes]) -> tuple[str, int]:
    """A closed delivery of one document in pages of 32 MiB; its id and its bytes."""
    held, size = bytearray(), 0
    with transaction(hub.settings) as connection:
        delivery = open_delivery(connection, hub.ring, load_feed(hub.settings.config, FEED), QUARTER)
    for part in parts:
        held += part
        size += len(part)
        while len(held) >= PAGE_BYTES:
            page = bytes(held[:PAGE_BYTES])
            del held[:PAGE_BYTES]
            with transaction(hub.settings) as connection:
                delivery = seal_page(hub.settings, connection, hub.ring, delivery, page, cursor=None, more=True)
    with transaction(hub.settings) as connection:
        delivery = seal_page(hub.settings, connection, hub.ring, delivery, bytes(held), cursor=None)
        return close_delivery(connection, delivery).id, size


def without_tokens(frame: pl.DataFrame, contract: Contract, treatments: Treatments, _: SchemeKeys) -> Split:
    """``pseudonymise.split`` with the token step aside."""
    ids = [_id(frame, contract.event_key).alias("event_id"), _id(frame, contract.record_key).alias("record_id")]
    rows = frame.with_columns(ids)
    latest = last_records(rows.select("record_id", LAST_OF_RECORD))
    blank = [
        pl.Series(name, [None], dtype=kind).new_from_index(0, latest.height)
        for name, kind in RECORD_COLUMNS.items()
        if name not in ("record_id", "feed", "authority", "reference_sealed")
    ]
    sealed = latest["record_id"].cast(pl.Binary)
    return assemble(
        rows, contract, treatments, record_table(latest["record_id"], contract, pl.DataFrame(blank), sealed)
    )


def _id(frame: pl.DataFrame, key: tuple[str, ...]) -> pl.Series:
    """32 hex digits for each row, as a digest has them."""
    rows = frame.select(key)
    hashed = np.column_stack([rows.hash_rows(seed).to_numpy() for seed in (1, 2)])
    ends = pa.py_buffer(np.arange(len(hashed) + 1, dtype=np.int64) * 32)
    digits = pa.py_buffer(hashed.tobytes().hex().encode())
    return pl.Series(pa.LargeStringArray.from_buffers(len(hashed), ends, digits))


@contextmanager
def watched(memory: list[int]) -> Iterator[None]:
    """The most memory that the process holds within the block, in MiB, looked at 50 times a second."""
    done, process = threading.Event(), psutil.Process()

    def look() -> None:
        while not done.wait(0.02):
            memory.append(process.memory_info().rss // MIB)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def ours(hub: Home, rows: int, dirt: float) -> tuple[float, list[int]]:
    """Processor seconds of an admission, and the memory held while it ran."""
    delivery, size = deliver(hub, extract(rows, dirt))
    memory: list[int] = []
    with watched(memory):
        began = time.process_time()
        outcome = admission.admit(hub.settings, delivery)
        taken = time.process_time() - began
    print(
        f"hub: {rows:,} rows, {size / 1e6:,.0f} MB, {dirt:.0%} at fault: {outcome.accepted:,} accepted, "
        f"{outcome.quarantined:,} quarantined; {rows / taken:,.0f} rows/s a core ({taken / rows * 1e6:.2f} us a row); "
        f"memory at most {max(memory):,} MiB"
    )
    return taken, memory


def peer(parts: Iterator[bytes]) -> tuple[float, int, int]:
    """The same by pandas and pandera, in their own process: processor seconds, rows accepted, most memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extract.csv"
        with path.open("wb") as file:
            file.writelines(parts)
        program = [sys.executable, "-m", "benchmarks.feeds_pandas", str(path)]
        ran = subprocess.run(program, capture_output=True, check=True, text=True, timeout=3600)
        found = json.loads(ran.stdout.splitlines()[-1])
    return found["seconds"], found["accepted"], found["mib"]


def curve(memory: list[int]) -> str:
    """Memory in tenths of the run: the most in each."""
    step = max(1, len(memory) // 10)
    return ", ".join(f"{max(memory[start : start + step]):,}" for start in range(0, step * 10, step) if memory[start:])


def main() -> None:
    """Print every figure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--dirt", type=float, default=0.0)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--large", type=int, default=0, help="megabytes of one more delivery, for the memory it takes")
    given = asked.parse_args()
    pa.set_cpu_count(1)
    admission.split = without_tokens  # type: ignore[attr-defined]
    print(machine())
    with home() as hub:
        for _ in range(given.runs):
            own, _ = ours(hub, given.rows, given.dirt)
            other, accepted, most = peer(extract(given.rows, given.dirt))
            print(
                f"pandas + pandera, same file: {accepted:,} accepted; {given.rows / other:,.0f} rows/s a core; memory "
                f"at most {most:,} MiB; the hub is {other / own:.1f} times as fast"
            )
        if given.large:
            rows = given.large * 1_000_000 // 225
            _, memory = ours(hub, rows, given.dirt)
            print(f"memory by tenths of that run, MiB: {curve(memory)}")


if __name__ == "__main__":
    sys.exit(main())
