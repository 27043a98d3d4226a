"""From records and a model to persons: block, weigh, cluster, pool. Pure: frames in, frames out.

1. Blocking brings pairs together, and each is weighed.
2. Groups of which every pair agrees well enough (``sure`` bits in the mean) come first: linkage.cluster.
3. What their records say together joins groups to persons: linkage.pooled.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.blocking import groups
from linkage.cluster import Linkage, cluster
from linkage.coded import Coded
from linkage.config import LinkageConfig
from linkage.constraints import ceilings
from linkage.grouping import Indices, Weights
from linkage.levels import Levels
from linkage.model import Brought, Model, bring_together
from linkage.pooled import Pooling, pool
from linkage.weighing import Scale, rarity


@dataclass(frozen=True)
class Persons:
    """``clusters``: record_id, cluster (the smallest record_id of the person). ``pairs``: all that were compared."""

    clusters: pl.DataFrame
    pairs: pl.DataFrame


@dataclass(frozen=True)
class Compared:
    """Every pair that blocking brings together: its two records, its levels and its weight."""

    left: Indices
    right: Indices
    levels: Levels
    weight: Weights
    constraint: NDArray[np.int8]


def find_persons(records: pl.DataFrame, model: Model, config: LinkageConfig) -> Persons:
    """Group records into persons. Raises LinkageRefused if the records are not well formed."""
    ids = records["record_id"].sort()
    brought = bring_together(records, config)
    scale = scale_of(brought.coded, model, config)
    compared = compare(scale, brought)
    labels = group(scale, compared)
    return Persons(pl.DataFrame({"record_id": ids, "cluster": ids.gather(labels)}), pair_table(compared, ids, config))


def scale_of(coded: Coded, model: Model, config: LinkageConfig) -> Scale:
    """What pairs of these records are weighed by."""
    return Scale(coded, config, model, rarity(coded, groups(coded, config.certain), config.frequencies))


def compare(scale: Scale, brought: Brought) -> Compared:
    """Rule 1."""
    ceiling, constraint = ceilings(brought.levels, scale.model, scale.config)
    weight = np.minimum(scale.free(brought.levels, brought.left), ceiling)
    left, right = brought.left.astype(np.int64), brought.right.astype(np.int64)
    return Compared(left, right, brought.levels, weight, constraint)


def group(scale: Scale, compared: Compared) -> Indices:
    """Rules 2 and 3: of each record the smallest of its person."""
    numbers = scale.config.clustering
    rule = Linkage(numbers.sure, numbers.floor, numbers.ceiling, numbers.unseen)
    near = compared.weight >= numbers.considered
    left, right, weight = compared.left[near], compared.right[near], compared.weight[near]
    sure = cluster(scale.coded.records, left, right, weight, rule, scale.weigh)  # (2)
    pooling = Pooling(numbers.threshold, numbers.considered, numbers.largest, scale.prior)
    return pool(sure, left, right, weight, scale.see, pooling)  # (3)


def pair_table(compared: Compared, ids: pl.Series, config: LinkageConfig) -> pl.DataFrame:
    """Every compared pair once, in order of record ids.

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
