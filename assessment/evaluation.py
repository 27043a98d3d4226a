"""Did an intervention help? A matched comparison with its limits, and a verdict that says no more than it shows.

1. Treated are persons with their first start of the intervention. Compared are persons of whom the same feeds told,
   who had been given nothing by then; their follow-up begins as long after that event as a treated person's does.
2. Follow-up is a year, to the end of the release's quarter, or to the start of another intervention, whichever comes
   first. What is counted are the quarters of a year (91 days) in which a person is a suspect of serious violence.
3. Matched are those alike in feed, age, sex, rating, and how often they were suspects before (``assessment.matching``).
4. The effect is the ratio of rates of the matched, adjusted for what is left of differences
   (``assessment.regression``).
5. E-value: how strongly something not seen would have to go with both the intervention and violence to explain the
   effect away. Source: VanderWeele & Ding, Annals of Internal Medicine 167 (2017) 268-274.
6. Verdict: it cannot be told where too few are matched, they are not alike after matching, or the interval is wide; it
   helped or harmed where the interval lies on one side of 1; else there is no evidence of an effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import polars as pl

from assessment.matching import Balance, balance, matched
from assessment.regression import Ratio, poisson

YEAR, SPAN = 365, 91
FEWEST_MATCHED = 20  # treated persons
WIDEST = 4.0  # between the ends of an interval that includes 1
UNLIKE = 0.25  # standardised mean difference left after matching (Stuart, Statistical Science 25 (2010) 1-21)
_RATINGS = {"low": 0, "medium": 1, "high": 2, "very high": 2}
_ABOUT = ("age", "male", "rating", "earlier", "lately")
_ALIKE = ("feed", "age_group", "male", "rating", "earlier")
_MOST = 4


class Verdict(StrEnum):
    """What the comparison shows."""

    HELPED = "helped"
    NO_EVIDENCE = "no evidence of an effect"
    HARMED = "harmed"
    CANNOT_BE_TOLD = "cannot be told"


@dataclass(frozen=True)
class Evaluation:
    """An intervention's comparison. ``crude``: the ratio before matching, which shows who is chosen for it."""

    intervention: str
    treated: int
    compared: int
    treated_matched: int
    compared_matched: int
    balance: tuple[Balance, ...]
    crude: Ratio
    effect: Ratio
    e_value: float
    e_value_of_interval: float
    verdict: Verdict
    because: str


def evaluate(tables: dict[str, pl.DataFrame], intervention: str, until: date) -> Evaluation:
    """The evaluation of one intervention from a release's tables person, event, involvement and intervention."""
    rows = followed(tables, intervention, until)
    treated, compared = (rows.filter(pl.col("treated") == had).height for had in (1, 0))
    alike = matched(rows, _ALIKE)
    kept = [alike.filter(pl.col("treated") == had).height for had in (1, 0)]
    crude, effect = _ratio(rows.with_columns(weight=pl.lit(1.0)), ()), _ratio(alike, ("age", "lately"))
    differences = tuple(balance(rows, alike, _ABOUT)) if kept[0] else ()
    verdict, because = _verdict(kept[0], differences, effect)
    nearest = 1.0 if effect.low <= 1 <= effect.high else min(effect.low, effect.high, key=lambda end: abs(np.log(end)))
    return Evaluation(
        intervention, treated, compared, kept[0], kept[1], differences, crude, effect,
        e_value(effect.ratio), e_value(nearest), verdict, because,
    )  # fmt: skip


def e_value(ratio: float) -> float:
    """Rule 5."""
    away = ratio if ratio >= 1 else 1 / ratio if ratio > 0 else float("inf")
    return float(away + (away * (away - 1)) ** 0.5)


def _verdict(treated: int, differences: Sequence[Balance], effect: Ratio) -> tuple[Verdict, str]:
    """Rule 6."""
    if treated < FEWEST_MATCHED or not effect.told:
        return Verdict.CANNOT_BE_TOLD, f"fewer than {FEWEST_MATCHED} of those who had it find anybody alike who had not"
    unlike = [one.about for one in differences if abs(one.after) > UNLIKE]
    if unlike:
        return Verdict.CANNOT_BE_TOLD, "after matching the two still differ in " + ", ".join(unlike)
    if effect.high < 1:
        return Verdict.HELPED, "those who had it are less often violent than those alike who had not"
    if effect.low > 1:
        return Verdict.HARMED, "those who had it are more often violent than those alike who had not"
    if effect.high / effect.low > WIDEST:
        return Verdict.CANNOT_BE_TOLD, "too few are compared: the interval holds both a great help and a great harm"
    return Verdict.NO_EVIDENCE, "the interval of the effect includes none at all"


