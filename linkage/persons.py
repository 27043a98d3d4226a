"""From records and a model to persons: block, weigh, cluster, pool. Pure: frames in, frames out.

1. Blocking brings pairs together, and each is weighed; kept are those that can decide anything: linkage.meeting.
2. Groups of which every pair agrees well enough (``sure`` bits in the mean) come first: linkage.cluster.
3. What their records say together joins groups to persons: linkage.pooled.
4. Persons of more records than a person mostly has are looked at again: linkage.plentiful.
5. Persons who cannot be one come apart: linkage.splitting.
6. What people decided outranks all of it: linkage.decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.blocking import groups
from linkage.blocks import Blocks
from linkage.cluster import Linkage, cluster
from linkage.coded import Coded, code
from linkage.compared import Compared, pair_table
from linkage.config import LinkageConfig
from linkage.decided import NOTHING, Decided
from linkage.grouping import Edges, Indices, components
from linkage.meeting import meet
from linkage.model import Model
from linkage.plentiful import Looked, again
from linkage.pooled import Pooling, pool
from linkage.review import Linked, questions
from linkage.reviewing import Word, decided_of
from linkage.splitting import split
from linkage.weighing import Scale, rarity


@dataclass(frozen=True)
class Persons:
    """``clusters``: record_id, cluster (the smallest record_id of the person). ``pairs``: linkage.meeting.Met's.

    ``questions``: what a reviewer is to be asked (linkage.review.QUESTION).
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
