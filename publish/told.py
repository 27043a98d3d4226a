"""What deliveries tell of events and of who took part, before it is published. Pure: frames in, frames out.

A frame of millions of rows is not copied where nothing is taken out of it.
"""

import polars as pl

from publish.errors import CandidateRefused

PERIOD = "_period"  # of the delivery that a row came with: later ones are greater
Told = tuple[pl.DataFrame, pl.DataFrame]
"""Events and involvements."""


def latest(events: pl.DataFrame, involvements: pl.DataFrame) -> Told:
    """Each event as its last delivery tells it, with the involvements of that delivery.

    Both frames have the column PERIOD, which goes.
    """
    last = events.group_by("event_id").agg(pl.col(PERIOD).max())
    key = ["event_id", PERIOD]
    left = of_these(events, last, key)
    return left.drop(PERIOD), of_these(involvements, left, key).drop(PERIOD)


def without_barred(events: pl.DataFrame, involvements: pl.DataFrame, barred: pl.DataFrame) -> Told:
    """Both frames without the records in ``barred`` (record_id), and without events that nobody else took part in."""
    return _without(events, involvements, barred, "record_id")


def without_excluded(events: pl.DataFrame, involvements: pl.DataFrame, persons: pl.DataFrame) -> Told:
    """Both frames without these persons (person_id), and without events that nobody else took part in."""
    return _without(events, involvements, persons, "person_id")


def with_persons(involvements: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """The involvements with the person_id of each record; raises CandidateRefused if one has none."""
    records = involvements.select("record_id")  # alone, so that no other column is copied
    persons = records.join(register, on="record_id", how="left", maintain_order="left")["person_id"]
    unlinked = persons.null_count()
    if unlinked:
        raise CandidateRefused(
            "The candidate cannot be built",
            where="the register of persons",
            why=f"{unlinked} of {persons.len()} involvements have no person yet",
            fix="Run hub link for the quarter, then build again",
        )
    return involvements.with_columns(persons)


def of_these(frame: pl.DataFrame, those: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """The rows that have one of those keys."""
    if frame.select(on).join(those.select(on), on=on, how="anti").is_empty():
        return frame
    return frame.join(those.select(on), on=on, how="semi")


def _without(events: pl.DataFrame, involvements: pl.DataFrame, those: pl.DataFrame, key: str) -> Told:
    left = involvements.join(those, on=key, how="anti")
    if left.height == involvements.height:
        return events, involvements
    lost = involvements.join(left, on="event_id", how="anti")
    return events.join(lost, on="event_id", how="anti"), left
