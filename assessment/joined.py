"""All tables of a report as one puzzle: what can be learnt of a hidden count from every other table. Pure.

1. A rounded count is known to lie within half a base of what is shown, a 0 to be 0, and a hidden one to be at least 1:
   that it is hidden for its own sake and not for another's is not known.
2. Two tables of the same units are joined by what they share: wherever some cells of one hold the very units that some
   cells of the other hold, these sums are alike. Units that a table leaves out are one more cell, which is never shown.
3. Of a hidden count several values next to each other, its own among them, must stay possible (``left_open``).
4. If not, a cell of the newest table that tells of it is hidden too, the smallest first, until nothing is learnt; then
   a 0, after which a hidden count may as well be nobody; at the worst the whole table is withheld.

Source: Fischetti & Salazar-Gonzalez 2001 (the attacker's problem), here with intervals in place of exact numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from disclosure.attacker import Attacker, Missed
from disclosure.puzzle import Puzzle
from disclosure.questions import Terms
from disclosure.rules import Intervals

SHOWN, SMALL, BESIDE = "shown", "small", "beside"
NEAR = 1e-9


@dataclass
class Cells:
    """A table's cells: ``held`` has columns cell and unit; ``sizes`` and ``state`` are by cell.

    ``told``: the terms that they were told under before, if they were.
    """

    held: pl.DataFrame
    sizes: np.ndarray
    state: list[str]
    told: Terms | None = None

    @classmethod
    def of(cls, held: pl.DataFrame, number: int, terms: Terms) -> "Cells":
        """Cells of which the small ones are hidden."""
        sizes = np.bincount(held["cell"].to_numpy(), minlength=number)
        return cls(held, sizes, [SMALL if 0 < size < terms.smallest_count else SHOWN for size in sizes])

    def known(self) -> Iterator[tuple[int, str, int]]:
        """Of each cell its size, its state, and how many it is known to be at the least if it is hidden."""
        least = (
            0 if any(size == 0 and state != SHOWN for size, state in zip(self.sizes, self.state, strict=True)) else 1
        )
        for size, state in zip(self.sizes.tolist(), self.state, strict=True):
            yield size, state, least


def left_open(size: int, terms: Terms) -> tuple[float, float]:
    """Rule 3: one less than the base, but never fewer than two, of the numbers below the threshold."""
    most = terms.smallest_count - 1
    many = min(max(terms.round_to - 1, 2), most)
    low = min(1 + (size - 1) // many * many, most - many + 1)
    return float(low), float(max(low + many - 1, 2))


def rounded_to(size: int, base: int) -> int:
    """The multiple of the base that is nearest, half up."""
    return (2 * size + base) // (2 * base) * base


@dataclass
class Joined:
    """The tables of one kind of unit, in the order in which they were shown."""

    terms: Terms
    tables: list[Cells] = field(default_factory=list)
    _alike: list[tuple[int, frozenset[int], int, frozenset[int]]] = field(default_factory=list)
    _units: dict[object, int] = field(default_factory=dict)
    _codes: list[np.ndarray] = field(default_factory=list)

    def add(self, *newest: Cells) -> None:
        """Take in tables, and hide of them whatever would tell of a hidden count of any table (4)."""
        first = len(self.tables)
        for table in newest:
            self._link(table)
        while (told := self._telling(first)) is not None:
            number, cell = told
            if cell is not None:
                self.tables[number].state[cell] = BESIDE
                continue
            for table in newest:
                table.state = [BESIDE] * len(table.state)
            return

    def hold(self, past: Cells) -> None:
        """Take in a table as it stood when it was told before: nothing of it can be hidden any more."""
        self._link(past)

    def learnt(self) -> list[Missed]:
        """What an attacker learns too much of; nothing, if the tables are as they were added."""
        puzzle, _ = self._puzzle()
        return list(Attacker(puzzle).missed(puzzle.hidden))

    def _link(self, table: Cells) -> None:
        """Rule 2: the table is held against every one before."""
        codes = np.array([self._units.setdefault(unit, len(self._units)) for unit in table.held["unit"]], np.int64)
        mine = np.full(len(self._units), len(table.sizes), np.int64)
        mine[codes] = table.held["cell"].to_numpy()
        for number, other in enumerate(self._codes):
            its = np.full(len(mine), len(self.tables[number].sizes), np.int64)
            its[: len(other)] = other
            shared = _shared(its, len(self.tables[number].sizes), mine, len(table.sizes))
            self._alike += [(number, left, len(self.tables), right) for left, right in shared]
        self.tables.append(table)
        self._codes.append(mine)

    def _telling(self, first: int) -> tuple[int, int | None] | None:
        """The cell to hide next of the tables from ``first`` on; no cell if none is left, none at all if it is done."""
        puzzle, places = self._puzzle()
        missed = next(Attacker(puzzle).missed(puzzle.hidden), None)
        if missed is None:
            return None
        shown = [
            (int(size), number, cell)
            for number, table in enumerate(self.tables[first:], first)
            for cell, (size, state) in enumerate(zip(table.sizes, table.state, strict=True))
            if state == SHOWN
        ]
        steep = [one for one in shown if one[0] and missed.slope.size and _steep(missed, places[one[1]][one[2]])]
        _, number, cell = min(steep or shown, default=(0, first, None))
        return number, cell

    def _puzzle(self) -> tuple[Puzzle, list[list[list[int]]]]:
        """The puzzle, and of each table's cells the places that say what is known of them."""
        made = _Places()
        at = [[made.cell(*cell, table.told or self.terms) for cell in table.known()] for table in self.tables]
        for one, mine, other, its in self._alike:
            sides = [
                [at[t][cell][0] for cell in sorted(cells) if cell < len(at[t])]
                for t, cells in ((one, mine), (other, its))
            ]
            made.alike(sides[0], sides[1], open_=len(at[one]) in mine or len(at[other]) in its)
        return made.puzzle(), at


