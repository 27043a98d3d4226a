"""Comparing pairs on the workers of Spark, by the very function that compares them here.

1. Workers get the coded records once for a run (broadcast), and a part of the pairs at a time.
2. What a worker sends back is each pair's place and its levels: whole numbers from -1 upwards, and no record.
3. Fewer pairs than are worth the way are compared here.
"""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.config import LinkageConfig
from linkage.paired.coded import Coded, Numbers
from linkage.paired.levels import Levels, levels_here

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast
    from pyspark.sql import SparkSession

WORTH_THE_WAY = 1 << 21  # pairs (3): below it the way to the workers takes longer than the work
_PAIRS_A_PART = 1 << 18


class Spark:
    """Compares many pairs on the workers of a session (``linkage.paired.levels.Comparing``)."""

    def __init__(self, running: "SparkSession", fewest: int = WORTH_THE_WAY) -> None:
        self.fewest = fewest
        self._running = running
        self._sent: tuple[Coded, Broadcast[bytes]] | None = None

    def __call__(self, coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
        """As ``levels_here``: one row a pair in order, one column a comparison."""
        pairs = pa.table({"place": np.arange(len(left)), "left": left, "right": right})
        parts = max(-(-len(left) // _PAIRS_A_PART), self._running.sparkContext.defaultParallelism)
        work = partial(_compared, records=self._records(coded), config=config)
        made = self._running.createDataFrame(pairs).repartition(parts).mapInArrow(work, _schema(config)).toArrow()
        found = np.empty((len(left), len(config.comparisons)), dtype=np.int8)
        places = made["place"].to_numpy()
        for number, name in enumerate(config.comparisons):
            found[places, number] = made[name].to_numpy()
        return found

    def _records(self, coded: Coded) -> "Broadcast[bytes]":
        if self._sent is None or self._sent[0] is not coded:
            if self._sent is not None:
                self._sent[1].destroy()
            bare = replace(coded)  # without what was made of it here
            told = pickle.dumps(bare, protocol=4)  # later ones write arrays that Spark's encrypted streams cannot take
            self._sent = coded, self._running.sparkContext.broadcast(told)  # (1)
        return self._sent[1]


def _schema(config: LinkageConfig) -> str:
    return ", ".join(["place bigint", *(f"`{name}` tinyint" for name in config.comparisons)])


def _compared(
    batches: Iterable[pa.RecordBatch], records: "Broadcast[bytes]", config: LinkageConfig
) -> Iterator[pa.RecordBatch]:
    """Runs on a worker."""
    coded: Coded = pickle.loads(records.value)  # noqa: S301  # what the driver sent, over a link that both proved
    for batch in batches:
        left, right = (batch[name].to_numpy() for name in ("left", "right"))
        found = levels_here(coded, left, right, config)
        columns: dict[str, Any] = {name: found[:, number] for number, name in enumerate(config.comparisons)}
        yield pa.RecordBatch.from_pydict({"place": batch["place"], **columns})  # (2)
