"""What tables told when they were out before, so that a later version of them is held against it. Pure.

1. Of each table each cell is kept as it was shown: a rounded count, or that it was hidden. Nothing else is, and all of
   it was public.
2. What shows the same number as it would show now counts as the very same number: whoever holds both versions believes
   so. What shows another one is a number of its own, of which only that is known.
3. What was hidden once is hidden again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assessment.joined import BESIDE, SHOWN, SMALL, Cells, rounded_to
from disclosure.questions import Terms
from disclosure.tables import Cell

Stood = Mapping[Cell, int | None]


@dataclass(frozen=True)
class Let:
    """A table as a gate let it through: the unit that it counts, its cells, and their names; a blank one is unnamed."""

    unit: str
    cells: Cells
    names: tuple[Cell, ...]

    def stood(self, terms: Terms) -> dict[Cell, int | None]:
        """Each named cell as it is shown (1)."""
        return {
            name: rounded_to(int(size), terms.round_to) if state == SHOWN else None
            for name, size, state in zip(self.names, self.cells.sizes, self.cells.state, strict=True)
            if name
        }

    def as_told(self, stood: Stood, told: Terms) -> Cells:
        """The same cells as they stood when they were told under those terms (2)."""
        pairs = zip(self.names, self.cells.sizes.tolist(), strict=True)
        state = [
            _stood(stood.get(name) if name else rounded_to(size, told.round_to), size, told) for name, size in pairs
        ]
        return Cells(self.cells.held, self.cells.sizes, state, told)


def _stood(shown: int | None, size: int, told: Terms) -> str:
    """Whether what was shown is told of a cell that has so many now; one without a name is as it would be (2)."""
    if shown == rounded_to(size, told.round_to) and (size == 0 or size >= told.smallest_count):
        return SHOWN
    return SMALL if shown is None and 0 < size < told.smallest_count else BESIDE


@dataclass(frozen=True)
class ToldBefore:
    """All tables of one release as they stood, by name, and the terms that they were told under."""

    terms: Terms
    tables: Mapping[str, Stood]

    def only(self, quarters: Sequence[str], *, of_quarters: bool) -> "ToldBefore":
        """Those tables that are of one of these quarters alone, or the others: a quarter's begin with its name."""
        kept = {name: stood for name, stood in self.tables.items() if (name[:7] in quarters) is of_quarters}
        return ToldBefore(self.terms, kept)

    def hidden(self, name: str) -> frozenset[Cell]:
        """The cells of a table that were hidden (3)."""
        return frozenset(cell for cell, shown in self.tables.get(name, {}).items() if shown is None)

    def document(self) -> str:
        """As it is kept."""
        tables = {name: [[list(cell), shown] for cell, shown in stood.items()] for name, stood in self.tables.items()}
        return json.dumps(tables, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str, terms: Terms) -> "ToldBefore":
        """Read what ``document`` wrote."""
        tables = {name: {tuple(cell): shown for cell, shown in stood} for name, stood in json.loads(text).items()}
        return cls(terms, tables)


def hidden_again(cells: Cells, names: Sequence[Cell], before: frozenset[Cell]) -> Cells:
    """The cells, of which those are hidden that were hidden before, unless there is nobody in them (3)."""
    again = np.array([name in before for name in names]) & (cells.sizes > 0)
    state = [BESIDE if hides and one == SHOWN else one for hides, one in zip(again, cells.state, strict=True)]
    return Cells(cells.held, cells.sizes, state)
