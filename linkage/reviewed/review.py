"""Which pairs a reviewer is asked about: doubtful ones, those first whose answer decides most. Pure; it sees no name.

1. A pair is doubtful if it weighs between ``from`` and ``to`` bits; if it is joined although a constraint held; or if
   it weighs more and is not joined, because others or a number that a person has one of spoke against it.
2. Of two persons, or within one, the pair that is likeliest wrong stands for all.
3. Its value is how many pairs of records are wrong if it is: those between both persons, or those that its record has
   within its person; times the chance that it is wrong, by its own weight.
4. A pair that was decided is not asked about again, nor one that this answers: it stands for all (rule 2).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.clustered.deaths import after_death
from linkage.clustered.decided import Decided
from linkage.clustered.once import Flags
from linkage.config import UNKNOWN, LinkageConfig
from linkage.learned.weighing import Scale
from linkage.paired.compared import Compared
from linkage.paired.grouping import Indices

ONCE = "one_record_per_person"
NUMBERS = "one_of"
DEATHS = "deaths"
QUESTION: dict[str, pl.DataType | type[pl.DataType]] = {
    "record_id_l": pl.String, "record_id_r": pl.String, "joined": pl.Boolean, "match_weight": pl.Float64,
    "value": pl.Float64, "levels": pl.List(pl.String), "bits": pl.List(pl.Float64), "held_by": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Linked:
    """A link's outcome, before record ids: what was compared, of each record its person, and how many each has."""

    scale: Scale
    compared: Compared
    label: Indices
    sizes: Indices


def questions(linked: Linked, decided: Decided, ids: pl.Series) -> pl.DataFrame:
    """The pairs to ask about, the most valuable first: QUESTION.

    ``levels`` has a level's name for each comparison, ``bits`` the prior and then what each comparison adds;
    ``held_by`` is the constraint that kept the pair from weighing more; or why both are not joined, however much they
    weigh: ONCE, both are of a feed that holds one record per person (linkage.clustered.once); NUMBERS, each has
    another number of a kind of which a person has one (linkage.clustered.splitting); DEATHS, one tells of a life after
    the death that the other tells of (linkage.clustered.deaths).
    """
    rows = _worth(linked, _doubtful(linked, decided))[: linked.scale.config.review.most]
    return described(linked, rows, ids)


def described(linked: Linked, rows: Indices, ids: pl.Series) -> pl.DataFrame:
    """Some pairs as a reviewer sees them, in the order given: QUESTION."""
    config, compared = linked.scale.config, linked.compared
    left, right = compared.left[rows], compared.right[rows]
    joined = linked.label[left] == linked.label[right]
    held = compared.constraint[rows].astype(np.int64)
    for number, rule in enumerate((_two_numbers, _once, _dead), len(config.constraints)):
        held[~joined & rule(linked.scale, left, right)] = number
    bits = linked.scale.bits(compared.levels[rows], left)
    columns = {
        "record_id_l": ids.gather(left),
        "record_id_r": ids.gather(right),
        "joined": joined,
        "match_weight": compared.weight[rows],
        "value": _value(linked, rows),
        "levels": [_names(config, row) for row in compared.levels[rows]],
        "bits": [[linked.scale.prior, *row] for row in bits.tolist()],
        "held_by": pl.Series([*config.constraints, NUMBERS, ONCE, DEATHS, None], dtype=pl.String).gather(held),
    }
    return pl.DataFrame(columns, schema=QUESTION)


def _once(scale: Scale, left: Indices, right: Indices) -> Flags:
    """Which pairs a feed of one record per person has, without a number in common (clustered.splitting, rule 2)."""
    tokens = [scale.coded.tokens[name] for name in scale.config.clustering.one_of]
    numbers = [(values[left] >= 0) & (values[left] == values[right]) for values in tokens]
    none = np.zeros(len(left), dtype=bool)
    twice = np.logical_or.reduce([none, *(once[left] & once[right] for once in scale.once)])
    return np.asarray(twice & ~np.logical_or.reduce([none, *numbers]))


def _two_numbers(scale: Scale, left: Indices, right: Indices) -> Flags:
    """Which pairs have two numbers of a kind of which a person has one (clustered.splitting, rule 1)."""
    tokens = [scale.coded.tokens[name] for name in scale.config.clustering.one_of]
    two = [(it[left] >= 0) & (it[right] >= 0) & (it[left] != it[right]) for it in tokens]
    return np.asarray(np.logical_or.reduce([np.zeros(len(left), dtype=bool), *two]))


def _dead(scale: Scale, left: Indices, right: Indices) -> Flags:
    """Which pairs tell of a death and a later life (clustered.splitting, rule 3)."""
    deaths = scale.config.clustering.deaths
    if scale.days is None or deaths is None:
        return np.zeros(len(left), dtype=bool)
    return after_death(scale.days[left], scale.days[right], deaths.grace)


def _doubtful(linked: Linked, decided: Decided) -> Indices:
    """Rules 1 and 4."""
    compared, asked = linked.compared, linked.scale.config.review
    weight, records = compared.weight, len(linked.label)
    joined = linked.label[compared.left] == linked.label[compared.right]
    open_ = (weight >= asked.from_) & ((weight < asked.to) | ~joined)
    known = [edges.low * records + edges.high for edges in (decided.same, decided.apart)]
    pairs = np.minimum(compared.left, compared.right) * records + np.maximum(compared.left, compared.right)
    return np.flatnonzero((open_ | (joined & (compared.constraint >= 0))) & ~np.isin(pairs, np.concatenate(known)))


def _worth(linked: Linked, rows: Indices) -> Indices:
    """Rule 2, in the order of rule 3; ties by the smaller records."""
    compared, label = linked.compared, linked.label
    left, right = compared.left[rows], compared.right[rows]
    one, other = np.minimum(label[left], label[right]), np.maximum(label[left], label[right])
    order = np.lexsort((right, left, -_wrong(linked, rows), other, one))
    first = np.append(True, (one[order][1:] != one[order][:-1]) | (other[order][1:] != other[order][:-1]))
    kept = rows[order][first] if len(rows) else rows
    return np.asarray(kept[np.lexsort((compared.right[kept], compared.left[kept], -_value(linked, kept)))])


def _value(linked: Linked, rows: Indices) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rule 3."""
    compared, label = linked.compared, linked.label
    left, right = label[compared.left[rows]], label[compared.right[rows]]
    sizes = linked.sizes
    at_stake = np.where(left == right, sizes[left] - 1, sizes[left] * sizes[right])
    return np.asarray(at_stake * _wrong(linked, rows))


def _wrong(linked: Linked, rows: Indices) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The chance that a pair is wrongly joined, or wrongly not."""
    compared, label = linked.compared, linked.label
    joined = label[compared.left[rows]] == label[compared.right[rows]]
    return np.asarray(1 / (1 + np.exp2(np.where(joined, 1, -1) * compared.weight[rows])))


def _names(config: LinkageConfig, levels: np.ndarray[tuple[int], np.dtype[np.int8]]) -> list[str]:
    told = zip(config.comparisons.values(), levels.tolist(), strict=True)
    return [UNKNOWN if level < 0 else comparison.names[level] for comparison, level in told]
