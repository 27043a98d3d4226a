"""Pairs on the workers of Spark, by the very functions that make, compare and weigh them here.

1. Workers get what is the same for all pairs once for a run (broadcast): the coded records, and to weigh by the scale
   and the blocks too. Then they get a part of the work at a time: pairs to compare, or slabs of blocks to meet.
2. What comes back of a pair to compare is its place and its levels: whole numbers from -1 upwards, and no record. Of a
   slab it is what is kept of it, and counts of the rest: the driver never holds all pairs.
3. Fewer pairs than are worth the way stay here.
"""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.config import LinkageConfig
from linkage.engines.slabs import SLABS, Sent, met_of, of_slabs
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.coded import Coded, Numbers
from linkage.paired.grouping import Indices
from linkage.paired.levels import Levels, levels_here
from linkage.paired.meeting import Met

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast
    from pyspark.sql import SparkSession

WORTH_THE_WAY = 1 << 21  # pairs (3): below it the way to the workers takes longer than the work
_PAIRS_A_PART = 1 << 18
_PARTS_A_CORE = 4  # of slabs: some take longer than others


class Spark:
    """Has many pairs compared and met by the workers of a session (``linkage.paired``: ``Comparing``, ``Meeting``)."""

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

    def meet(self, scale: Scale, blocks: Blocks, slabs: list[Indices]) -> list[Met]:
        """Each slab's, in order, as ``linkage.paired.meeting.slab_of``."""
        sent = self._broadcast(Sent.of(scale, blocks, slabs))
        numbers = pa.table({"slab": np.arange(len(slabs))})
        parts = min(len(slabs), self._running.sparkContext.defaultParallelism * _PARTS_A_CORE)
        work = partial(of_slabs, sent=sent)
        try:
            made = self._running.createDataFrame(numbers).repartition(parts, "slab").mapInArrow(work, SLABS).toArrow()
        finally:
            sent.destroy()
        return [met_of(row, scale.config) for row in made.sort_by("slab").to_pylist()]

    def _records(self, coded: Coded) -> "Broadcast[bytes]":
        if self._sent is None or self._sent[0] is not coded:
            if self._sent is not None:
                self._sent[1].destroy()
            self._sent = coded, self._broadcast(replace(coded))  # without what was made of it here
        return self._sent[1]

    def _broadcast(self, what: object) -> "Broadcast[bytes]":
        told = pickle.dumps(what, protocol=4)  # later ones write arrays that Spark's encrypted streams cannot take
        return self._running.sparkContext.broadcast(told)  # (1)


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
