"""Occasions on which a person could be given an intervention, followed up: who was given it, and who was given nothing.

Each occasion is a small trial of its own, as if chance had decided (Hernan & Robins, Am J Epidemiol 183 (2016)
758-764; Gran et al., Statistics in Medicine 29 (2010) 2757-2768):

1. Treated are persons at the start of the intervention, if it is the first that they are given of any. What a service
   gives nearly everybody (``usual``) counts as nothing, on either side.
2. Compared are persons at every event of which the same feeds tell, as long as they had been given nothing; what would
   have been their start lies as long after that event as it usually does of those treated.
3. What is known of them is what was known by that day: age, sex, the rating, and what they were suspects of before.
4. They are followed from the quarter after that day, so that no act of before the start counts, for two years, to
   the end of the release's quarter, or to the start of any other intervention, whichever comes first.
5. Counted is how often they are suspects of serious violence, in a quarter of follow-up twice at the most: else
   all would hang on the few who have dozens. ``quarters`` are the exposure. Since nothing that comes later decides
   who is compared, nobody is left out for having done well or badly.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import polars as pl

TWO_YEARS, QUARTER, YEAR = 730, 91, 365
MOST = 2  # acts that count in a quarter
_SUSPECT = "suspect"
_RATINGS = {"low": 0, "medium": 1, "high": 2, "very high": 2}
_LEAST_PAST = 0.25  # years


def occasions(
    tables: dict[str, pl.DataFrame], intervention: str, until: date, usual: Collection[str] = ()
) -> pl.DataFrame:
    """One row an occasion: ``treated``, what was known by then, and ``violent`` in ``quarters`` of follow-up."""
    counts_as_nothing = [name for name in usual if name != intervention]
    given = tables["intervention"].filter(
        pl.col("started_on").is_not_null(), ~pl.col("intervention").is_in(counts_as_nothing)
    )
    first = given.sort("started_on", "event_id").unique("person_id", keep="first", maintain_order=True)
    treated = first.filter(pl.col("intervention") == intervention)  # (1)
    feeds = treated["feed"].unique().sort().to_list()
    pool = pl.concat([_treated(treated), _compared(tables, feeds, _lag(treated), first)], how="diagonal_relaxed")
    pool = pool.join(_ratings(tables), on=["event_id", "person_id"], how="left")
    pool = pool.join(tables["person"].select("person_id", "birth_year", "sex"), on="person_id")
    pool = pool.sort("index_on", "person_id", "event_id").with_row_index("row")
    return _described(_followed(pool, given, until), tables)


def _lag(treated: pl.DataFrame) -> int:
    """Days that usually lie between what an intervention is offered after and its start."""
    days = (treated["started_on"] - treated["offered_on"]).dt.total_days()
    return int(days.sort()[len(days) // 2]) if len(days) else 0


def _treated(treated: pl.DataFrame) -> pl.DataFrame:
    return treated.select("person_id", "feed", "event_id", index_on="started_on").with_columns(treated=pl.lit(1))


def _compared(tables: dict[str, pl.DataFrame], feeds: Sequence[str], lag: int, first: pl.DataFrame) -> pl.DataFrame:
    """Rule 2."""
    told = tables["involvement"].filter(pl.col("feed").is_in(feeds)).select("event_id", "person_id", "feed").unique()
    told = told.join(tables["event"].select("event_id", "occurred_on"), on="event_id")
    told = told.join(first.select("person_id", given_on="started_on", given_by="event_id"), on="person_id", how="left")
    index = pl.col("occurred_on") + timedelta(days=lag)
    untouched = pl.col("given_on").is_null() | (
        (index < pl.col("given_on")) & (pl.col("given_by") != pl.col("event_id"))
    )
    return (
        told.with_columns(index_on=index, treated=pl.lit(0))
        .filter(untouched)
        .drop("occurred_on", "given_on", "given_by")
    )


def _ratings(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """How likely the child was found to offend again, low 0 to high 2, by event; 1 where nothing was said."""
    held = [name for name in ("reoffending_likelihood", "risk_level") if name in tables["involvement"].columns]
    said = pl.coalesce(*held) if held else pl.lit(None, pl.String)
    rated = tables["involvement"].select("event_id", "person_id", rating=said)
    number = pl.col("rating").replace_strict(_RATINGS, default=1, return_dtype=pl.Int64).fill_null(1)
    return rated.with_columns(rating=number).group_by("event_id", "person_id").agg(pl.col("rating").max())


def _followed(pool: pl.DataFrame, given: pl.DataFrame, until: date) -> pl.DataFrame:
    """Rule 4; a pool may hold a person at several days."""
    later = pool.select("row", "person_id", "index_on").join(given.select("person_id", "started_on"), on="person_id")
    later = later.filter(pl.col("started_on") > pl.col("index_on"))
    other = later.group_by("row").agg(pl.col("started_on").min().alias("other_on"))
    begins = pl.col("index_on").dt.truncate("1q").dt.offset_by("1q")
    ends = [begins + timedelta(days=TWO_YEARS), pl.lit(until + timedelta(days=1)), pl.col("other_on")]
    rows = pool.join(other, on="row", how="left").with_columns(begins_on=begins, ends_on=pl.min_horizontal(ends))
    return rows.filter(pl.col("begins_on") < pl.col("ends_on"))


def _described(rows: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Rules 3 and 5."""
    parts = tables["involvement"].filter(pl.col("role") == _SUSPECT).select("event_id", "person_id").unique()
    parts = parts.join(tables["event"].select("event_id", "occurred_on", "violence_kind"), on="event_id")
    near = rows.select("row", "person_id", "index_on", "begins_on", "ends_on").join(
        parts.drop("event_id"), on="person_id"
    )
    violent = pl.col("violence_kind").is_not_null()
    days = (pl.col("index_on") - pl.col("occurred_on")).dt.total_days()
    before = (
        near.filter(days > 0)
        .group_by("row")
        .agg(
            earlier=pl.len(),
            violent_earlier=violent.sum(),
            lately=(days <= YEAR).sum(),
            just_now=(days <= QUARTER).sum(),
        )
    )  # (3)
    within = pl.col("occurred_on").is_between("begins_on", "ends_on", closed="left")
    span = ((pl.col("occurred_on") - pl.col("begins_on")).dt.total_days() // QUARTER).alias("span")
    acts = near.filter(within & violent).group_by("row", span).len("acts")
    after = acts.group_by("row").agg(violent=pl.col("acts").clip(0, MOST).sum())  # (5)
    rows = rows.join(before, on="row", how="left").join(after, on="row", how="left")
    counts = pl.col("earlier", "violent_earlier", "lately", "just_now", "violent").fill_null(0).cast(pl.Int64)
    return rows.with_columns(counts).with_columns(
        age=_age(),
        male=(pl.col("sex") == "male").fill_null(value=False).cast(pl.Int64),
        quarters=(pl.col("ends_on") - pl.col("begins_on")).dt.total_days() / QUARTER,
        known_years=((pl.col("index_on") - pl.lit(_beginning(tables))).dt.total_days() / YEAR).clip(_LEAST_PAST, None),
    )


def _age() -> pl.Expr:
    """In years; of whom it is not known, the usual one, so that they are not left out."""
    age = (pl.col("index_on").dt.year().cast(pl.Int64) - pl.col("birth_year")).cast(pl.Float64)
    return age.fill_null(age.median()).fill_null(0.0)


def _beginning(tables: dict[str, pl.DataFrame]) -> date:
    """Since when the release tells of events: an earlier past nobody is known to have."""
    first = tables["event"]["occurred_on"].drop_nulls().quantile(0.001, "lower")
    return first if isinstance(first, date) else date.min
