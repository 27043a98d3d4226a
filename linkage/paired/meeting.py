"""All pairs that blocking brings together, compared and weighed some at a time; those kept that can decide anything."""

from dataclasses import dataclass

from linkage.learned.model import halves
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.compared import Compared
from linkage.paired.hopeful import worth

_AT_ONCE = 1_000_000  # pairs as keys make them: what the processor's cache sorts fastest


@dataclass(frozen=True)
class Met:
    """``compared``: the pairs that can decide of persons or be asked about. ``pairs``: how many there were in all.

    ``light``: how many of the others match all the same, at the most.
    """

    compared: Compared
    pairs: int
    light: float


def meet(scale: Scale, blocks: Blocks) -> Met:
    """Weigh every pair of these blocks in bounded memory; kept are those so heavy, or held by a constraint."""
    found, pairs, light = [], 0, 0.0
    for keys in blocks.slabs(_AT_ONCE):
        slab = worth(scale, *halves(keys, blocks.records))
        pairs, light = pairs + len(keys), light + slab.light
        found.append(slab.compared)
    return Met(Compared.joined(found), pairs, light)
