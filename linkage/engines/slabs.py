"""What a worker of Spark makes of slabs of blocks, and how it comes back: a row a slab, its arrays as bytes."""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa

from linkage.config import LinkageConfig
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.compared import Compared
from linkage.paired.grouping import Indices
from linkage.paired.meeting import Met, slab_of

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast

_ARRAYS = {"left": np.int64, "right": np.int64, "levels": np.int8, "weight": np.float64, "constraint": np.int8}
SLABS = ", ".join(["slab bigint", "pairs bigint", "light double", *(f"`{name}` binary" for name in _ARRAYS)])


@dataclass(frozen=True)
class Sent:
    """What the driver sends to each worker; ``lefts``: by slab its left records."""

    scale: Scale
    blocks: Blocks
    lefts: list[Indices]

    @classmethod
    def of(cls, scale: Scale, blocks: Blocks, lefts: list[Indices]) -> Self:
        """The same, without what was made of it here."""
        return cls(replace(scale, coded=replace(scale.coded)), replace(blocks), lefts)


def of_slabs(batches: Iterable[pa.RecordBatch], sent: "Broadcast[bytes]") -> Iterator[pa.RecordBatch]:
    """Meet slabs, which are given by number. Runs on a worker."""
    told: Sent | None = None
    for batch in batches:
        for number in batch["slab"].to_pylist():
            told = told or pickle.loads(sent.value)  # noqa: S301  # what the driver sent, over a link that both proved
            yield _told_of(number, slab_of(told.scale, told.blocks, told.lefts[number]))


def _told_of(number: int, met: Met) -> pa.RecordBatch:
    arrays = {name: [getattr(met.compared, name).astype(kind).tobytes()] for name, kind in _ARRAYS.items()}
    return pa.RecordBatch.from_pydict({"slab": [number], "pairs": [met.pairs], "light": [met.light], **arrays})


def met_of(row: Mapping[str, Any], config: LinkageConfig) -> Met:
    """A slab's pairs again."""
    arrays: dict[str, Any] = {name: np.frombuffer(row[name], dtype=kind) for name, kind in _ARRAYS.items()}
    arrays["levels"] = arrays["levels"].reshape(-1, len(config.comparisons))
    return Met(Compared(**arrays), row["pairs"], row["light"])
