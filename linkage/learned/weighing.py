"""What a pair weighs, in bits: the logarithm of how much likelier it is of one person than of two.

1. Each comparison adds log2(m / u) of its level; one that is unknown adds nothing. The prior adds its log odds.
2. Agreement on a rare value says more: at a level with ``frequency`` u gives way to how frequent that very value is
   (as Splink does; Newcombe 1959).
3. What agrees together by chance is not counted twice: the second of two linked comparisons gives up the excess
   (linkage.learned.learning, rule 5).
4. A constraint sets the most that a pair may weigh (linkage.clustered.constraints).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from linkage.clustered.constraints import ceilings
from linkage.clustered.deaths import Days
from linkage.clustered.once import Flags
from linkage.clustered.pooled import Seen
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.paired.coded import Coded, Numbers
from linkage.paired.grouping import Weights
from linkage.paired.levels import Levels, levels

_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Scale:
    """A model ready to weigh pairs of these records; ``rarity`` is log2 of each value's frequency, by token number.

    ``once``: of each feed that holds one record per person, which of the records are of it (linkage.clustered.once).
    ``days``: of each record when its person died and was seen last (linkage.clustered.deaths); none: nobody died.
    """

    coded: Coded
    config: LinkageConfig
    model: Model
    rarity: Mapping[str, Weights]
    once: tuple[Flags, ...] = ()
    days: Days | None = None

    def weigh(self, left: Numbers, right: Numbers) -> Weights:
        """The weight of each pair."""
        total = np.empty(len(left))
        for part in _parts(len(left)):
            total[part] = self.total(levels(self.coded, left[part], right[part], self.config), left[part])
        return total

    def see(self, left: Numbers, right: Numbers) -> Seen:
        """What each pair says by each comparison, for linkage.clustered.pooled."""
        found = levels(self.coded, left, right, self.config)
        bits = self.bits(found, left)
        known = np.stack([(found[:, part] >= 0).any(axis=1) for part in self._parts], axis=1)
        factor = np.stack([np.exp2(bits[:, part].sum(axis=1)) for part in self._parts], axis=1) * known
        return Seen(factor, known, ceilings(found, self.model, self.config)[0])

    @cached_property
    def _parts(self) -> tuple[list[int], ...]:
        return tuple(list(part) for part in self.config.parts)

    @cached_property
    def family(self) -> tuple[bool, ...]:
        """Of each part whether relatives may share it."""
        own = [number for number, name in enumerate(self.config.comparisons) if name in self.config.clustering.own]
        return tuple(not set(part) <= set(own) for part in self._parts)

    def total(self, found: Levels, left: Numbers) -> Weights:
        """The weight of pairs that stand at these levels."""
        return np.minimum(self.free(found, left), ceilings(found, self.model, self.config)[0])  # (4)

    def free(self, found: Levels, left: Numbers) -> Weights:
        """Rules 1 to 3 alone."""
        total = np.empty(len(found))
        for part in _parts(len(found)):
            total[part] = self.bits(found[part], left[part]).sum(axis=1) + self.prior
        return total

    @cached_property
    def prior(self) -> float:
        """log2 of the odds that two random records are of one person."""
        share = float(self.model.content["prior"])
        return float(np.log2(share / (1 - share)))

    def bits(self, found: Levels, left: Numbers) -> Weights:
        """One row a pair, one column a comparison."""
        bits = np.empty(found.shape)
        for number in range(found.shape[1]):
            bits[:, number] = self.bits_of(number, found[:, number], left)
        for one, other, excess in self.together:
            bits[:, other] -= excess * (self._speaks(found, one) & self._speaks(found, other))  # (3)
        return bits

    def bits_of(self, number: int, found: Levels, left: Numbers) -> Weights:
        """Rules 1 and 2 for one comparison, by its number: of each pair its level and its left record."""
        comparison = list(self.config.comparisons.values())[number]
        bits = self.table[number][found]  # (1)
        for label, level in comparison.levels.items():
            if level.frequency:
                rows = np.flatnonzero(found == comparison.names.index(label))
                token = self.coded.tokens[level.frequency][left[rows]]
                bits[rows] += self.u(number, label) - self.rarity[level.frequency][token]  # (2)
        return np.asarray(bits)

    @cached_property
    def together(self) -> list[tuple[int, int, float]]:
        """Which two comparisons agree together by chance, by number, and by how many bits oftener than apart."""
        names = list(self.config.comparisons)
        return [(names.index(one), names.index(other), bits) for one, other, bits in self.model.content["together"]]

    def _speaks(self, found: Levels, number: int) -> NDArray[np.bool_]:
        """Whether each pair stands at a level that speaks for a match."""
        return np.asarray((self.table[number] > 0)[found[:, number]])

    @cached_property
    def table(self) -> list[Weights]:
        """By comparison, the bits of each level from different upwards; unknown, -1, is the last and says nothing."""
        tables = []
        for name, comparison in self.config.comparisons.items():
            shares = self.model.content["parameters"][name]
            tables.append(np.array([*(np.log2(shares[it]["m"] / shares[it]["u"]) for it in comparison.names), 0.0]))
        return tables

    def chance(self, number: int) -> Weights:
        """How often chance brings a pair to each level of a comparison, from different upwards."""
        shares = self.model.content["parameters"][list(self.config.comparisons)[number]]
        names = list(self.config.comparisons.values())[number].names
        return np.array([shares[label]["u"] for label in names])

    def u(self, number: int, label: str) -> float:
        """log2 of how often chance brings a pair to a level."""
        name = list(self.config.comparisons)[number]
        return float(np.log2(self.model.content["parameters"][name][label]["u"]))


def _parts(pairs: int) -> list[slice]:
    """So many at once that memory stays flat."""
    return [slice(at, at + _AT_ONCE) for at in range(0, pairs, _AT_ONCE)]


def rarity(coded: Coded, persons: NDArray[np.int64], columns: tuple[str, ...]) -> dict[str, Weights]:
    """log2 of how frequent each value is, counted over persons: who is often recorded makes no name common."""
    found = {}
    for column in columns:
        tokens = coded.tokens[column].astype(np.int64)
        known = tokens >= 0
        values = np.unique(tokens[known] * len(persons) + persons[known]) // max(len(persons), 1)
        counts = np.bincount(values, minlength=int(tokens.max(initial=0)) + 1)
        people = len(np.unique(persons[known]))
        found[column] = np.log2(np.maximum(counts, 1) / max(people, 1))
    return found