def _steep(missed: Missed, places: list[int]) -> bool:
    return bool(np.abs(missed.slope[places]).max() > NEAR)


class _Places:
    """The numbers of a puzzle as they are named."""

    def __init__(self) -> None:
        self._values: list[int] = []
        self._least: list[int] = []
        self._hidden: set[int] = set()
        self._wanted: Intervals = {}
        self._equations: list[tuple[int, tuple[int, ...]]] = []

    def number(self, value: int, least: int, known: int | None) -> int:
        """A number that is known, or at least so much."""
        self._values.append(value)
        self._least.append(least)
        if known is None:
            self._hidden.add(len(self._values) - 1)
        return len(self._values) - 1

    def cell(self, size: int, state: str, least: int, terms: Terms) -> list[int]:
        """Rule 1: a shown cell between its least and its most; how far it is from the most is a number, never shown."""
        if state != SHOWN:
            place = self.number(size, least, None)
            if state == SMALL:
                self._wanted[place] = left_open(size, terms)
            return [place]
        if size == 0:
            return [self.number(0, 0, 0)]
        shown = rounded_to(size, terms.round_to)
        low = max(shown - terms.round_to // 2, terms.smallest_count)
        most = shown + -(-terms.round_to // 2) - 1
        place, rest, top = self.number(size, low, None), self.number(most - size, 0, None), self.number(most, most, 1)
        self._equations.append((top, (place, rest)))
        return [place, rest, top]

    def alike(self, mine: list[int], its: list[int], *, open_: bool) -> None:
        """Two sums that are the same number; where one leaves out units, they are one more number of it."""
        sums = [self._sum(side) for side in (mine, its)]
        total = self.number(max(sums), 0, None)
        for side, held in zip((mine, its), sums, strict=True):
            rest = [self.number(max(sums) - held, 0, None)] if open_ and held < max(sums) else []
            self._equations.append((total, (*side, *rest)))

    def _sum(self, places: list[int]) -> int:
        return sum(self._values[place] for place in places)

    def puzzle(self) -> Puzzle:
        """The puzzle; nothing may be hidden in it, since what is hidden changes the numbers themselves."""
        values = np.array(self._values, float)
        return Puzzle(
            values=values,
            equations=tuple(self._equations),
            least=np.array(self._least, float),
            wanted=self._wanted,
            hidden=frozenset(self._hidden),
            may_hide=frozenset(),
            cost=np.ones(len(values)),
            whole=True,
        )


def _shared(
    one: np.ndarray, many: int, other: np.ndarray, more: int
) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Rule 2: the smallest sets of cells that hold the same units; the place after the last stands for none of them."""
    linked = np.unique(one * (more + 1) + other)
    waiting: dict[int, set[int]] = {}
    for a, b in zip((linked // (more + 1)).tolist(), (linked % (more + 1)).tolist(), strict=True):
        if (a, b) != (many, more):
            waiting.setdefault(a, set()).add(b)
    groups: list[tuple[set[int], set[int]]] = []
    for a, those in waiting.items():
        met = [group for group in groups if group[1] & those]
        groups = [group for group in groups if not group[1] & those]
        groups.append(({a}.union(*(group[0] for group in met)), those.union(*(group[1] for group in met))))
    for left, right in groups:
        if not (many in left and more in right):
            yield frozenset(left), frozenset(right)
