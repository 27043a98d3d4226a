"""Did an intervention help? A matched comparison with its limits, and a verdict that says no more than it shows. Pure.

1. Who is compared with whom, from when on and until when: ``assessment.occasions``.
2. Matched are those alike in feed, sex, rating, roughly in age, and in how often they were suspects before
   (``assessment.matching``); of the others nothing is said.
3. The effect is the ratio of rates of the matched (``assessment.regression``), adjusted for what is left of
   differences: right if either the matching or the adjustment is (Ho et al., Political Analysis 15 (2007) 199-236).
   A person who stands on several occasions is one cluster, and the errors are those of few clusters.
4. E-value: how strongly something not seen would have to go with both the intervention and violence to explain the
   effect away. Source: VanderWeele & Ding, Annals of Internal Medicine 167 (2017) 268-274.
5. Verdict: it cannot be told where too few are matched, they are not alike after matching, or the interval is wide; it
   helped or harmed where chance would give such a difference less than once in a hundred times, since several
   interventions are judged, and services are ended over it; else there is no evidence of an effect.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import log

import numpy as np
import polars as pl

from assessment.matching import Balance, balance, matched
from assessment.occasions import occasions
from assessment.regression import Ratio, independent, poisson

FEWEST_MATCHED = 20  # treated persons
WIDEST = 4.0  # between the ends of an interval that includes 1
UNLIKE = 0.25  # standardised mean difference left after matching (Stuart, Statistical Science 25 (2010) 1-21)
CHANCE = 0.01
ABOUT = ("age", "male", "rating", "earlier", "violent_earlier", "lately")
ALIKE = ("feed", "male", "age_group", "rating", "offences")
COMPARED, NOBODY_ALIKE, NOT_FOLLOWED = "compared", "nobody alike", "not followed"
_LOGARITHMS = ("earlier", "violent_earlier", "lately", "just_now")
_NONE_TOLD = Ratio(1.0, 0.0, float("inf"), 1.0, told=False)


class Verdict(StrEnum):
    """What the comparison shows."""

    HELPED = "helped"
    NO_EVIDENCE = "no evidence of an effect"
    HARMED = "harmed"
    CANNOT_BE_TOLD = "cannot be told"


@dataclass(frozen=True)
class Side:
    """Those who had it, or those they are compared with: persons, what they did in follow-up, and its length."""

    persons: int
    matched: int
    violent: int
    quarters: float


@dataclass(frozen=True)
class Evaluation:
    """An intervention's comparison. ``crude``: the ratio before matching, which shows who is chosen for it.

    ``persons``: one row a person of each side, what became of them (``became``), and their last ``rating``.
    """

    intervention: str
    persons: pl.DataFrame
    treated: Side
    compared: Side
    balance: tuple[Balance, ...]
    crude: Ratio
    effect: Ratio
    e_value: float
    e_value_of_interval: float
    verdict: Verdict
    because: str


def evaluate(
    tables: dict[str, pl.DataFrame], intervention: str, until: date, usual: Collection[str] = ()
) -> Evaluation:
    """The evaluation of one intervention from a release's tables person, event, involvement and intervention.

    ``usual``: interventions that count as nothing, since services give them nearly everybody.
    """
    rows = occasions(tables, intervention, until, usual).with_columns(
        offences=_roughly(pl.col("earlier"), 0, 2, 5), age_group=_roughly(pl.col("age"), 17, 24, 34)
    )
    alike = matched(rows, ALIKE)  # (2)
    treated, compared = _side(rows, alike, 1), _side(rows, alike, 0)
    crude = _ratio(rows.with_columns(weight=pl.lit(1.0)), adjusted=False)
    effect = _ratio(alike, adjusted=True)  # (3)
    differences = tuple(balance(rows, alike, ABOUT)) if treated.matched else ()
    verdict, because = judged(treated.matched, differences, effect)
    return Evaluation(
        intervention, _persons(tables, intervention, rows, alike), treated, compared, differences, crude, effect,
        e_value(effect.ratio), e_value(near_end(effect)), verdict, because,
    )  # fmt: skip


def _roughly(number: pl.Expr, *most: int) -> pl.Expr:
    """In which of the groups that end with these."""
    return sum(((number > one).cast(pl.Int64) for one in most), start=pl.lit(0, pl.Int64))


def _persons(
    tables: dict[str, pl.DataFrame], intervention: str, rows: pl.DataFrame, alike: pl.DataFrame
) -> pl.DataFrame:
    """Who had it and who is held against them, each once, and whether they are compared."""
    became = pl.when(pl.col("row").is_in(alike["row"].to_list())).then(pl.lit(COMPARED)).otherwise(pl.lit(NOBODY_ALIKE))
    told = rows.with_columns(became=became).sort("became", "index_on", "row")
    told = told.unique(["person_id", "treated"], keep="first", maintain_order=True)
    given = tables["intervention"].filter(pl.col("started_on").is_not_null(), pl.col("intervention") == intervention)
    started = given.select("person_id").unique().sort("person_id")
    rest = started.join(told.filter(pl.col("treated") == 1), on="person_id", how="anti", maintain_order="left")
    unseen = rest.with_columns(treated=pl.lit(1), became=pl.lit(NOT_FOLLOWED))
    return pl.concat([told.select("person_id", "treated", "became", "rating"), unseen], how="diagonal_relaxed")


def _side(rows: pl.DataFrame, alike: pl.DataFrame, treated: int) -> Side:
    every, kept = (frame.filter(pl.col("treated") == treated) for frame in (rows, alike))
    persons = [frame["person_id"].n_unique() for frame in (every, kept)]
    return Side(persons[0], persons[1], int(kept["violent"].sum()), float(kept["quarters"].sum()))


def e_value(ratio: float) -> float:
    """Rule 4."""
    away = ratio if ratio >= 1 else 1 / ratio if ratio > 0 else float("inf")
    return float(away + (away * (away - 1)) ** 0.5)


def near_end(effect: Ratio) -> float:
    """The end of the interval that is nearer to no effect; 1 where it includes that."""
    if effect.low <= 1 <= effect.high:
        return 1.0
    return min(effect.low, effect.high, key=lambda end: abs(log(end)))


def judged(treated: int, differences: Sequence[Balance], effect: Ratio) -> tuple[Verdict, str]:
    """Rule 5."""
    if treated < FEWEST_MATCHED or not effect.told:
        return Verdict.CANNOT_BE_TOLD, f"fewer than {FEWEST_MATCHED} of those who had it find anybody alike who had not"
    unlike = [one.about for one in differences if abs(one.after) > UNLIKE]
    if unlike:
        return Verdict.CANNOT_BE_TOLD, "after matching the two still differ in " + ", ".join(unlike)
    return _by_interval(effect)


def _by_interval(effect: Ratio) -> tuple[Verdict, str]:
    if effect.p < CHANCE:
        if effect.ratio < 1:
            return Verdict.HELPED, "those who had it are less often violent than those alike who had not"
        return Verdict.HARMED, "those who had it are more often violent than those alike who had not"
    if effect.low <= 1 <= effect.high and effect.high / effect.low > WIDEST:
        return Verdict.CANNOT_BE_TOLD, "too few are compared: the interval holds both a great help and a great harm"
    if effect.low <= 1 <= effect.high:
        return Verdict.NO_EVIDENCE, "the interval of the effect includes none at all"
    return Verdict.NO_EVIDENCE, "chance alone gives such a difference more than once in a hundred times"


def _ratio(rows: pl.DataFrame, *, adjusted: bool) -> Ratio:
    """Rule 3. Where who had it can be told from the rest, as among a few, there is no ratio."""
    if rows["treated"].n_unique() < 2:
        return _NONE_TOLD
    had = rows["treated"].to_numpy().astype(float)
    rest = independent([np.ones(rows.height), *(_background(rows) if adjusted else ())])
    if len(independent([*rest, had])) == len(rest):
        return _NONE_TOLD
    x = np.column_stack([*rest, had])
    counts, quarters = rows["violent"].to_numpy().astype(float), rows["quarters"].to_numpy().astype(float)
    weight = rows["weight"].to_numpy().astype(float)
    return poisson(x, counts, quarters, rows["person_id"].to_numpy(), weight, few=True)[-1]


def _background(rows: pl.DataFrame) -> list[np.ndarray]:
    """What the effect is adjusted for: each but what everybody has alike."""
    age = pl.col("age").cast(pl.Float64) - pl.col("age").mean()
    described = rows.select(
        *(pl.col(name).cast(pl.Float64).log1p() for name in _LOGARITHMS),
        low=(pl.col("rating") == 0).cast(pl.Float64),
        high=(pl.col("rating") == 2).cast(pl.Float64),
        male=pl.col("male").cast(pl.Float64),
        age=age,
        age_squared=age * age,
        known=pl.col("known_years").log(),
    )
    return [described[name].to_numpy() for name in described.columns if described[name].n_unique() > 1]
