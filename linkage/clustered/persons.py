"""From records and a model to persons: block, weigh, cluster, pool. Pure: frames in, frames out.

1. Blocking brings pairs together, and each is weighed; kept are those that can decide anything: linkage.paired.meeting.
2. Groups of which every pair agrees well enough (``sure`` bits in the mean) come first: linkage.clustered.cluster.
3. What their records say together joins groups to persons: linkage.clustered.pooled.
4. Persons of more records than a person mostly has are looked at again: linkage.clustered.plentiful.
5. Persons who cannot be one come apart: linkage.clustered.splitting.
6. What people decided outranks all of it: linkage.clustered.decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.clustered.cluster import Linkage, cluster
from linkage.clustered.decided import NOTHING, Decided
from linkage.clustered.plentiful import Looked, again
from linkage.clustered.pooled import Pooling, pool
from linkage.clustered.splitting import split
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.learned.weighing import Scale, rarity
from linkage.paired.blocking import groups
from linkage.paired.blocks import Blocks
from linkage.paired.coded import Coded, code
from linkage.paired.compared import Compared, pair_table
from linkage.paired.grouping import Edges, Indices, components
from linkage.paired.meeting import meet
from linkage.reviewed.review import Linked, questions
from linkage.reviewed.reviewing import Word, decided_of


@dataclass(frozen=True)
class Persons:
    """``clusters``: record_id, cluster (the smallest record_id of the person). ``pairs``: linkage.paired.meeting.Met's.

    ``questions``: what a reviewer is to be asked (linkage.reviewed.review.QUESTION).
    """

    clusters: pl.DataFrame
    pairs: pl.DataFrame
    questions: pl.DataFrame


def find_persons(records: pl.DataFrame, model: Model, config: LinkageConfig, known: Sequence[Word] = ()) -> Persons:
    """Group records into persons; ``known`` is what reviewers decided.

    Raises LinkageRefused if the records are not well formed or decisions contradict.
    """
    ids = records["record_id"].sort()
    decided = decided_of(known, ids)
    coded = code(records, config.columns)
    scale = scale_of(coded, model, config)
    compared = meet(scale, Blocks.of(coded, config)).compared  # (1)
    label = group(scale, compared, decided)
    clusters = pl.DataFrame({"record_id": ids, "cluster": ids.gather(label)})
    asked = questions(Linked(scale, compared, label, np.bincount(label, minlength=len(ids))), decided, ids)
    return Persons(clusters, pair_table(compared, ids, config), asked)


def scale_of(coded: Coded, model: Model, config: LinkageConfig) -> Scale:
    """What pairs of these records are weighed by."""
    return Scale(coded, config, model, rarity(coded, groups(coded, config.certain), config.frequencies))


@dataclass(frozen=True)
class Grouped:
    """Of each record the smallest of its person; and the smallest of its region (linkage.kept.regions)."""

    label: Indices
    region: Indices


def group(scale: Scale, compared: Compared, decided: Decided = NOTHING) -> Indices:
    """Rules 2 to 6: of each record the smallest of its person. Raises LinkageRefused if decisions contradict."""
    return grouped(scale, compared, decided).label


def grouped(scale: Scale, compared: Compared, decided: Decided = NOTHING) -> Grouped:
    """The same, with the regions within which persons depend on each other. Raises LinkageRefused."""
    numbers = scale.config.clustering
    rule = Linkage(numbers.sure, numbers.floor, numbers.ceiling, numbers.unseen)
    near = compared.weight >= numbers.considered
    left, right, weight = compared.left[near], compared.right[near], compared.weight[near]
    sure = cluster(scale.coded.records, left, right, weight, rule, scale.weigh, decided)  # (2)
    pooling = Pooling(numbers.threshold, numbers.considered, numbers.largest, scale.prior, scale.family, numbers.kin)
    live: list[Edges] = []
    persons = pool(sure, left, right, weight, scale.see, pooling, decided, live)  # (3)
    strong = weight >= min(numbers.sure, numbers.ceiling)
    held = [Edges.between(left[strong], right[strong]), Edges.between(np.arange(len(sure)), sure), decided.same, *live]
    looked = Looked(sure, left, right, weight, scale.see, decided)
    persons = again(persons, looked, pooling, numbers.plenty, numbers.sure)  # (4)
    region = components(len(sure), *(np.concatenate([getattr(it, side) for it in held]) for side in ("low", "high")))
    return Grouped(split(scale, persons, decided), region)  # (5)
