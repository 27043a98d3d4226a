"""Pairs that look like one person and must not be joined on that evidence alone: twins, namesakes.

A constraint is soft: it sets a ceiling on the pair's match weight, which clustering then weighs against all other
pairs of the two groups. So one mistyped record does not tear a person apart.
"""

import math
from collections.abc import Mapping

import polars as pl

from linkage.config import UNKNOWN, Constraint, LinkageConfig
from linkage.model import Model


def constrain(pairs: pl.DataFrame, model: Model, config: LinkageConfig) -> pl.DataFrame:
    """Lower match_weight (and with it match_probability) of pairs that a constraint speaks against.

    ``pairs`` is what linkage.model.score returns. The first constraint that holds for a pair is named in the
    new column ``constraint``, null for most.
    """
    named, bits = pl.lit(None, dtype=pl.String), pl.col("match_weight")
    for name, constraint in reversed(config.constraints.items()):
        holds = _all(constraint.when, config) & ~_any(constraint.unless, config)
        named = pl.when(holds).then(pl.lit(name)).otherwise(named)
        bits = pl.when(holds).then(pl.min_horizontal(bits, pl.lit(most(constraint, model)))).otherwise(bits)
    probability = 1 / (1 + pl.lit(2.0).pow(-bits))
    return pairs.with_columns(constraint=named, match_weight=bits, match_probability=probability)


def most(constraint: Constraint, model: Model) -> float:
    """The match weight that a constraint leaves a pair, in bits.

    Two people who share all but one thing are weighed against one person with that thing written down in
    two ways: m of the differing level against the share of people who have such a rival.
    """
    if constraint.bits is not None:
        return constraint.bits
    differing = str(constraint.differing)
    m = float(model.content["parameters"][differing][constraint.when[differing][0]]["m"])
    return math.log2(m / float(constraint.rivals or 1))


def _all(levels: Mapping[str, list[str]], config: LinkageConfig) -> pl.Expr:
    return pl.all_horizontal(*(_among(comparison, names, config) for comparison, names in levels.items()))


def _any(levels: Mapping[str, list[str]], config: LinkageConfig) -> pl.Expr:
    if not levels:
        return pl.lit(value=False)
    return pl.any_horizontal(*(_among(comparison, names, config) for comparison, names in levels.items()))


def _among(comparison: str, names: list[str], config: LinkageConfig) -> pl.Expr:
    numbers = {name: number for number, name in enumerate(config.comparisons[comparison].names)} | {UNKNOWN: -1}
    return pl.col(f"gamma_{comparison}").is_in([numbers[name] for name in names])
