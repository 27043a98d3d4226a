"""Young people whom the partnership knows, quarter by quarter: who was violent, and what was known of them before.

One row for a person and a quarter (a person-quarter):

1. It begins after the quarter in which a feed that states factors first told of the person: of whom no such service
   knows, no factor can be stated, and who is known for violence alone would count as violent from the beginning.
2. A factor counts from the quarter after the one in which it was first stated. What comes after cannot have led to it.
3. What is told of it is whether the person was a suspect of serious violence, by the partnership's definition, at
   least once: counts of events would hang on the few who have dozens.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.periods import Quarter

YOUNGEST, OLDEST = 10, 24  # the age of criminal responsibility; the duty's minimum is of under-25s
_SUSPECT = "suspect"
_MOST = 4  # earlier offences beyond which more tell no more
_AGES = ((10, 12), (13, 14), (15, 16), (17, 18), (19, 21), (22, 24))


@dataclass(frozen=True)
class Cohort:
    """``rows``: one a person-quarter, with ``violent`` and the past; ``factors``: person_id, factor, quarter."""

    rows: pl.DataFrame
    factors: pl.DataFrame
    quarters: tuple[Quarter, ...]


def quarters_between(first: date, last: date) -> tuple[Quarter, ...]:
    """Every quarter from that of one day to that of another."""
    found = [Quarter.containing(first)]
    while found[-1] < Quarter.containing(last):
        found.append(found[-1].next())
    return tuple(found)


def number(on: pl.Expr) -> pl.Expr:
    """A day's quarter as a whole number that grows by one a quarter."""
    return (on.dt.year().cast(pl.Int64) * 4 + (on.dt.month().cast(pl.Int64) - 1) // 3).alias("quarter")


def cohort(tables: dict[str, pl.DataFrame], until: Quarter) -> Cohort:
    """The person-quarters of a release's tables person, event, involvement and factor."""
    quarters = _watched(tables["event"], until)
    parts = (
        tables["involvement"]
        .select("event_id", "person_id", "role", "feed")
        .join(tables["event"].select("event_id", "occurred_on", "violence_kind"), on="event_id")
    )
    parts = parts.with_columns(number(pl.col("occurred_on")))
    factors = tables["factor"].filter(pl.col("person_id").is_not_null()).with_columns(number(pl.col("known_from")))
    factors = factors.group_by("person_id", "factor").agg(pl.col("quarter").min())
    stating = tables["factor"]["feed"].drop_nulls().unique().to_list()
    rows = _present(tables["person"], parts.filter(pl.col("feed").is_in(stating)), quarters)
    return Cohort(_with_past(rows, parts), factors, quarters)


def _watched(event: pl.DataFrame, until: Quarter) -> tuple[Quarter, ...]:
    """The quarters for which the police told of events, to the release's own."""
    days = event.filter(pl.col("feed") == "police.recorded_crime")["occurred_on"]
    many = days.to_frame().with_columns(number(pl.col("occurred_on"))).group_by("quarter").len()
    usual = many.filter(pl.col("len") * 3 >= pl.col("len").max())["quarter"]  # a few crimes are told of years later
    if usual.is_empty():
        return ()
    first = int(usual.sort()[0])
    return quarters_between(date(first // 4, first % 4 * 3 + 1, 1), until.ends_on)


def _present(person: pl.DataFrame, parts: pl.DataFrame, quarters: tuple[Quarter, ...]) -> pl.DataFrame:
    """Rule 1: everybody of these ages in each quarter after the first in which these parts tell of them."""
    seen = parts.group_by("person_id").agg(pl.col("quarter").min().alias("seen"))
    people = person.select("person_id", "sex", "birth_year").drop_nulls("birth_year").join(seen, on="person_id")
    watched = pl.DataFrame({"quarter": [quarter.year * 4 + quarter.number - 1 for quarter in quarters]})
    rows = people.join(watched.cast(pl.Int64), how="cross").filter(pl.col("quarter") > pl.col("seen"))
    age = pl.col("quarter") // 4 - pl.col("birth_year")
    return rows.with_columns(age=age).filter(age.is_between(YOUNGEST, OLDEST)).drop("seen", "birth_year")


def _with_past(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Rule 3, and how often before the person was a suspect, a suspect of violence, and a victim."""
    suspect = parts.filter(pl.col("role") == _SUSPECT)
    violent = suspect.filter(pl.col("violence_kind").is_not_null())
    counted = {
        "suspected_before": suspect,
        "violent_before": violent,
        "victim_before": parts.filter(pl.col("role") != _SUSPECT, pl.col("role") == "victim"),
    }
    now = violent.select("person_id", "quarter").unique().with_columns(violent=1)
    rows = rows.join(now, on=["person_id", "quarter"], how="left").with_columns(pl.col("violent").fill_null(0))
    for name, those in counted.items():
        rows = rows.join(_before(rows, those, name), on=["person_id", "quarter"], how="left")
    last = suspect.with_columns(pl.col("quarter") + 1).unique(["person_id", "quarter"]).select("person_id", "quarter")
    return rows.join(last.with_columns(lately=1), on=["person_id", "quarter"], how="left").with_columns(
        pl.col("lately", *counted).fill_null(0)
    )


def _before(rows: pl.DataFrame, those: pl.DataFrame, name: str) -> pl.DataFrame:
    """How many of those parts each person took in quarters before each of its own, up to a few."""
    pairs = rows.select("person_id", "quarter").join(
        those.select("person_id", pl.col("quarter").alias("then")), on="person_id"
    )
    earlier = pairs.filter(pl.col("then") < pl.col("quarter")).group_by("person_id", "quarter").len(name)
    return earlier.with_columns(pl.col(name).clip(0, _MOST).cast(pl.Int64))


def age_group(age: pl.Expr) -> pl.Expr:
    """Which of the groups of ages an age is in, by its place."""
    found = pl.lit(0)
    for place, (low, high) in enumerate(_AGES):
        found = pl.when(age.is_between(low, high)).then(pl.lit(place)).otherwise(found)
    return found
