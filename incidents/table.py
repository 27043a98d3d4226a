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
    rows = events.with_columns(missing).join(members, on="event_id")
    rows = rows.sort("incident", "probability", "event_id", descending=[False, True, False], nulls_last=False)
    leading = [pl.col(name).drop_nulls().first() for name in PLACED]
    made = rows.group_by("incident", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("events"),
        pl.col("feed").unique().sort().str.join(", ").alias("feeds"),
        pl.col("feed").str.extract(r"^([a-z]+)\.").n_unique().cast(pl.Int64).alias("authorities"),
        pl.col("probability").min().round(4).alias("score"),
        pl.col("occurred_on").first(),
        pl.col("occurred_at").min().alias("first_at"),
        pl.col("occurred_at").max().alias("last_at"),
        *leading,
        _told_again(events, rules),
    )
    persons = (
        involvements.join(members, on="event_id")
        .group_by("incident")
        .agg(pl.col("person_id").n_unique().cast(pl.Int64).alias("persons"))
    )
    joined = made.join(persons, on="incident", how="left").with_columns(pl.col("persons").fill_null(0))
    return joined.rename({"incident": "incident_id"}).select(COLUMNS).sort("incident_id")


def _told_again(events: pl.DataFrame, rules: IncidentRules) -> pl.Expr:
    """Whether an incident is of a feed whose every event another feed tells of too, and that one is there."""
    there = set(events["feed"].unique())
    again = [feed for feed, other in rules.told_again.items() if other in there]
    return pl.col("feed").first().is_in(again).alias("told_again")
