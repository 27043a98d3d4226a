"""How right a linkage of a labelled file is: what ``hub link evaluate`` prints."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.evaluation import Quality, evaluate, harmonic
from linkage.paired.grouping import Indices


@dataclass(frozen=True)
class Measured:
    """The seven figures of ``--json``, and ``more`` of the clusters.

    ``pairwise_f1``: pairs that reach the threshold by themselves, before any clustering, against all pairs of one
    person. ``cluster_*``: pairs of records that ended up as one person, against the same. ``b_cubed_f1``: average over
    records.
    ``seconds``: from reading the file to the last cluster.
    """

    pairwise_f1: float
    cluster_precision: float
    cluster_recall: float
    cluster_f1: float
    b_cubed_f1: float
    largest_cluster: int
    seconds: float
    pairwise_precision: float
    pairwise_recall: float
    more: Quality
    sizes: Mapping[int, int]


def measure(truth: pl.Series, label: Indices, left: Indices, right: Indices, seconds: float) -> Measured:
    """``left`` and ``right`` are the pairs that match by themselves; ``label`` of each record the cluster."""
    ids = pl.int_range(len(truth), eager=True).alias("record_id")
    found = evaluate(
        pl.DataFrame([ids, truth.alias("true_person_id")]), pl.DataFrame([ids, pl.Series("person_id", label)])
    )
    precision, recall = pair_shares(truth, left, right)
    sizes = np.bincount(np.bincount(label))
    return Measured(
        pairwise_f1=harmonic(precision, recall),
        cluster_precision=found.precision,
        cluster_recall=found.recall,
        cluster_f1=found.f1,
        b_cubed_f1=found.b_cubed_f1,
        largest_cluster=found.largest_cluster,
        seconds=seconds,
        pairwise_precision=precision,
        pairwise_recall=recall,
        more=found,
        sizes={size: int(count) for size, count in enumerate(sizes.tolist()) if size and count},
    )


def pair_shares(truth: pl.Series, left: Indices, right: Indices) -> tuple[float, float]:
    """Precision and recall of pairs."""
    person = truth.rank("dense").to_numpy()
    counts = np.bincount(person.astype(np.int64))
    all_right = int((counts * (counts - 1) // 2).sum())
    right_ones = int((person[left] == person[right]).sum())
    return (right_ones / len(left) if len(left) else 1.0, right_ones / all_right if all_right else 1.0)
