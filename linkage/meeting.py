"""All pairs that blocking brings together, compared and weighed some at a time; those kept that can decide anything."""

from dataclasses import dataclass

import numpy as np

from linkage.blocks import Blocks
from linkage.compared import Compared, compare
from linkage.grouping import Indices
from linkage.levels import levels
from linkage.model import Brought, halves
from linkage.weighing import Scale

_AT_ONCE = 4_000_000  # pairs as keys make them: some hundred megabytes


@dataclass(frozen=True)
class Met:
    """``compared``: the pairs that can decide of persons or be asked about. ``pairs``: how many there were in all.

    ``light``: how many of the others are expected to match all the same.
    """

    compared: Compared
    pairs: int
    light: float


def meet(scale: Scale, blocks: Blocks) -> Met:
    """Weigh every pair of these blocks in bounded memory; kept are those so heavy, or held by a constraint."""
    least = min(scale.config.clustering.considered, scale.config.review.from_)
    found, pairs, light = [], 0, 0.0
    for keys in blocks.slabs(_AT_ONCE):
        left, right = halves(keys, blocks.records)
        slab = compare(scale, Brought(scale.coded, keys, left, right, levels(scale.coded, left, right, scale.config)))
        worth = (slab.weight >= least) | (slab.constraint >= 0)
        pairs, light = pairs + len(keys), light + float((1 / (1 + np.exp2(-slab.weight[~worth]))).sum())
        found.append(_at(slab, np.flatnonzero(worth)))
    return Met(_joined(found), pairs, light)


def _at(compared: Compared, kept: Indices) -> Compared:
    return Compared(*(getattr(compared, name)[kept] for name in Compared.__dataclass_fields__))


def _joined(parts: list[Compared]) -> Compared:
    return Compared(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Compared.__dataclass_fields__)
    )
