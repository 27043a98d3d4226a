"""Spark, for what more than one machine is to work on: a session that leaves nothing readable behind it.

1. Whatever Spark writes to a disk on the way, broadcasts too, is encrypted under a key that the session makes and
   forgets: rows, tokens and encodings are personal data.
2. Between machines both ends prove themselves, and what is sent is encrypted.
3. A session on this machine alone listens on it alone.
4. What it writes to a disk here lies in the home, in a folder that goes with the session: Spark would make its own in
   the folder that the command was called from, and in the machine's temporary one.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import EngineMissing
from hub.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.io.encryption.enabled": "true",  # (1)
    "spark.network.crypto.enabled": "true",  # (2)
    "spark.authenticate": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(1 << 18),
    "spark.driver.maxResultSize": "0",  # all that is made comes back; it is what was asked for
    "spark.sql.session.timeZone": "UTC",
}
_LOCAL = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}  # (3)


def require_spark() -> None:
    """Raises EngineMissing if Spark is not installed."""
    if find_spec("pyspark") is None:
        raise EngineMissing(
            "The work cannot be given to Spark",
            where="the setting engine",
            why="PySpark is not installed",
            fix="Install it (uv sync --extra spark, and Java 17), or set engine: local",
        )


@contextmanager
def session(settings: Settings) -> Iterator["SparkSession"]:
    """A session with the master of the settings, which is stopped at the end; raises EngineMissing."""
    require_spark()
    sql = import_module("pyspark.sql")  # an extra, and seconds to load
    master = settings.spark_master
    told = _SETTINGS | (_LOCAL if master.startswith("local") else {})
    with _scratch(settings.home) as folder:
        told |= {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "warehouse")}  # (4)
        running = sql.SparkSession.builder.appName("hub").master(master).config(map=told).getOrCreate()
        running.sparkContext.pythonExec = sys.executable  # or workers took the system's own Python
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder of this process within the home, gone at the end.

    Its name is the same for each session of the process: Spark's virtual machine outlives them, and keeps to it.
    """
    folder = home / "scratch" / f"spark-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
