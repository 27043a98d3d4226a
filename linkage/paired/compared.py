"""Every pair that blocking brings together, weighed."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.clustered.constraints import ceilings
from linkage.config import LinkageConfig
from linkage.learned.model import Brought
from linkage.learned.weighing import Scale
from linkage.paired.grouping import Indices, Weights
from linkage.paired.levels import Levels


@dataclass(frozen=True)
class Compared:
    """Of each pair its two records by number, its levels and its weight; ``constraint`` by number, -1 for none."""

    left: Indices
    right: Indices
    levels: Levels
    weight: Weights
    constraint: NDArray[np.int8]

    def at(self, which: Indices) -> "Compared":
        """Some of them, by place."""
        return Compared(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: "list[Compared]") -> "Compared":
        """One after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


def compare(scale: Scale, brought: Brought) -> Compared:
    """Weigh all pairs."""
    ceiling, constraint = ceilings(brought.levels, scale.model, scale.config)
    weight = np.minimum(scale.free(brought.levels, brought.left), ceiling)
    left, right = brought.left.astype(np.int64), brought.right.astype(np.int64)
    return Compared(left, right, brought.levels, weight, constraint)


def pair_table(compared: Compared, ids: pl.Series, config: LinkageConfig) -> pl.DataFrame:
    """These pairs, each once, in order of record ids.

    record_id_l, record_id_r, match_weight (bits), match_probability, gamma_<comparison> (-1 unknown, 0 different,
    higher is better), and the constraint that held, if any.
    """
    names = pl.Series([*config.constraints, None], dtype=pl.String)
    return pl.DataFrame(
        {
            "record_id_l": ids.gather(compared.left),
            "record_id_r": ids.gather(compared.right),
            "match_weight": compared.weight,
            "match_probability": 1 / (1 + np.exp2(-compared.weight)),
            **{f"gamma_{name}": compared.levels[:, at] for at, name in enumerate(config.comparisons)},
            "constraint": names.gather(compared.constraint.astype(np.int64) % len(names)),
        }
    )
