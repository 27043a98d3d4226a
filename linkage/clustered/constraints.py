"""Pairs that look like one person and must not be joined on that evidence alone: twins, namesakes.

A constraint is soft: it sets a ceiling on the pair's match weight, which clustering then weighs against all other
pairs of the two groups. So one mistyped record does not tear a person apart.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from linkage.config import UNKNOWN, Constraint, LinkageConfig
from linkage.learned.model import Model
from linkage.paired.levels import Levels


def ceilings(found: Levels, model: Model, config: LinkageConfig) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """The most that each pair may weigh, infinite for most; and which constraint says so, by its number (-1: none).

    The first constraint that holds for a pair counts.
    """
    ceiling = np.full(len(found), np.inf)
    which = np.full(len(found), -1, dtype=np.int8)
    for number, constraint in enumerate(config.constraints.values()):
        holds = (which < 0) & _all(found, constraint.when, config) & ~_any(found, constraint.unless, config)
        ceiling[holds], which[holds] = most(constraint, model), number
    return ceiling, which


def most(constraint: Constraint, model: Model) -> float:
    """The match weight that a constraint leaves a pair, in bits.

    1. Two people who share all but one thing are weighed against one person with that thing written down in two ways:
       m of the differing levels against the share of people who have such a rival.
    2. Rivals pass for persons in training too, so their share is taken off m first; a tenth of it is left at the least.
    """
    if constraint.bits is not None:
        return constraint.bits
    differing, rivals = str(constraint.differing), float(constraint.rivals or 1)
    m = sum(float(model.content["parameters"][differing][level]["m"]) for level in constraint.when[differing])
    return math.log2(max(m - rivals, m / 10) / rivals)


def _all(found: Levels, when: Mapping[str, list[str]], config: LinkageConfig) -> NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([_among(found, name, levels, config) for name, levels in when.items()]))


def _any(found: Levels, unless: Mapping[str, list[str]], config: LinkageConfig) -> NDArray[np.bool_]:
    none = [np.zeros(len(found), dtype=bool)]
    return np.asarray(np.logical_or.reduce([_among(found, name, it, config) for name, it in unless.items()] or none))


def _among(found: Levels, name: str, levels: list[str], config: LinkageConfig) -> NDArray[np.bool_]:
    names = config.comparisons[name].names
    among = np.array([*(level in levels for level in names), UNKNOWN in levels])  # -1, unknown, is the last
    return np.asarray(among[found[:, list(config.comparisons).index(name)]])
