"""What a process is told about the memory that it frees, and what an operator has set, which stays."""

import os
import subprocess
import sys

import pytest

from hub.memory import KEPT

PROGRAM = """
import os, sys
from hub.memory import KEPT, keep_freed_memory
assert "polars" not in sys.modules
keep_freed_memory()
print(*(os.environ[name] for name in KEPT), sep="|")
"""


def told(**environment: str) -> list[str]:
    clean = {name: value for name, value in os.environ.items() if name not in KEPT}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=clean | environment, capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout.strip().split("|")


def test_processes_that_a_process_starts_keep_what_they_free_too() -> None:
    assert told() == list(KEPT.values())


@pytest.mark.parametrize("name", KEPT)
def test_what_an_operator_set_stays(name: str) -> None:
    said = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:5000"}.get(name, "131072")
    assert told(**{name: said}) == [said if each == name else value for each, value in KEPT.items()]


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of other systems has other ways")
def test_polars_keeps_what_it_frees() -> None:
    """The resident memory after a large frame is freed is not given back."""
    program = """
import sys
if "keep" in sys.argv:
    from hub.memory import keep_freed_memory
    keep_freed_memory()
import polars as pl, psutil, time
before = psutil.Process().memory_info().rss
frame = pl.Series([0], dtype=pl.Int64).new_from_index(0, 25_000_000) + pl.int_range(25_000_000, eager=True)
del frame
time.sleep(1)
pl.Series(range(1000)).sort()
print((psutil.Process().memory_info().rss - before) >> 20)
"""
    clean = {name: value for name, value in os.environ.items() if name not in KEPT}
    ran = subprocess.run(
        [sys.executable, "-c", program, "keep"], env=clean, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(ran.stdout) >= 180  # of 190 MiB that were taken at least