def followed(tables: dict[str, pl.DataFrame], intervention: str, until: date) -> pl.DataFrame:
    """One row an index day: ``treated``, what was known by then, and ``violent`` in ``spans`` of follow-up."""
    given = tables["intervention"].filter(pl.col("started_on").is_not_null())
    first = given.sort("started_on").unique("person_id", keep="first", maintain_order=True)
    treated = first.filter(pl.col("intervention") == intervention)
    feeds = treated["feed"].unique().to_list()
    lags = (treated["started_on"] - treated["offered_on"]).dt.total_days().to_numpy() if treated.height else np.zeros(1)
    lag = int(np.median(lags))
    pool = pl.concat([_treated(treated, tables), _compared(tables, feeds, lag, first)], how="diagonal_relaxed")
    pool = pool.join(tables["person"].select("person_id", "birth_year", "sex"), on="person_id")
    ends = [pl.col("index_on") + timedelta(days=YEAR), pl.lit(until), pl.col("other_on")]
    pool = pool.with_row_index("row")
    pool = pool.join(_other_start(given, pool), on="row", how="left").with_columns(ends_on=pl.min_horizontal(ends))
    pool = pool.filter((pl.col("ends_on") - pl.col("index_on")).dt.total_days() >= SPAN)
    return _described(pool, tables)


def _treated(treated: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    rows = treated.select("person_id", "feed", "event_id", index_on="started_on").with_columns(treated=pl.lit(1))
    return rows.join(_ratings(tables), on=["event_id", "person_id"], how="left")


def _compared(tables: dict[str, pl.DataFrame], feeds: Sequence[str], lag: int, given: pl.DataFrame) -> pl.DataFrame:
    """Rule 1: persons of the same feeds by each event there before anything was given."""
    told = tables["involvement"].filter(pl.col("feed").is_in(feeds)).select("event_id", "person_id", "feed")
    told = told.join(tables["event"].select("event_id", "occurred_on"), on="event_id")
    told = told.join(given.select("person_id", given_on="started_on", given_by="event_id"), on="person_id", how="left")
    index = pl.col("occurred_on") + timedelta(days=lag)
    told = told.with_columns(index_on=index, treated=pl.lit(0)).filter(
        pl.col("given_on").is_null() | ((index + timedelta(days=SPAN)) <= pl.col("given_on"))
    )
    told = told.filter(pl.col("given_by").is_null() | (pl.col("given_by") != pl.col("event_id")))
    return told.join(_ratings(tables), on=["event_id", "person_id"], how="left").drop(
        "occurred_on", "given_on", "given_by"
    )


def _ratings(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """How likely the child was found to offend again, low 0 to high 2, by event; 1 where nothing was said."""
    held = [name for name in ("reoffending_likelihood", "risk_level") if name in tables["involvement"].columns]
    said = pl.coalesce(*held) if held else pl.lit(None, pl.String)
    rated = tables["involvement"].select("event_id", "person_id", rating=said)
    number = pl.col("rating").replace_strict(_RATINGS, default=1, return_dtype=pl.Int64).fill_null(1)
    return rated.with_columns(rating=number).unique(["event_id", "person_id"], maintain_order=True)


def _other_start(given: pl.DataFrame, pool: pl.DataFrame) -> pl.DataFrame:
    """The first start of anything after each row's index day; a pool may hold a person at several days."""
    later = pool.select("row", "person_id", "index_on").join(given.select("person_id", "started_on"), on="person_id")
    later = later.filter(pl.col("started_on") > pl.col("index_on"))
    return later.group_by("row").agg(pl.col("started_on").min().alias("other_on"))


def _described(pool: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What was known by the index day, and the spans of follow-up with violence."""
    rows = pool.with_columns(
        age=pl.col("index_on").dt.year().cast(pl.Int64) - pl.col("birth_year"),
        male=(pl.col("sex") == "male").cast(pl.Int64),
        spans=((pl.col("ends_on") - pl.col("index_on")).dt.total_days() / SPAN),
    )
    parts = tables["involvement"].filter(pl.col("role") == "suspect").select("event_id", "person_id")
    parts = parts.join(tables["event"].select("event_id", "occurred_on", "violence_kind"), on="event_id")
    near = rows.select("row", "person_id", "index_on", "ends_on").join(parts.drop("event_id"), on="person_id")
    days = (pl.col("occurred_on") - pl.col("index_on")).dt.total_days()
    before = near.filter(days < 0).group_by("row").agg(earlier=pl.len(), lately=(days >= -YEAR).sum())
    after = near.filter(
        (days >= 0) & (pl.col("occurred_on") < pl.col("ends_on")), pl.col("violence_kind").is_not_null()
    )
    violent = after.group_by("row").agg((days // SPAN).n_unique().alias("violent"))
    rows = rows.join(before, on="row", how="left").join(violent, on="row", how="left").fill_null(0)
    return rows.with_columns(
        pl.col("earlier", "lately").clip(0, _MOST).cast(pl.Int64),
        age_group=(pl.col("age") > 14).cast(pl.Int64) + (pl.col("age") > 16).cast(pl.Int64),
    )


def _ratio(rows: pl.DataFrame, adjusted: Sequence[str]) -> Ratio:
    """Rule 4. A person who stands in the rows at several days is one cluster."""
    if rows.filter(pl.col("treated") == 1).is_empty() or rows.filter(pl.col("treated") == 0).is_empty():
        return Ratio(1.0, 0.0, float("inf"), 1.0, told=False)
    columns = [rows["treated"], *(rows[name] for name in adjusted if rows[name].n_unique() > 1)]
    x = np.column_stack([np.ones(rows.height), *(column.to_numpy().astype(float) for column in columns)])
    counts, spans = rows["violent"].to_numpy().astype(float), rows["spans"].to_numpy().astype(float)
    return poisson(x, counts, spans, rows["person_id"].to_numpy(), rows["weight"].to_numpy().astype(float))[1]
