"""Where pairs are compared: here, or on the workers of Spark, as ``engine`` in config/hub.yaml says.

Blocking, clustering and the register stay on the driver, whatever the engine: they are sorts and sums of whole numbers.
What grows with the pairs is comparing them, and that goes to the workers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hub.settings import Settings
from linkage.errors import EngineMissing
from linkage.paired.levels import compared_by


@contextmanager
def engine(settings: Settings) -> Iterator[None]:
    """A block in which pairs are compared by the engine of the settings; the results are the same by any.

    Raises EngineMissing if Spark is asked for and is not installed.
    """
    if settings.engine == "local":
        yield
        return
    try:
        spark = import_module("linkage.engines.on_spark")
    except ModuleNotFoundError:
        raise EngineMissing(
            "Pairs cannot be compared on Spark",
            where="the setting engine",
            why="PySpark is not installed",
            fix="Install it (uv sync --extra spark, and Java 17), or set engine: local",
        ) from None
    with spark.session(settings.spark_master) as running, compared_by(spark.Spark(running)):
        yield
