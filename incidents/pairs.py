"""Which events are held against each other: those of one person or of one small area, near in time. Pure."""

from dataclasses import dataclass

import polars as pl

from incidents.rules import IncidentRules, Teller

BLANK = {
    "occurred_at": pl.Datetime("us", "UTC"), "lsoa_code": pl.String(), "ward_code": pl.String(),
    "offence_code": pl.String(), "knife": pl.Boolean(), "weapon": pl.String(), "assault_method": pl.String(),
}  # fmt: skip
"""What two events are compared by; a column that the agreement keeps of neither is blank."""
PAIR = ("crime", "told")
HOURS_APART = 6


@dataclass(frozen=True)
class Events:
    """Events with every column that they are compared by, and which persons take which part in them."""

    events: pl.DataFrame
    parts: pl.DataFrame

    @classmethod
    def of(cls, events: pl.DataFrame, involvements: pl.DataFrame) -> "Events":
        """The events, and who takes part in them; neither the order of rows nor a part told twice changes anything."""
        missing = [pl.lit(None, kind).alias(name) for name, kind in BLANK.items() if name not in events.columns]
        wanted = events.with_columns(missing).select("event_id", "feed", "occurred_on", *BLANK)
        return cls(wanted, involvements.select("event_id", "person_id", "role"))

    def of_feed(self, feed: str) -> "Events":
        """The events of one feed, and who takes part in them."""
        events = self.events.filter(pl.col("feed") == feed)
        return Events(events, self.parts.join(events, on="event_id", how="semi"))


def candidates(crimes: Events, told: Events, teller: Teller, window_days: int) -> pl.DataFrame:
    """Pairs (``crime``, ``told``) to be weighed, each once and in order.

    1. They have a person in common, in a part that the teller's person can have; or, if places are compared, a small
       area at about one time.
    2. Their days are no further apart than the window.
    """
    ids = ("event_id", "person_id")
    able = crimes.parts.filter(pl.col("role").is_in(teller.roles)).select(ids)
    by = able.join(told.parts.select(ids), on="person_id", suffix="_told")
    found = [by.select(crime="event_id", told="event_id_told")]  # (1)
    if "place" in teller.comparisons:
        found.append(_of_one_area(crimes.events, told.events))  # (1)
    pairs = pl.concat(found).unique().sort(PAIR)
    apart = (pl.col("occurred_on") - pl.col("occurred_on_told")).dt.total_days().abs()
    return side_by_side(pairs, crimes, told, ("occurred_on",)).filter(apart <= window_days).select(PAIR)  # (2)


def side_by_side(pairs: pl.DataFrame, crimes: Events, told: Events, columns: tuple[str, ...]) -> pl.DataFrame:
    """The pairs with these columns of both events, the teller's with ``_told`` behind its name, in the same order."""
    left = crimes.events.select("event_id", *columns).rename({"event_id": "crime"})
    right = told.events.select(pl.col("event_id").alias("told"), *(pl.col(c).alias(f"{c}_told") for c in columns))
    joined = pairs.join(left, on="crime", how="left", maintain_order="left")
    return joined.join(right, on="told", how="left", maintain_order="left")


def _of_one_area(crimes: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Pairs of one small area: hours apart at the most where both state a time, else of one day.

    The time is a part of what they are joined by, or there were millions.
    """
    hours = pl.col("occurred_at").dt.epoch("s") // (3600 * HOURS_APART)
    left, right = (
        each.filter(pl.col("lsoa_code").is_not_null()).select(
            pl.col("event_id").alias(name), "lsoa_code", pl.col("occurred_on").alias("day"), "occurred_at", hours=hours
        )
        for each, name in ((crimes, "crime"), (told, "told"))
    )
    timed = (
        right.drop_nulls("hours").with_columns(by=[-1, 0, 1]).explode("by").with_columns(pl.col("hours") + pl.col("by"))
    )
    near = left.join(timed, on=["lsoa_code", "hours"])
    apart = (pl.col("occurred_at") - pl.col("occurred_at_right")).dt.total_minutes().abs()
    of_day = left.join(right, on=["lsoa_code", "day"]).filter(
        pl.any_horizontal(pl.col("hours", "hours_right").is_null())
    )
    return pl.concat([near.filter(apart <= 60 * HOURS_APART).select(PAIR), of_day.select(PAIR)])


def pairs_in_window(crimes: Events, told: Events, window_days: int) -> int:
    """How many pairs of a crime and an event that a teller tells of are near in time, of any person and place."""
    days = crimes.events.group_by("occurred_on").len("crimes")
    others = told.events.group_by("occurred_on").len("others").rename({"occurred_on": "day"})
    around = pl.int_ranges(-window_days, window_days + 1, dtype=pl.Int64)
    days = days.with_columns(by=around).explode("by").with_columns(day=pl.col("occurred_on") + pl.duration(days="by"))
    near = days.join(others, on="day")
    return int(near.select((pl.col("crimes").cast(pl.Int64) * pl.col("others").cast(pl.Int64)).sum()).item() or 0)


def crimes_by(crimes: Events, rules: IncidentRules, by: str) -> pl.DataFrame:
    """``chance``: how often another crime has the very value of ``by`` (person_id or lsoa_code). ``rules.beforehand``.

    The crime itself is not counted: what is asked is how often a crime of another incident has the value too.
    """
    start = rules.beforehand
    share = start.person if by == "person_id" else start.place
    held = crimes.parts if by == "person_id" else crimes.events
    counted = held.drop_nulls(by).group_by(by).agg(pl.col("event_id").n_unique().cast(pl.Float64).alias("crimes"))
    others = (pl.col("crimes") - 1 + start.crimes * share) / (crimes.events.height - 1 + start.crimes)
    return counted.select(by, chance=others)
