"""How frequent values are, as a model goes by it: counted once, when it first served, and kept while it serves.

Were they counted at each link, every delivery would change the weight of every pair there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkage.paired.grouping import Weights

Values = NDArray[np.uint64]


@dataclass(frozen=True)
class Renamed:
    """By token column, of some records the numbers that their values had, and those that they have now."""

    was: Mapping[str, NDArray[np.integer[Any]]]
    now: Mapping[str, NDArray[np.integer[Any]]]


@dataclass(frozen=True)
class Frequent:
    """By token column ``bits``: log2 of how frequent each of ``values`` is; they ascend. Any other is as the rarest."""

    values: Mapping[str, Values]
    bits: Mapping[str, Weights]

    @classmethod
    def counted(cls, values: Mapping[str, Values], rarity: Mapping[str, Weights]) -> "Frequent":
        """What ``linkage.learned.weighing.rarity`` counted of values that ascend."""
        return cls(
            {name: values[name] for name in rarity}, {name: rarity[name][: len(values[name])] for name in rarity}
        )

    @classmethod
    def carried(cls, before: Mapping[str, Weights], numbers: "Renamed", values: Mapping[str, Values]) -> "Frequent":
        """Those of before under the names that tokens have since a key was turned, told by records that are the same.

        ``before`` are the bits by the old numbers of values; ``values`` are all that there are now.
        """
        bits = {name: np.full(len(values[name]), old.min(initial=0.0)) for name, old in before.items()}
        for name, old in before.items():
            was, now = numbers.was[name], numbers.now[name]
            known = (was >= 0) & (now >= 0)
            bits[name][now[known]] = old[was[known]]
        return cls({name: values[name] for name in before}, bits)

    def of(self, values: Mapping[str, Values]) -> dict[str, Weights]:
        """The bits of these values, in their order; at least one a column."""
        return {name: self._of(name, values[name]) for name in self.bits}

    def beyond(
        self, before: Mapping[str, Weights], old: Mapping[str, Values], now: Mapping[str, Values]
    ) -> dict[str, Weights]:
        """The same of values of which those of before, with their bits, are the first."""
        return {
            name: np.append(before[name][: len(old[name])], self._of(name, now[name][len(old[name]) :]))
            for name in self.bits
        }

    def _of(self, name: str, asked: Values) -> Weights:
        known, bits = self.values[name], self.bits[name]
        found = np.full(max(len(asked), 1), bits.min(initial=0.0))
        if len(known) and len(asked):
            place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            found = np.where(known[place] == asked, bits[place], found)
        return found
