"""One link's step: from what is kept, and what came and went, to what is kept next and which persons that touched.

Pure. In whatever order records come, what is kept at the end gives the persons that linking all of them at once gives
under the same model and its frequencies:

1. Of a record the delivery of the latest period counts. One that says what is known already moves nothing,
   but for days of death or life that it tells anew.
2. Pairs are those that blocking all records would bring together (linkage.kept.touching).
3. Persons are those that clustering all pairs would give (linkage.kept.regions).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.assessed.traits import CODES
from linkage.clustered.deaths import DAYS
from linkage.clustered.decided import Decided
from linkage.config import LinkageConfig
from linkage.kept.coding import Fresh, same_as_before
from linkage.kept.regions import regroup
from linkage.kept.state import Flags, Kept, Links, Pairs, Rows, halves_of, names_of, only
from linkage.kept.touching import near_columns, touched
from linkage.learned.model import Model
from linkage.learned.told_levels import told_levels
from linkage.learned.weighing import Scale
from linkage.paired.coded import Coded, Encodings, Numbers
from linkage.paired.hopeful import worth_of
from linkage.reviewed.reviewing import Word, decided_of
from linkage.threads import side_by_side


@dataclass(frozen=True)
class Arrived:
    """What came and went. ``records``: of scheme 1, each once, with ``source``, ``feed`` (numbers) and ``earlier``.

    ``age``: of each source by number its place in the order of deliveries. ``gone``: rows that no delivery holds any
    more or that are barred. ``words``: what reviewers decided; ``changed``: record ids of which that is new.
    ``feeds``: their names by number.
    """

    records: pl.DataFrame
    age: Rows
    gone: Rows
    words: Sequence[Word] = ()
    changed: Sequence[str] = ()
    feeds: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """``kept``: for the next link. ``touched``: living rows whose persons were sought anew. ``withdrawn``: dead rows.

    ``compared``: how many pairs were; ``lost``: numbers of pairs that are none any more.
    """

    kept: Kept
    touched: Rows
    withdrawn: Rows
    compared: int
    light: float
    lost: Rows


def _nobody(_: pl.Series) -> None:
    """Nobody wants to know."""


def follow(
    kept: Kept, arrived: Arrived, model: Model, config: LinkageConfig, soon: Callable[[pl.Series], None] = _nobody
) -> Step:
    """Bring what is kept to what came and went. Raises LinkageRefused if records are not well formed.

    ``soon`` is told, as early as it is known, which records' persons are sought anew; some may be too many or missing.
    """
    grown = _grown(kept, arrived, config)  # (1)
    before = np.append(kept.alive, np.zeros(len(grown.alive) - len(kept.alive), dtype=bool))
    met = touched(grown, before, config)  # (2)
    lost, compared = _lost(grown, met.lost, before), sum(len(left) for left, _ in met.pairs)
    pairs, light = _compared(grown, met.pairs, before, Scale(grown.coded, config, model, grown.rarity))
    stirred = grown.alive != before
    stirred[: len(kept.alive)] |= (grown.days[: len(kept.alive)] != kept.days).any(axis=1)
    anew = before[pairs.left] & before[pairs.right]
    gone = grown.pairs.at(met.lost)
    changed = grown.find(halves_of(pl.Series(arrived.changed, dtype=pl.String)))
    for rows in (gone.left, gone.right, pairs.left[anew], pairs.right[anew], changed[changed >= 0]):
        stirred[rows] = True
    linked = replace(grown, links=Links(grown.pairs, lost, pairs), pairs_made=grown.pairs_made + len(pairs.left))
    decided = decided_rows(linked, arrived.words)
    found = regroup(linked, stirred, decided, model, config, lambda rows: soon(names_of(linked.ids[rows])))  # (3)
    region, label = linked.region, linked.label  # made above, and nobody else's yet
    region[found.rows], label[found.rows] = found.region, found.label
    dead = np.flatnonzero(before & ~grown.alive)
    region[dead] = label[dead] = dead
    return Step(linked, found.rows, dead, compared, light, grown.pairs.number[lost])


def decided_rows(kept: Kept, words: Sequence[Word]) -> Decided:
    """What reviewers decided, by row."""
    ids = pl.Series(sorted({it for word in words for it in (word.record_id_l, word.record_id_r)}), dtype=pl.String)
    return decided_of(words, ids).within(kept.find(halves_of(ids)))


def _grown(kept: Kept, arrived: Arrived, config: LinkageConfig) -> Kept:
    """Rule 1: what is kept with new rows behind it, and those dead that they replace."""
    records = arrived.records.sort("record_id")
    fresh = Fresh.beside(kept, records, config.columns, near_columns(config))
    ids = halves_of(records["record_id"])
    source, feed, earlier = (records[name].to_numpy() for name in ("source", "feed", "earlier"))
    traits, told = records.select(CODES).to_numpy(), records.select(DAYS).to_numpy()
    days = kept.days.copy()
    alive, now_earlier, now_source = kept.alive.copy(), kept.earlier.copy(), kept.source.copy()
    alive[arrived.gone] = False
    row = kept.find(ids)
    known = np.flatnonzero(row >= 0)
    older = known[alive[row[known]] & (arrived.age[kept.source[row[known]]] > arrived.age[source[known]])]
    now_earlier[row[older]] = True
    rest = _without(known, older, len(row))
    same = rest[same_as_before(kept, row[rest], fresh, rest) & (kept.traits[row[rest]] == traits[rest]).all(axis=1)]
    now_earlier[row[same]] |= alive[row[same]] | earlier[same]
    alive[row[same]], now_source[row[same]] = True, source[same].astype(np.int32)
    days[row[same]] = told[same]
    other = _without(rest, same, len(row))
    was = alive[row[other]] | kept.earlier[row[other]]
    alive[row[other]] = False
    earlier = earlier.copy()
    earlier[other] |= was
    new = _without(np.arange(len(ids)), np.concatenate([older, same]), len(row))
    own = np.arange(len(kept.alive), len(kept.alive) + len(new))
    return replace(
        kept,
        ids=np.concatenate([kept.ids, ids[new]]),
        alive=np.append(alive, np.ones(len(new), dtype=bool)),
        earlier=np.append(now_earlier, earlier[new]),
        source=np.append(now_source, source[new].astype(np.int32)),
        feed=np.append(kept.feed, feed[new].astype(np.int32)),
        feeds=tuple(arrived.feeds),
        traits=np.concatenate([kept.traits, traits[new]]),
        days=np.concatenate([days, told[new]]),
        coded=_behind(kept.coded, only(fresh.coded, new)),
        values=fresh.values,
        pieces=fresh.pieces,
        bands=fresh.bands,
        rarity=kept.frequent.beyond(kept.rarity, kept.values, fresh.values),
        region=np.append(kept.region, own),
        label=np.append(kept.label, own),
    )


def _without(some: Rows, these: Rows, all_: int) -> Rows:
    left = np.zeros(all_, dtype=bool)
    left[some], left[these] = True, False
    return np.flatnonzero(left)


def _behind(kept: Coded, new: Coded) -> Coded:
    tokens = dict(
        zip(new.tokens, side_by_side(np.append, map(kept.tokens.get, new.tokens), new.tokens.values()), strict=True)
    )
    encodings = {
        name: Encodings(np.append(kept.encodings[name].which, it.which), it.words, it.bits)
        for name, it in new.encodings.items()
    }
    return Coded(kept.records + new.records, tokens, encodings)


def _compared(kept: Kept, pairs: Sequence[tuple[Numbers, Numbers]], before: Flags, scale: Scale) -> tuple[Pairs, float]:
    """The pairs that are worth keeping, and how many of the others are expected to match all the same."""
    found = worth_of(scale, pairs)
    left, right = kept.smaller_first(found.compared.left, found.compared.right)
    new = np.flatnonzero(~_already(kept, left, right, before))
    number = kept.pairs_made + np.arange(len(new), dtype=np.int64)
    it = found.compared.at(new)
    return Pairs(number, left[new], right[new], it.weight, it.levels, it.constraint), found.light


def _already(kept: Kept, left: NDArray[np.int32], right: NDArray[np.int32], before: Flags) -> Flags:
    """Which pairs are kept: only those between two rows that both were there before can be."""
    found = np.zeros(len(left), dtype=bool)
    both = np.flatnonzero(before[left] & before[right])
    if len(both):
        rows = len(kept.alive)
        ends = np.zeros(rows, dtype=bool)
        ends[left[both]] = ends[right[both]] = True
        held = np.flatnonzero(ends[kept.pairs.left] & ends[kept.pairs.right])
        keys = kept.pairs.left[held].astype(np.int64) * rows + kept.pairs.right[held]
        found[both] = np.isin(left[both].astype(np.int64) * rows + right[both], keys)
    return found


def _lost(kept: Kept, lost: Rows, before: Flags) -> Rows:
    """By place, the pairs that blocking brings together no more and those of which an end went."""
    gone = before & ~kept.alive
    if not gone.any():
        return lost
    return np.union1d(lost, np.flatnonzero(gone[kept.pairs.left] | gone[kept.pairs.right]))


def clusters(step: Step) -> pl.DataFrame:
    """Touched records with their persons: record_id, and as cluster a row that names it."""
    kept = step.kept
    return pl.DataFrame({"record_id": names_of(kept.ids[step.touched]), "cluster": kept.label[step.touched]})


def evidence(step: Step, config: LinkageConfig) -> pl.DataFrame:
    """What changes of the register rest on, between touched records, as ``telling`` has it."""
    kept, inside = step.kept, np.zeros(len(step.kept.alive), dtype=bool)
    inside[step.touched] = True
    pairs = telling(kept, kept.links.where(lambda it: inside.take(it.left)))
    left, right = (names_of(kept.ids[rows]) for rows in (pairs.left, pairs.right))
    return told_pairs(pairs, left, right, config)


def telling(kept: Kept, pairs: Pairs) -> Pairs:
    """Those of one person, and those that speak for one and are not: what a person was split at."""
    return pairs.at((kept.label[pairs.left] == kept.label[pairs.right]) | (pairs.weight > 0))


def told_pairs(pairs: Pairs, left: pl.Series, right: pl.Series, config: LinkageConfig) -> pl.DataFrame:
    """Pairs between these records: record_id_l, record_id_r, match_weight, and levels (linkage.learned.told_levels)."""
    levels = told_levels(pairs.levels, config)
    return pl.DataFrame({"record_id_l": left, "record_id_r": right, "match_weight": pairs.weight, "levels": levels})
