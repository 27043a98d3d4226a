"""All pairs that blocking brings together, compared and weighed some at a time; those kept that can decide anything.

Each slab of pairs is worked on by itself, here or elsewhere (linkage.engines), with the same result.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from linkage.learned.model import halves
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.compared import Compared
from linkage.paired.grouping import Indices
from linkage.paired.hopeful import worth
from linkage.threads import side_by_side

_AT_ONCE = 1_000_000  # pairs as keys make them: what the processor's cache sorts fastest


@dataclass(frozen=True)
class Met:
    """``compared``: the pairs that can decide of persons or be asked about. ``pairs``: how many there were in all.

    ``light``: how many of the others match all the same, at the most.
    """

    compared: Compared
    pairs: int
    light: float


class Meeting(Protocol):
    """Has the pairs of slabs met elsewhere, if there are so many."""

    fewest: int

    def meet(self, scale: Scale, blocks: Blocks, slabs: list[Indices]) -> Iterable[Met]:
        """Each slab's, in order, as ``slab_of``."""


_elsewhere: ContextVar[Meeting | None] = ContextVar("linkage_met_elsewhere", default=None)


@contextmanager
def met_by(meeting: Meeting) -> Iterator[None]:
    """A block in which ``meet`` has many pairs met elsewhere."""
    before = _elsewhere.set(meeting)
    try:
        yield
    finally:
        _elsewhere.reset(before)


def meet(scale: Scale, blocks: Blocks) -> Met:
    """Weigh every pair of these blocks in bounded memory; kept are those so heavy, or held by a constraint."""
    slabs, elsewhere = blocks.slabs(_AT_ONCE), _elsewhere.get()
    if elsewhere is None or int(blocks.followers.sum()) < elsewhere.fewest:
        met: Iterable[Met] = side_by_side(lambda records: slab_of(scale, blocks, records), slabs)
    else:
        met = elsewhere.meet(scale, blocks, slabs)
    found, pairs, light = [], 0, 0.0
    for slab in met:
        pairs, light = pairs + slab.pairs, light + slab.light
        found.append(slab.compared)
    return Met(Compared.joined(found), pairs, light)


def slab_of(scale: Scale, blocks: Blocks, records: Indices) -> Met:
    """The pairs of which one of these records is the left one."""
    keys = blocks.pairs_of(records)
    slab = worth(scale, *halves(keys, blocks.records))
    return Met(slab.compared, len(keys), slab.light)
