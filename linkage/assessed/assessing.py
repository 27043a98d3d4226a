"""How right a link thinks that it is, in the whole and by group, and what changed since the one before. Pure.

1. Precision: of the pairs that were joined, how many are expected to match. Recall: of all that are expected to match,
   how many were joined, times what blocking reaches (linkage.assessed.reach). Pairs that blocking brought together and
   that weigh too little to be kept are counted among those expected. What people decided is known, and what follows
   from it as surely as it follows (linkage.reviewed.settled).
2. A pair counts in every group that either of its records is of; of authorities, in that of both together.
3. What fewer records or pairs stand for than the agreement's smallest count is left out, and counts are rounded.
4. The group furthest behind is that whose precision or recall is furthest below the whole's, among those of a hundred
   joined pairs and more: of fewer a single pair would decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.periods import Quarter
from linkage.assessed.groups import Codes, Grouping, groupings
from linkage.assessed.reach import reach
from linkage.assessed.report import Bar, Drift, Group, Missing, Report, Reviewed, Share
from linkage.assessed.shares import Told, between_persons, share, times
from linkage.clustered.decided import NOTHING, Decided
from linkage.config import LinkageConfig
from linkage.kept.state import Flags, Kept
from linkage.learned.model import Model
from linkage.reviewed.settled import settled

_WIDTH, _LOW, _HIGH = 4, -8, 40
_MOVED = 1.0
_TELLING = 100


@dataclass(frozen=True)
class Basis:
    """What an assessment is made from, beside what is kept.

    ``light``: matches expected among pairs that are not kept; ``before``: the report and the model before. ``smallest``
    and ``round_to``: the agreement's smallest count, and to what counts are rounded. ``decided``: by people, by row.
    """

    period: Quarter
    light: float
    feeds: Sequence[str]
    authority: Mapping[str, str]
    traits: Mapping[str, Sequence[str]]
    smallest: int
    round_to: int
    before: tuple[Report, Model | None] | None = None
    reviewed: Reviewed | None = None
    decided: Decided = NOTHING


@dataclass(frozen=True)
class _Pairs:
    """Kept pairs: how likely each matches, whether it was joined, and a number for its person."""

    likely: NDArray[np.float64]
    joined: Flags
    person: Codes

    def told(self, of: Flags, light: float = 0.0) -> tuple[Told, Told]:
        """Precision's and recall's sums over some pairs."""
        likely, joined = self.likely[of], self.joined[of]
        right = float(likely[joined].sum())
        chance = likely * (1 - likely)
        missed = float(chance[~joined].sum()) + light
        all_ = float(likely.sum()) + light
        lost = 1 - right / all_ if all_ else 0.0
        of_recall = float(chance[joined].sum()) * lost**2 + missed * (1 - lost) ** 2
        return Told(right, float(joined.sum()), float(chance[joined].sum())), Told(right, all_, of_recall)


def assess(kept: Kept, model: Model, config: LinkageConfig, basis: Basis) -> Report:
    """The report of one link."""
    one, other = kept.label[kept.pairs.left], kept.label[kept.pairs.right]
    pairs = _Pairs(1 / (1 + np.exp2(-settled(kept, basis.decided))), one == other, one)
    precision, within = _whole(pairs, basis.light)
    reached = reach(kept, config)
    groups = tuple(_groups(kept, pairs, basis))
    behind, gap = _furthest(groups, precision, within)
    weights = tuple(_bars(kept, pairs.joined, basis))
    return Report(
        period=str(basis.period),
        model=model.version,
        records=int(kept.alive.sum()),
        persons=len(np.unique(kept.label[kept.alive])),
        smallest=basis.smallest,
        precision=precision,
        recall=times(within, reached),
        within=within,
        reach=reached,
        groups=groups,
        behind=behind,
        gap=gap,
        reviewed=_of_all(basis.reviewed, reached),
        drift=_drift(model, basis.before[1]) if basis.before else (),
        shift=_shift(weights, basis.before[0].weights) if basis.before else None,
        missing=tuple(_missing(kept, basis)),
        weights=weights,
        reach_before=basis.before[0].reach.value if basis.before else None,
    )


def _of_all(reviewed: Reviewed | None, reached: Share) -> Reviewed | None:
    """People judge pairs that were compared: what blocking missed is taken off their recall too (rule 1)."""
    if reviewed is None:
        return None
    return reviewed.model_copy(update={"recall": times(reviewed.recall, reached)})


def _whole(pairs: _Pairs, light: float) -> tuple[Share, Share]:
    all_ = np.ones(len(pairs.likely), dtype=bool)
    joined = pairs.joined.astype(np.float64)
    told = pairs.told(all_, light)
    right = pairs.likely * joined
    clustered = (between_persons(pairs.person, right, joined), between_persons(pairs.person, right, pairs.likely))
    return share(told[0], clustered[0]), share(told[1], clustered[1])


def _groups(kept: Kept, pairs: _Pairs, basis: Basis) -> Iterator[Group]:
    for grouping in groupings(kept, basis.feeds, basis.authority, basis.traits, basis.period):
        records = np.bincount(grouping.of[kept.alive & (grouping.of >= 0)], minlength=len(grouping.names))
        one, other = grouping.of[kept.pairs.left], grouping.of[kept.pairs.right]
        if grouping.kind == "authority":
            yield from _together(grouping, pairs, one, other, basis)
            continue
        for number, name in enumerate(grouping.names):
            inside = (one == number) | (other == number)
            yield _group(grouping.kind, name, int(records[number]), pairs, inside, basis)


def _together(grouping: Grouping, pairs: _Pairs, one: Codes, other: Codes, basis: Basis) -> Iterator[Group]:
    """Pairs of two authorities, or of one."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    for a, first in enumerate(grouping.names):
        for b, second in enumerate(grouping.names[a:], a):
            inside = (low == a) & (high == b)
            if inside.any():
                yield _group("authorities", f"{first}, {second}", None, pairs, inside, basis)


