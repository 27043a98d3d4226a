"""``make bench``: what the steps that touch every row cost, each beside a peer where there is one."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is imported: the figures are for one core

import polars as pl

from benchmarks import log
from benchmarks.measure import alone, beside, machine
from benchmarks.people import people
from hub.settings import Settings
from keys.key import Key
from store.sealing import read_sealed, write_sealed
from store.tables import write_table

PEOPLE = 200_000
SEALED_MB = 64


def sealing() -> None:
    """Sealed pages and encrypted tables, beside the same written in the clear."""
    with tempfile.TemporaryDirectory() as folder:
        settings, key = Settings(home=Path(folder)), Key("delivery/1", secrets.token_bytes(32))
        page, clear = secrets.token_bytes(SEALED_MB << 20), Path(folder) / "clear"
        print(
            alone(
                "sealed page, written", SEALED_MB, "MB", lambda: write_sealed(settings, "landing", "page", key, [page])
            )
        )
        print(alone("sealed page, read", SEALED_MB, "MB", lambda: list(read_sealed(settings, "landing", "page", key))))
        rows = people(PEOPLE)
        print(
            beside(
                "encrypted Parquet, written",
                PEOPLE,
                "rows",
                lambda: write_table(settings, "events", "table", key, rows),
                "polars in the clear",
                lambda: rows.write_parquet(clear, compression="zstd"),
            )
        )


def main() -> None:
    """Print every figure."""
    print(machine(), f"polars on {pl.thread_pool_size()} thread")
    subprocess.run([sys.executable, "-m", "benchmarks.tokens"], check=True)  # apart, since it chooses a core
    sealing()
    log.main()
    for feeds in (["feeds_validate"], ["feeds_stream", "--rows", "1000000", "--runs", "1"]):  # each on one core
        subprocess.run([sys.executable, "-m", f"benchmarks.{feeds[0]}", *feeds[1:]], check=True)


if __name__ == "__main__":
    main()
