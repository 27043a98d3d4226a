"""Where pairs are made, compared and weighed: here, or on the workers of Spark, as ``engine`` in config/hub.yaml says.

What grows with the pairs goes to the workers: to predict is to make them from blocks, compare and weigh them, and keep
those that can decide anything; to train is to compare a sample. What grows with records stays on the driver, whatever
the engine: coding and blocking, learning from counted patterns, clustering, and the register.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hub.settings import Settings
from hub.spark import session
from linkage.engines.on_spark import Spark
from linkage.paired.levels import compared_by
from linkage.paired.meeting import met_by


@contextmanager
def engine(settings: Settings) -> Iterator[None]:
    """A block in which many pairs are met and compared by the engine of the settings; the results are the same by any.

    Raises EngineMissing if Spark is asked for and is not installed.
    """
    if settings.engine == "local":
        yield
        return
    with session(settings) as running:
        spark = Spark(running)
        with compared_by(spark), met_by(spark):
            yield
