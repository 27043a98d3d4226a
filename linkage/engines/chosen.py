"""Where pairs are compared: here, or on the workers of Spark, as ``engine`` in config/hub.yaml says.

Blocking, clustering and the register stay on the driver, whatever the engine: they are sorts and sums of whole numbers.
What grows with the pairs is comparing them, and that goes to the workers.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hub.settings import Settings
from hub.spark import session
from linkage.engines.on_spark import Spark
from linkage.paired.levels import compared_by


@contextmanager
def engine(settings: Settings) -> Iterator[None]:
    """A block in which pairs are compared by the engine of the settings; the results are the same by any.

    Raises EngineMissing if Spark is asked for and is not installed.
    """
    if settings.engine == "local":
        yield
        return
    with session(settings) as running, compared_by(Spark(running)):
        yield
