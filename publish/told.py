"""What deliveries tell of events and of who took part, before it is published. Pure: frames in, frames out."""

from collections.abc import Collection

import polars as pl

from publish.errors import CandidateRefused

PERIOD = "_period"  # of the delivery that a row came with


def latest(events: pl.DataFrame, involvements: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each event as its last delivery tells it, with the involvements of that delivery.

    Both frames have the column PERIOD, which goes.
    """
    last = events.filter(pl.col(PERIOD) == pl.col(PERIOD).max().over("event_id"))
    parts = involvements.join(last.select("event_id", PERIOD), on=["event_id", PERIOD], how="semi")
    return last.drop(PERIOD), parts.drop(PERIOD)


def without_barred(
    events: pl.DataFrame, involvements: pl.DataFrame, barred: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames without the records in ``barred`` (record_id), and without events that nobody else took part in."""
    left = involvements.join(barred, on="record_id", how="anti")
    lost = involvements.join(left, on="event_id", how="anti")
    return events.join(lost, on="event_id", how="anti"), left


def without_excluded(
    events: pl.DataFrame, involvements: pl.DataFrame, persons: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames without these persons (person_id), and without events that nobody else took part in."""
    left = involvements.filter(~pl.col("person_id").is_in(pl.Series(sorted(persons), dtype=pl.String).implode()))
    lost = involvements.join(left, on="event_id", how="anti")
    return events.join(lost, on="event_id", how="anti"), left


def with_persons(involvements: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """The involvements with the person_id of each record; raises CandidateRefused if one has none."""
    linked = involvements.join(register.select("record_id", "person_id"), on="record_id", how="left")
    unlinked = linked["person_id"].null_count()
    if unlinked:
        raise CandidateRefused(
            "The candidate cannot be built",
            where="the register of persons",
            why=f"{unlinked} of {linked.height} involvements have no person yet",
            fix="Run hub link for the quarter, then build again",
        )
    return linked
