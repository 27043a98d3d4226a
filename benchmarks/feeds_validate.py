"""Rows checked a second by their contract: ``python -m benchmarks.feeds_validate [--rows N] [--dirt SHARE]``.

What is timed, on one core, processor time of the process with all its threads: frames of text (police.recorded_crime,
29 columns that come and 4 that are made) go through ``schemas.validation.Checking``: every column trimmed, read into
its type and checked, every rule across columns, places put into areas, keys hashed; all rows held against each other
(repeats, last of an event); then the typed rows that stand, and the rows at fault with their reasons. Not timed:
reading the file, which ``benchmarks.feeds_stream`` does, and the table of squares around the areas, made once in a
process.

Beside it, in the same run on the same file: pandas and pandera by ``benchmarks.feeds_pandas``, which also read the CSV
and write three plain Parquet files; so reading the CSV is added to ours there.
"""

import argparse
import json
import os
import subprocess
import sys

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is imported: the figures are for one core
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from hub.memory import keep_freed_memory

keep_freed_memory()  # as the hub command does

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import polars as pl
import psutil

from benchmarks.feeds_rows import extract
from benchmarks.measure import machine
from hub.periods import Quarter
from schemas.areas import load_areas
from schemas.formats import ROW_NUMBER
from schemas.police import RECORDED_CRIME
from schemas.validation import Checking

QUARTER, BATCH, PEER_ROWS = Quarter(2026, 3), 200_000, 200_000


@dataclass
class Seconds:
    """Processor time by step."""

    batches: float = 0.0
    settling: float = 0.0
    standing: float = 0.0
    quarantined: float = 0.0

    @property
    def total(self) -> float:
        """Of all steps."""
        return self.batches + self.settling + self.standing + self.quarantined


def frames(path: Path) -> list[pl.DataFrame]:
    """The file's rows as text, in batches."""
    text = pl.read_csv(path, infer_schema=False, empty_string_is_null=False).with_row_index(ROW_NUMBER, 1)
    numbered = text.with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))
    return [part.rechunk() for part in numbered.iter_slices(BATCH)]


def check(batches: list[pl.DataFrame]) -> tuple[Seconds, int, int]:
    """Check a delivery; the time by step, and how many rows stand and do not."""
    seconds = Seconds()
    with Checking(RECORDED_CRIME, QUARTER) as checking:
        began = time.process_time()
        checked = [checking.batch(batch) for batch in batches]
        seconds.batches, began = time.process_time() - began, time.process_time()
        settled = checking.settle()
        seconds.settling, began = time.process_time() - began, time.process_time()
        stand = sum(checking.standing(batch).height for batch in checked)
        seconds.standing, began = time.process_time() - began, time.process_time()
        fault = sum(checking.quarantined(batch).height for batch in batches)
        seconds.quarantined = time.process_time() - began
    assert (stand, fault) == (settled.accepted, settled.quarantined)
    return seconds, stand, fault


def alone(rows: int, dirt: float, runs: int) -> Iterator[str]:
    """Ours, by step: the run of these that took the least time."""
    with tempfile.TemporaryDirectory() as folder:
        path = _file(Path(folder), rows, dirt)
        batches, size = frames(path), path.stat().st_size
    told = [check(batches) for _ in range(runs)]
    seconds, stand, fault = min(told, key=lambda one: one[0].total)
    yield f"{rows:,} rows, {size:,} bytes of CSV, batches of {BATCH:,}: {stand:,} stand, {fault:,} at fault"
    yield f"{rows / seconds.total:,.0f} rows/s a core; each batch alone {rows / seconds.batches:,.0f} rows/s"
    parts = {"batches": seconds.batches, "settling": seconds.settling, "standing rows": seconds.standing}
    steps = ", ".join(f"{name} {1e9 * part / rows:,.0f}" for name, part in parts.items())
    yield f"nanoseconds a row: {steps}, rows at fault {1e9 * seconds.quarantined / rows:,.0f}"
    yield f"memory of the process: {psutil.Process().memory_info().rss >> 20:,} MiB, all batches held in it"


def beside(dirt: float) -> str:
    """Ours and pandas with pandera on one file, reading included."""
    with tempfile.TemporaryDirectory() as folder:
        path = _file(Path(folder), PEER_ROWS, dirt)
        began = time.process_time()
        _, stand, _ = check(frames(path))
        ours = time.process_time() - began
        command = [sys.executable, "-m", "benchmarks.feeds_pandas", str(path)]
        peer = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=900).stdout)
    ratio = peer["seconds"] / ours
    return (
        f"{PEER_ROWS:,} rows with reading: ours {PEER_ROWS / ours:,.0f} rows/s ({stand:,} stand); pandas "
        f"{version('pandas')} and pandera {PEER_ROWS / peer['seconds']:,.0f} rows/s ({peer['accepted']:,} stand, "
        f"{peer['mib']:,} MiB): {ratio:.1f} times"
    )


def _file(folder: Path, rows: int, dirt: float) -> Path:
    path = folder / "recorded_crime.csv"
    with path.open("wb") as file:
        file.writelines(extract(rows, dirt))
    return path


def main() -> None:
    """Print every figure."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--dirt", type=float, default=0.01)
    asked.add_argument("--runs", type=int, default=3)
    told = asked.parse_args()
    print(machine(), f"least of {told.runs} here", sep="; ")
    _ = load_areas().by_grid.of(*pl.DataFrame({"x": [0.0] * 20_000, "y": [0.0] * 20_000}).to_numpy().T.copy())
    for line in alone(told.rows, told.dirt, told.runs):
        print(line)
    print(beside(told.dirt))


if __name__ == "__main__":
    main()
