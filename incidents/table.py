"""The table incident, made of the events that are in it. Pure: frames in, frames out."""

import polars as pl

from incidents.rules import IncidentRules

PLACED = ("lsoa_code", "ward_code", "offence_code")
COLUMNS = (
    "incident_id", "events", "feeds", "authorities", "persons", "score", "occurred_on", "first_at", "last_at",
    *PLACED, "told_again",
)  # fmt: skip


def incident_table(
    events: pl.DataFrame, involvements: pl.DataFrame, members: pl.DataFrame, rules: IncidentRules
) -> pl.DataFrame:
    """One row an incident, under the hub's own ids and in their order, of these events and these persons alone.

    ``members`` is what ``find_incidents`` found. Day, place and offence are those of the event by which it is named;
    a place that this one does not state is taken from the others, the likeliest first.
    """
    wanted = {"occurred_at": pl.Datetime("us", "UTC"), **dict.fromkeys(PLACED, pl.String())}
    missing = [pl.lit(None, kind).alias(name) for name, kind in wanted.items() if name not in events.columns]
    told = events.with_columns(missing).select("event_id", "feed", "occurred_on", *wanted).join(members, on="event_id")
    alone = ~told["incident"].is_duplicated()
    again = _told_again(events, rules)
    made = pl.concat([_of_one(told.filter(alone), again), _of_several(told.filter(~alone), again)])
    persons = (
        involvements.select("event_id", "person_id")
        .join(members.select("event_id", "incident"), on="event_id")
        .group_by("incident")
        .agg(pl.col("person_id").n_unique().cast(pl.Int64).alias("persons"))
    )
    joined = made.join(persons, on="incident", how="left").with_columns(pl.col("persons").fill_null(0))
    return joined.rename({"incident": "incident_id"}).select(COLUMNS).sort("incident_id")


def _of_one(rows: pl.DataFrame, again: list[str]) -> pl.DataFrame:
    """Incidents of one event, which are nearly all: what ``_of_several`` makes of them, without putting together."""
    one = pl.lit(1, pl.Int64)
    return rows.select(
        "incident",
        one.alias("events"),
        pl.col("feed").alias("feeds"),
        one.alias("authorities"),
        pl.col("probability").round(4).alias("score"),
        "occurred_on",
        pl.col("occurred_at").alias("first_at"),
        pl.col("occurred_at").alias("last_at"),
        *PLACED,
        pl.col("feed").is_in(again).alias("told_again"),
    )


def _of_several(rows: pl.DataFrame, again: list[str]) -> pl.DataFrame:
    inorder = rows.sort("incident", "probability", "event_id", descending=[False, True, False], nulls_last=False)
    return inorder.group_by("incident", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("events"),
        pl.col("feed").unique().sort().str.join(", ").alias("feeds"),
        pl.col("feed").str.extract(r"^([a-z]+)\.").n_unique().cast(pl.Int64).alias("authorities"),
        pl.col("probability").min().round(4).alias("score"),
        pl.col("occurred_on").first(),
        pl.col("occurred_at").min().alias("first_at"),
        pl.col("occurred_at").max().alias("last_at"),
        *(pl.col(name).drop_nulls().first() for name in PLACED),
        pl.col("feed").first().is_in(again).alias("told_again"),
    )


def _told_again(events: pl.DataFrame, rules: IncidentRules) -> list[str]:
    """The feeds whose every event another feed tells of too, where that one is there."""
    there = set(events["feed"].unique())
    return [feed for feed, other in rules.told_again.items() if other in there]
