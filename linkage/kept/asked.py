"""The review queue from what is kept: which of all doubtful pairs are worth asking about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.clustered.decided import Decided
from linkage.config import LinkageConfig
from linkage.kept.state import Kept, Rows, names_of
from linkage.kept.step import decided_rows
from linkage.learned.model import Model
from linkage.paired.grouping import Weights
from linkage.reviewed.review import Linked, questions
from linkage.reviewed.reviewing import Word
from linkage.reviewed.settled import between_persons, settled

_MORE = 8


@dataclass(frozen=True)
class Asked:
    """``questions``: linkage.reviewed.review.QUESTION; ``feeds``: record_id and feed of their records."""

    questions: pl.DataFrame
    feeds: pl.DataFrame


def asked(kept: Kept, words: Sequence[Word], model: Model, config: LinkageConfig, feeds: Sequence[str]) -> Asked:
    """The pairs to ask about, as linkage.reviewed.review chooses them.

    Only the most valuable are looked at closely: so many that, of two persons or one, enough are left.
    """
    decided, sizes = decided_rows(kept, words), np.bincount(kept.label[kept.alive], minlength=len(kept.alive))
    doubtful, value = _doubtful(kept, decided, config)
    count = config.review.most * _MORE
    while True:
        least = 0.0 if count >= len(value) else float(-np.partition(-value, count)[count])
        pairs = kept.pairs.at(doubtful[value >= least])
        rows = kept.in_order(np.unique(np.concatenate([pairs.left, pairs.right])))
        place = np.full(len(kept.alive), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        names, label = np.unique(kept.label[rows], return_inverse=True)
        linked = Linked(kept.scale(rows, model, config), pairs.compared(place), label, sizes[names])
        ids = names_of(kept.ids[rows])
        found = questions(linked, decided.within(place), ids)
        if found.height >= config.review.most or count >= len(value):
            feed = pl.Series([feeds[number] for number in kept.feed[rows].tolist()], dtype=pl.String)
            return Asked(found, pl.DataFrame({"record_id": ids, "feed": feed}))
        count *= _MORE


def _doubtful(kept: Kept, decided: Decided, config: LinkageConfig) -> tuple[Rows, Weights]:
    """Pairs that may be asked about, by place, and how many pairs of records are likely wrong if each is.

    What people said of others answers some (linkage.reviewed.settled).
    """
    pairs, review = kept.pairs, config.review
    one, other = kept.label[pairs.left], kept.label[pairs.right]
    joined = one == other
    open_ = (pairs.weight >= review.from_) & ((pairs.weight < review.to) | ~joined)
    answered = (settled(kept, decided) != pairs.weight) | between_persons(kept, decided.apart)
    doubtful = np.flatnonzero((open_ | (joined & (pairs.constraint >= 0))) & ~answered)
    sizes = np.bincount(kept.label[kept.alive], minlength=len(kept.alive))
    one, other, joined = one[doubtful], other[doubtful], joined[doubtful]
    at_stake = np.where(joined, sizes[one] - 1, sizes[one] * sizes[other])
    return doubtful, at_stake / (1 + np.exp2(np.where(joined, 1, -1) * pairs.weight[doubtful]))
