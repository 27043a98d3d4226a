"""Persons of the records that a link touched, and of no others.

Clustering is a play of neighbours: a merge of two groups hangs on their own records alone, and matters to a third only
if that could merge with one of them. So records fall into regions:

1. Within a region are records of one group, those with a pair of ``sure`` bits, those decided to be one person, and
   groups that could have merged at any moment, whether they did or not (linkage.clustered.pooled).
2. What a link touched are the regions of records that came, went, or lost or gained a pair or a decision.
3. They are clustered anew, with every region beside them, which a pair of ``considered`` bits makes. A region beside
   that is drawn into a touched one is touched too; then all begins again with what lies beside it. (What lies beside
   those beside is clustered with them from the start, so that it need not, nearly always.)
4. Regions beside that were not drawn in keep their persons: nothing that they hang on has changed.

So the persons are those that clustering all records would give.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from linkage.clustered.decided import Decided
from linkage.clustered.persons import Grouped, grouped
from linkage.config import LinkageConfig
from linkage.kept.state import Flags, Kept, Pairs, Rows
from linkage.learned.model import Model
from linkage.paired.grouping import Indices


@dataclass(frozen=True)
class Regrouped:
    """Touched rows that live, in order of record ids; of each the region and the person, by row."""

    rows: Rows
    region: Rows
    label: Rows


def regroup(
    kept: Kept, touched: Flags, decided: Decided, model: Model, config: LinkageConfig, soon: Callable[[Rows], None]
) -> Regrouped:
    """Cluster the regions of ``touched`` rows; a touched region is known by a flag on any of its rows.

    ``decided`` is by row. ``soon`` is told rows among which those touched will be, nearly always.
    """
    inside, around = np.zeros(len(kept.alive), dtype=bool), None
    inside[kept.region[touched]] = True
    while True:
        beside = _with_neighbours(kept, inside, config)
        if around is None or (beside & ~around).any():
            around = _with_neighbours(kept, beside, config)  # so that what is drawn in has its own neighbours there
            rows = kept.in_order(np.flatnonzero(around.take(kept.region) & kept.alive))
            soon(rows)
            found = _grouped(kept, rows, decided, model, config)
        mine = inside[kept.region[rows]]
        drawn = _drawn(found.region, mine)
        more = drawn & ~mine
        if not more.any():
            return Regrouped(rows[drawn], rows[found.region[drawn]], rows[found.label[drawn]])
        inside[kept.region[rows[more]]] = True  # (3)


def _with_neighbours(kept: Kept, regions: Flags, config: LinkageConfig) -> Flags:
    """Some regions, and all beside them."""
    mine, found = regions.take(kept.region) & kept.alive, regions.copy()
    reach = _near(kept, lambda it: mine.take(it.left) | mine.take(it.right), config)
    found[kept.region[reach.left]] = True
    found[kept.region[reach.right]] = True
    return found


def _drawn(region: Indices, mine: Flags) -> Flags:
    """Which records are of a region that holds any of mine."""
    held = np.zeros(len(region), dtype=bool)
    held[region[mine]] = True
    return held[region]


def _near(kept: Kept, asked: Callable[[Pairs], Flags], config: LinkageConfig) -> Pairs:
    """Those of some pairs that may bring groups together."""
    pairs = kept.links.where(asked)
    return pairs.at(pairs.weight >= config.clustering.considered)


def _grouped(kept: Kept, rows: Rows, decided: Decided, model: Model, config: LinkageConfig) -> Grouped:
    place = np.full(len(kept.alive), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    asked = place >= 0
    held = _near(kept, lambda it: asked.take(it.left) & asked.take(it.right), config)
    return grouped(kept.scale(rows, model, config), held.compared(place), decided.within(place))
