"""What people decided of pairs of records, as clustering obeys it: of one person, or of two."""

from dataclasses import dataclass

import numpy as np

from linkage.errors import LinkageRefused
from linkage.paired.grouping import Edges, Indices, components


@dataclass(frozen=True)
class Decided:
    """Pairs of records by number: ``same`` are of one person, ``apart`` of two."""

    same: Edges
    apart: Edges

    def start(self, records: int) -> Indices:
        """Of each record the smallest that is its person by decision. Raises LinkageRefused if decisions contradict."""
        label = components(records, self.same.low, self.same.high)
        if (label[self.apart.low] == label[self.apart.high]).any():
            raise LinkageRefused(
                "Nothing is linked",
                where="what reviewers decided",
                why="two records are of two persons by one decision, and of one person by others",
                fix="Find the contradiction with hub link review decisions, and take one decision back",
            )
        return label

    def within(self, place: Indices) -> "Decided":
        """The same by other numbers: ``place`` has the new number of each record, -1 for one that is left out."""
        return Decided(*(_renumbered(edges, place) for edges in (self.same, self.apart)))


def _renumbered(edges: Edges, place: Indices) -> Edges:
    low, high = place[edges.low], place[edges.high]
    held = (low >= 0) & (high >= 0)
    return Edges.between(low[held], high[held])


_NONE = np.zeros(0, dtype=np.int64)
NOTHING = Decided(Edges.between(_NONE, _NONE), Edges.between(_NONE, _NONE))
