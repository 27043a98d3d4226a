"""A sample of pairs for people to judge, so that precision and recall are known without trusting the model.

1. Kept pairs fall into strata: joined or not, by match weight in steps of ``_STEP`` bits. Of each stratum some are
   drawn at random, all alike; strata where a pair is as likely right as wrong are drawn from most (Neyman 1934).
2. Drawn pairs stand in the review queue until they are judged (``hub link review``); what people say counts at the next
   link too, as any decision does.
3. Each stratum's share of right pairs is what people said of those drawn; weighed by how many pairs it has
   (Horvitz & Thompson 1952) they give precision, and of all matching pairs the share that was joined: recall among
   what blocking brought together.
4. A stratum of which nobody judged a pair makes no estimate; nor do fewer than ``_FEWEST`` judged pairs; nor does a
   sample of what another model made: of this one's persons it says nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from sqlalchemy import Connection, delete, select

from linkage.assessed.report import Reviewed, Share
from linkage.assessed.shares import wilson
from linkage.config import LinkageConfig
from linkage.kept.state import Kept, Rows, names_of
from linkage.learned.model import Model
from linkage.models import LinkQuestion
from linkage.reviewed.review import Linked, described
from linkage.reviewed.reviewing import Verdict, words

_STEP, _LOW, _HIGH = 6, -6, 24
_FEWEST = 20


@dataclass(frozen=True)
class Stratum:
    """How many pairs it has, how many were judged, and how many of these are of one person."""

    joined: bool
    pairs: int
    judged: int
    same: int


def draw(kept: Kept, model: Model, config: LinkageConfig, most: int, seed: int) -> pl.DataFrame:
    """Rule 1: as linkage.reviewed.review.QUESTION, with ``stratum``, ``stratum_pairs``."""
    stratum = _strata(kept)
    chance = np.random.default_rng(seed)
    names, counts = np.unique(stratum, return_counts=True)
    taken = [chance.choice(np.flatnonzero(stratum == name), number, replace=False)
             for name, number in zip(names, _shares(names, counts, most), strict=True)]  # fmt: skip
    drawn = kept.pairs.at(np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *taken])))
    rows = kept.in_order(np.unique(np.concatenate([drawn.left, drawn.right])))
    place = np.full(len(kept.alive), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    compared = drawn.compared(place)
    persons, label = np.unique(kept.label[rows], return_inverse=True)
    sizes = np.bincount(kept.label[kept.alive], minlength=len(kept.alive))[persons]
    linked = Linked(kept.scale(rows, model, config), compared, label, sizes)
    found = described(linked, np.arange(len(compared.left)), names_of(kept.ids[rows]))
    of = _names_of_strata(label[compared.left] == label[compared.right], compared.weight)
    whole = dict(zip((_name(name) for name in names.tolist()), counts.tolist(), strict=True))
    return found.with_columns(stratum=of, stratum_pairs=of.replace_strict(whole, return_dtype=pl.Int64))


def _strata(kept: Kept) -> Rows:
    joined = kept.label[kept.pairs.left] == kept.label[kept.pairs.right]
    return _numbers(joined, kept.pairs.weight)


def _numbers(joined: np.ndarray, weight: np.ndarray) -> Rows:
    step = (np.clip(weight, _LOW, _HIGH - 1) - _LOW) // _STEP
    return np.asarray(step.astype(np.int64) * 2 + joined)


def _names_of_strata(joined: np.ndarray, weight: np.ndarray) -> pl.Series:
    return pl.Series([_name(number) for number in _numbers(joined, weight).tolist()], dtype=pl.String)


def _name(number: int) -> str:
    return f"{'joined' if number % 2 else 'apart'} from {_LOW + number // 2 * _STEP} bits"


def _shares(names: Rows, counts: Rows, most: int) -> list[int]:
    """How many to draw of each: by size times the spread that its middle weight has; at least a few, at most all."""
    bits = _LOW + (names // 2 + 0.5) * _STEP
    likely = 1 / (1 + np.exp2(-bits))
    worth = np.sqrt(counts) * np.sqrt(np.maximum(likely * (1 - likely), 1e-4))
    wanted = np.maximum(np.round(worth / worth.sum() * most) if len(worth) else worth, 3)
    return [int(number) for number in np.minimum(wanted, counts)]


def drawn_in(connection: Connection, model: str) -> str | None:
    """The quarter whose link the sample is of; none if there is no sample, or one of another model's link."""
    sampled = LinkQuestion.stratum.is_not(None) & (LinkQuestion.model_version == model)
    period: str | None = connection.execute(select(LinkQuestion.period).where(sampled).limit(1)).scalar()
    return period


def forget_sample(connection: Connection) -> None:
    """Take the sample out of the queue; what was decided stays decided."""
    connection.execute(delete(LinkQuestion).where(LinkQuestion.stratum.is_not(None)))


def reviewed(connection: Connection, model: str) -> Reviewed | None:
    """Rules 3 and 4: what people said of the sample, where it is of a link by this model."""
    strata, period = list(_judged(connection)), drawn_in(connection, model)
    if period is None or not strata or any(not it.judged for it in strata):
        return None
    judged = sum(it.judged for it in strata)
    if judged < _FEWEST:
        return None
    joined, apart = ([it for it in strata if it.joined is side] for side in (True, False))
    right, missed = _total(joined), _total(apart)
    pairs = sum(it.pairs for it in joined)
    precision = _share(right[0] / pairs if pairs else 1.0, right[1] / max(pairs, 1) ** 2)
    matches = max(right[0] + missed[0], 1e-9)
    lost = missed[0] / matches
    variance = (right[1] * lost**2 + missed[1] * (1 - lost) ** 2) / matches**2
    return Reviewed(precision=precision, recall=_share(1 - lost, variance), pairs=judged, drawn_in=period)


def _judged(connection: Connection) -> Iterator[Stratum]:
    said = {(word.record_id_l, word.record_id_r): word.verdict for word in words(connection)}
    rows = connection.execute(select(LinkQuestion.__table__).where(LinkQuestion.stratum.is_not(None))).all()
    for name in sorted({row.stratum for row in rows}):
        mine = [row for row in rows if row.stratum == name]
        verdicts = [said[pair] for row in mine if (pair := (row.record_id_l, row.record_id_r)) in said]
        same = sum(verdict is Verdict.SAME for verdict in verdicts)
        yield Stratum(bool(mine[0].joined), int(mine[0].stratum_pairs), len(verdicts), same)


def _total(strata: Sequence[Stratum]) -> tuple[float, float]:
    """How many pairs are of one person, and the variance of that; one that looks certain is not taken as certain."""
    total = variance = 0.0
    for it in strata:
        total += it.pairs * it.same / it.judged
        likely = (it.same + 1) / (it.judged + 2)
        left = 1 - it.judged / it.pairs
        variance += it.pairs**2 * left * likely * (1 - likely) / it.judged
    return total, variance


def _share(value: float, variance: float) -> Share:
    spread = max(value * (1 - value), 1e-6)
    return wilson(value, spread / max(variance, 1e-12))