def _group(kind: str, name: str, records: int | None, pairs: _Pairs, inside: Flags, basis: Basis) -> Group:
    precision, recall = pairs.told(inside)
    joined = int(precision.of)
    few = min(joined, precision.of - precision.right + joined, recall.of) < basis.smallest  # (3)
    few |= records is not None and records < basis.smallest
    if few:
        return Group(kind=kind, name=name, records=None, pairs=None, precision=None, recall=None)
    shares = {"precision": share(precision), "recall": share(recall)}
    counts = {"records": None if records is None else _rounded(records, basis), "pairs": _rounded(joined, basis)}
    return Group(kind=kind, name=name, **counts, **shares)


def _rounded(count: int, basis: Basis) -> int:
    """Rule 3."""
    return 0 if count < basis.smallest else round(count / basis.round_to) * basis.round_to


def _furthest(groups: tuple[Group, ...], precision: Share, recall: Share) -> tuple[str, float]:
    """Rule 4; nobody is behind by less than nothing."""
    furthest = ("", 0.0)
    for group in (it for it in groups if (it.pairs or 0) >= _TELLING):
        for name, mine, whole in (("precision", group.precision, precision), ("recall", group.recall, recall)):
            gap = round(whole.value - mine.value, 6) if mine else 0.0
            if gap > furthest[1]:
                furthest = (f"{name}/{group.kind}/{_code(group.name)}", gap)
    return furthest


def _code(name: str) -> str:
    """A group's name as the log takes it: no blank in it."""
    return name.replace(", ", "+").replace(" ", "_")


def _bars(kept: Kept, joined: Flags, basis: Basis) -> Iterator[Bar]:
    place = (np.clip(kept.pairs.weight, _LOW, _HIGH - 1) - _LOW) // _WIDTH
    bars = (_HIGH - _LOW) // _WIDTH
    counts = [np.bincount(place[held].astype(np.int64), minlength=bars) for held in (joined, ~joined)]
    for number in range(bars):
        one, other = (_rounded(int(count[number]), basis) for count in counts)
        yield Bar(bits=_LOW + number * _WIDTH, joined=one, apart=other)


def _shift(now: Sequence[Bar], before: Sequence[Bar]) -> float:
    """The population stability index: 0 for the same distribution, 0.25 is much."""
    shares = [np.array([bar.joined + bar.apart + 0.5 for bar in bars]) for bars in (now, before)]
    one, other = (counts / counts.sum() for counts in shares)
    return round(float(((one - other) * np.log(one / other)).sum()), 4)


def _drift(now: Model, before: Model | None) -> tuple[Drift, ...]:
    if before is None or before.version == now.version:
        return ()
    found = []
    for comparison, levels in now.content["parameters"].items():
        for level, shares in levels.items():
            old = before.content["parameters"].get(comparison, {}).get(level)
            if old is None:
                continue
            bits = [round(float(np.log2(it["m"] / it["u"])), 2) for it in (old, shares)]
            if abs(bits[1] - bits[0]) >= _MOVED:
                found.append(Drift(comparison=comparison, level=level, before=bits[0], now=bits[1]))
    return tuple(sorted(found, key=lambda it: -abs(it.now - it.before)))


def _missing(kept: Kept, basis: Basis) -> Iterator[Missing]:
    known = basis.before[0].missing if basis.before else ()
    before = {(it.feed, it.field): it.share for it in known}
    for number, feed in enumerate(basis.feeds):
        rows = np.flatnonzero(kept.alive & (kept.feed == number))
        if len(rows) < basis.smallest:
            continue
        for name, numbers in kept.coded.tokens.items():
            gone = int((numbers[rows] < 0).sum())
            few = 0 < gone < basis.smallest or 0 < len(rows) - gone < basis.smallest
            share_ = round(gone / len(rows), 2) if few else round(gone / len(rows), 4)
            field = name.removeprefix("token_")
            yield Missing(feed=feed, field=field, share=share_, before=before.get((feed, field)))
