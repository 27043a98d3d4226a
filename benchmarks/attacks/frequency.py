"""One who has the tables unsealed, and no key of tokens or encodings, against public frequencies of names.

1. By rank: the nth most common token is taken for the nth most common name.
2. By profile: tokens and names are matched by how common they are, how many of their bearers are female, and how common
   their prefix and their sound are, all of which stand beside a token in its row.
3. By likeness (encodings): who can compare two encodings without a key can compare two names: a graph of likenesses is
   matched to a graph of likenesses (after Vidanage and others 2020). Filters of public names under a key of his own
   tell him what likenesses to expect. A first guess from how common a value is, how many bits it sets and how its
   likeness to all others is spread; then, round by round, from its likeness to the best guesses so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.attacks.target import Public, Target, told
from keys.key import Key
from pseudonymise.encodings import encode
from pseudonymise.names import name_forms
from pseudonymise.scheme_keys import SourceKeys

Floats = NDArray[np.float64]
OWN = SourceKeys(Key("source/1", bytes(32)))  # the attacker's
MOST = 1_500  # values on each side, the commonest first
ROUNDS, ANCHORS = 12, 40


def truth(seen: Target, column: str, field: str) -> pl.DataFrame:
    """``code`` and ``name`` of each record that has both."""
    return pl.DataFrame({"code": seen.records[column], "name": seen.names[field]}).drop_nulls()


def by_rank(seen: Target, known: Public, column: str, field: str) -> str:
    """Attack 1."""
    found = truth(seen, column, field)
    ranked = found["code"].value_counts(sort=True, name="n").sort(pl.col("n"), "code", descending=[True, False])
    guess = dict(zip(ranked["code"], known.names, strict=False))
    return told(f"{field}, {column}: by rank", guess, found)


def by_profile(seen: Target, known: Public, field: str) -> str:
    """Attack 2."""
    token, others = f"token_{field}", (f"token_{field}_prefix", f"token_{field}_phonetic")
    rows = seen.records.drop_nulls(token)
    sexes = rows["token_sex"].value_counts(sort=True, name="n").drop_nulls()["token_sex"].to_list()[:2]
    best = ""
    for female in sexes:  # which of the two is female is tried out
        made = (
            rows.group_by(token)
            .agg(
                pl.len().alias("n"),
                (pl.col("token_sex") == female).mean().alias("f"),
                *(pl.col(o).first() for o in others),
            )
            .sort(pl.col("n"), token, descending=[True, False])
        )
        ours = np.column_stack([_log(made["n"]), 2 * made["f"].fill_null(0.5), *(_summed(made, o) for o in others)])
        forms = name_forms(pl.Series(known.names), field)
        table = pl.DataFrame({"n": known.count, "p": forms[f"{field}_prefix"], "s": forms[f"{field}_phonetic"]})
        theirs = np.column_stack([_log(table["n"]), 2 * known.female, _summed(table, "p"), _summed(table, "s")])
        pairs = matched(_distances(ours[:MOST], theirs[:MOST]))
        guess = {made[token][one]: known.names[other] for one, other in pairs}
        best = max(best, told(f"{field}, {token}: by profile", guess, truth(seen, token, field)), key=_right)
    return best


def _right(line: str) -> int:
    return int(line.split(" of ", maxsplit=1)[0].rsplit(maxsplit=1)[-1]) if line else -1


def _log(counts: pl.Series) -> Floats:
    return np.log(counts.to_numpy().astype(float) / counts.sum())


def _summed(table: pl.DataFrame, by: str) -> Floats:
    return _log(table.select(pl.col("n").sum().over(by)).to_series().cast(pl.Float64))


def _distances(ours: Floats, theirs: Floats) -> Floats:
    spread = theirs.std(axis=0) + 1e-9
    a, b = ours / spread, theirs / spread
    return (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T


def matched(cost: Floats) -> list[tuple[int, int]]:
    """Pairs, each row and each column once: the cheapest first."""
    order = np.argsort(cost, axis=None)[: 60 * len(cost)]
    rows, columns = np.unravel_index(order, cost.shape)
    free_row, free_column, found = np.ones(cost.shape[0], bool), np.ones(cost.shape[1], bool), []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if free_row[row] and free_column[column]:
            free_row[row] = free_column[column] = False
            found.append((row, column))
    return found


@dataclass(frozen=True)
class Side:
    """Values with how common they are, how many bits they set, and how alike each two are (Dice)."""

    weight: Floats
    bits: Floats
    dice: Floats

    @classmethod
    def of(cls, encodings: pl.Series, counts: Sequence[float]) -> "Side":
        """From distinct encodings."""
        rows = np.frombuffer(b"".join(encodings.to_list()), dtype=np.uint8).reshape(-1, 64)
        single = np.unpackbits(rows, axis=1).astype(np.float32)
        bits = single.sum(axis=1)
        dice = 2 * (single @ single.T) / (bits[:, None] + bits[None])
        weight = np.asarray(counts, dtype=float)
        return cls(weight / weight.sum(), bits.astype(float), dice.astype(float))

    def features(self) -> Floats:
        """What can be said of a value without knowing any other: how common, how long, how alike to the many."""
        grid = np.linspace(0.15, 0.9, 16)
        spread = np.stack([(self.dice > level) @ self.weight for level in grid], axis=1)
        heavy = np.log(np.sort(self.dice * np.sqrt(self.weight)[None], axis=1)[:, -12:] + 1e-6)
        return np.column_stack([1.5 * np.log(self.weight), self.bits / 8, np.log(spread + 1e-5), heavy])


def by_likeness(seen: Target, known: Public, column: str, field: str, records: pl.DataFrame | None = None) -> str:
    """Attack 3; ``records`` in place of those of the target."""
    target = seen if records is None else Target(records, seen.names, seen.person)
    found = truth(target, column, field)
    values = found["code"].value_counts(sort=True, name="n").sort(pl.col("n"), "code", descending=[True, False])
    values = values.head(MOST)
    own = encode(pl.Series(field, known.names[:MOST]), field, OWN.encoding(field))
    ours = Side.of(values["code"], values["n"].to_list())
    theirs = Side.of(own, known.count[:MOST].tolist())
    pairs = refined(ours, theirs, matched(_distances(ours.features(), theirs.features())))
    guess = {values["code"][one]: known.names[other] for one, other in pairs}
    return told(f"{field}, {column}: by likeness", guess, found)


def refined(ours: Side, theirs: Side, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs found again from likeness to the best pairs so far, more of them in each round."""
    first = _distances(ours.features(), theirs.features())
    first /= np.median(first)
    size = min(len(ours.weight), len(theirs.weight))
    for number in range(ROUNDS):
        anchors = np.array(pairs[: int(ANCHORS + (size - ANCHORS) * number / ROUNDS)])
        a, b = ours.dice[:, anchors[:, 0]], theirs.dice[:, anchors[:, 1]]
        near = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
        pairs = matched(near / np.median(near) + first * (0.5 if number < ROUNDS // 2 else 0.1))
    return pairs
