"""Depersonalised tables of one quarter's events, for anybody to see. Pure.

1. Only events that occurred in the quarter count, each in one quarter alone: tables of several quarters share nothing,
   and say nothing of each other.
2. The coarse tables pass the gate before the fine ones, so that what must be hidden is hidden in the fine ones.
3. Values are those that the hub knows, whether or not they occur, so that a table's shape tells nothing.
Source: Crime and Disorder Act 1998 s.17A; SI 2007/1831 (kinds of fire, three-month periods; a place is told by ward).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from assessment.safe import HIDDEN, Counts, Gate
from disclosure.dimensions import Dimension
from hub.periods import Quarter

UNKNOWN = "not known"
POLICE, STREETS, FIRE, HOSPITAL = (
    "police.recorded_crime", "council.antisocial_behaviour", "fire.incidents", "health.emergency_care",
)  # fmt: skip
FEEDS = (POLICE, STREETS, FIRE, HOSPITAL)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = ("00:00 to 05:59", "06:00 to 11:59", "12:00 to 17:59", "18:00 to 23:59")
_LONDON = "Europe/London"
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class PublicTable:
    """A table of one feed's events: its columns, what it counts in one sentence."""

    slug: str
    title: str
    feed: str
    by: tuple[str, ...]
    says: str
    violence: bool = False


TABLES = (
    PublicTable("recorded-crime-by-month", "Recorded crime by group and month", POLICE, ("offence_group", "month"),
                "Crimes that the police recorded, by group of offence and month."),
    PublicTable("recorded-crime-by-time", "Recorded crime by weekday and time of day", POLICE, ("weekday", "hours"),
                "Crimes that the police recorded, by the day of the week and the time, as in London."),
    PublicTable("recorded-crime-by-ward", "Recorded crime by ward and group", POLICE, ("ward", "offence_group"),
                "Crimes that the police recorded, by ward and group of offence."),
    PublicTable("serious-violence-by-month", "Serious violence by kind and month", POLICE, ("violence_kind", "month"),
                "Crimes of serious violence, as the partnership defines it, by kind and month.", violence=True),
    PublicTable("serious-violence-by-ward", "Serious violence by ward", POLICE, ("ward",),
                "Crimes of serious violence, as the partnership defines it, by ward.", violence=True),
    PublicTable("anti-social-behaviour-by-month", "Anti-social behaviour by category and month", STREETS,
                ("asb_category", "month"), "Incidents of anti-social behaviour that the council was told of."),
    PublicTable("anti-social-behaviour-by-ward", "Anti-social behaviour by ward and category", STREETS,
                ("ward", "asb_category"), "Incidents of anti-social behaviour that the council was told of."),
    PublicTable("fires-by-month", "Fires by kind and month", FIRE, ("fire_kind", "month"),
                "Fires that the brigade attended, by kind as SI 2007/1831 tells them apart, and month."),
    PublicTable("assaults-in-hospital-by-month", "Emergency attendances after an assault, by month", HOSPITAL,
                ("month",), "Attendances at an emergency department after an assault."),
)  # fmt: skip

LACKING = (
    "anti-social behaviour that the police were told of (the council's is here)",
    "transport incidents, and incidents of public safety, that the police were told of",
    "violence to fire and rescue staff",
    "fires in dwellings without a smoke alarm",
)
"""Kinds of SI 2007/1831 that no feed of the hub has."""


@dataclass(frozen=True)
class Made:
    """A table as it may be shown."""

    slug: str
    title: str
    says: str
    counts: Counts

    def csv(self) -> bytes:
        """A column for each dimension, and ``count``: c where it is not shown."""
        return self.counts.frame.with_columns(pl.col("count").cast(pl.String).fill_null(HIDDEN)).write_csv().encode()

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in order."""
        return (*self.counts.by, "count")


def quarter_tables(
    event: pl.DataFrame,
    groups: pl.DataFrame,
    values: Values,
    quarter: Quarter,
    gate: Gate,
    feeds: Collection[str] = FEEDS,
) -> list[Made]:
    """Every table of a quarter that the release has columns for, of these feeds.

    ``groups``: offence_code and group; ``values``: of each column but months, days and hours, what it may hold.
    """
    told = _described(event.filter(pl.col("occurred_on").is_between(quarter.starts_on, quarter.ends_on)), groups)  # (1)
    held = {**values, "month": _months(quarter), "weekday": _WEEKDAYS, "hours": _HOURS}
    made = []
    for table in TABLES:  # (2)
        if table.feed not in feeds or not set(table.by) <= set(told.columns):
            continue
        rows = told.filter(pl.col("feed") == table.feed)
        if table.violence:
            rows = rows.filter(pl.col("violence_kind").is_not_null())
        by = [Dimension.flat(name, (*held[name], UNKNOWN)) for name in table.by]
        known = [pl.when(pl.col(d.name).is_in(list(d.values[1:]))).then(d.name).otherwise(pl.lit(UNKNOWN)).alias(d.name)
                 for d in by]  # fmt: skip
        counts = gate.counts(f"{quarter} {table.slug}", rows.with_columns(known), by, "event_id")
        made.append(Made(table.slug, table.title, table.says, _without_unused(counts)))
    return made


def _described(event: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The events with the columns that tables count by, as far as the release has what they are made of."""
    told = event.with_columns(month=pl.col("occurred_on").dt.strftime("%Y-%m"))
    if "occurred_at" in event.columns:
        at = pl.col("occurred_at").dt.convert_time_zone(_LONDON)
        hours = pl.concat_list([pl.lit(name) for name in _HOURS]).list.get((at.dt.hour() // 6).cast(pl.UInt32))
        days = pl.concat_list([pl.lit(name) for name in _WEEKDAYS]).list.get((at.dt.weekday() - 1).cast(pl.UInt32))
        told = told.with_columns(hours=hours, weekday=days)
    if "offence_code" in event.columns:
        told = told.join(groups.select("offence_code", offence_group="group"), on="offence_code", how="left",
                         maintain_order="left")  # fmt: skip
    return told.rename({"ward_code": "ward"}) if "ward_code" in event.columns else told


def _months(quarter: Quarter) -> tuple[str, ...]:
    first = (quarter.number - 1) * 3 + 1
    return tuple(f"{quarter.year}-{month:02}" for month in range(first, first + 3))


def _without_unused(counts: Counts) -> Counts:
    """Without the line of what is not known, in each direction, where all in it is shown and 0."""
    frame = counts.frame
    for name in counts.by:
        line = frame.filter(pl.col(name) == UNKNOWN)
        if line["count"].null_count() == 0 and line["count"].sum() == 0:
            frame = frame.filter(pl.col(name) != UNKNOWN)
    return Counts(counts.name, counts.by, frame)


def not_as_published(made: Sequence[Made], published: Mapping[str, str]) -> list[str]:
    """Which tables of a quarter are otherwise now than they were published; of each file its SHA-256 is known."""
    now = {f"{one.slug}.csv": sha256(one.csv()).hexdigest() for one in made}
    tables = {f"{table.slug}.csv": table.slug for table in TABLES}
    return [slug for name, slug in tables.items() if name in published and published[name] != now.get(name)]
