"""Wrong pairs by their pattern of agreement: what went wrong, without a name."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.config import UNKNOWN, LinkageConfig
from linkage.learned.weighing import Scale
from linkage.paired.grouping import Groups, Indices
from linkage.paired.levels import levels

_LOOKED_AT = 200_000  # pairs of each kind


@dataclass(frozen=True)
class Pattern:
    """So many wrong pairs that stand at these levels. ``joined``: two persons made one; else one person left apart."""

    joined: bool
    pairs: int
    levels: str


def wrong_pairs(truth: pl.Series, label: Indices, scale: Scale, most: int = 8) -> list[Pattern]:
    """The commonest patterns of pairs joined wrongly, then of pairs left apart."""
    person = truth.rank("dense").to_numpy().astype(np.int64) - 1
    joined, apart = _pairs_but(label, person), _pairs_but(person, label)
    return [*_commonest(joined, scale, most, joined=True), *_commonest(apart, scale, most, joined=False)]


def _pairs_but(together: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Pairs of records that are together by one grouping and not by the other."""
    groups = Groups.of(together)
    named = np.flatnonzero(groups.sizes > 1)
    left, right, _ = groups.pairs_between(named, named)
    wrong = (left < right) & (other[left] != other[right])
    return left[wrong][:_LOOKED_AT], right[wrong][:_LOOKED_AT]


def _commonest(pairs: tuple[Indices, Indices], scale: Scale, most: int, *, joined: bool) -> list[Pattern]:
    found = levels(scale.coded, *pairs, scale.config)
    rows, counts = np.unique(found, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return [Pattern(joined, int(counts[at]), _said(rows[at].tolist(), scale.config)) for at in order]


def _said(row: list[int], config: LinkageConfig) -> str:
    named = zip(row, config.comparisons.items(), strict=True)
    return ", ".join(f"{name.removeprefix('plain_')} {it.names[at]}" for at, (name, it) in named if at >= 0) or UNKNOWN
