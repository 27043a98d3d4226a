"""The published tables of one quarter, made from linked events. Pure: frames in, frames out.

Ids in the frames that come in are the hub's own; ids in the tables are the recipient's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from definition.meeting import clauses
from definition.model import Definition, load_definition
from factors.checking import require_sound
from factors.meeting import Told
from factors.model import FactorRules, load_factors
from hub.periods import Quarter
from incidents.finding import find_incidents
from incidents.rules import IncidentRules, load_incident_rules
from incidents.table import incident_table
from publish.context import factor_table, intervention_table
from publish.recipient_ids import RecipientIds, keyed
from schemas.area_figures import load_area_table
from schemas.harm import Harm, load_harm, with_harm
from schemas.offences import load_offences

ID, UNKNOWN = "event_id", "unknown"
STATED = {"sex": pl.String(), "ethnic_group": pl.String(), "birth_year": pl.Int64()}  # by records, of persons
AGE_BANDS: tuple[tuple[int, int, str], ...] = (
    (0, 9, "0-9"),
    (10, 17, "10-17"),
    (18, 24, "18-24"),
    (25, 34, "25-34"),
    (35, 49, "35-49"),
    (50, 64, "50-64"),
    (65, 120, "65+"),
)


@dataclass(frozen=True)
class Linked:
    """What a release is made from, under the hub's own ids.

    ``events``: one row an event_id, with feed, event_type and what the agreement keeps of it.
    ``involvements``: event_id, record_id, person_id, feed, authority, role, and what it keeps of the person.
    """

    events: pl.DataFrame
    involvements: pl.DataFrame


@dataclass(frozen=True)
class Stated:
    """What tables are made by besides their rows.

    When events are one incident, what serious violence is, what is a factor or an intervention; the table area, and
    weights of harm, if any are loaded.
    """

    incidents: IncidentRules
    definition: Definition
    factors: FactorRules
    areas: pl.DataFrame
    harm: Harm | None

    @classmethod
    def of(cls, config: Path) -> "Stated":
        """What a configuration states; raises ConfigurationError, FactorsRefused among it."""
        rules, factors = load_incident_rules(config), load_factors(config)
        require_sound(factors)
        return cls(rules, load_definition(config), factors, load_area_table(config), load_harm(config))


def each_table(
    linked: Linked, quarter: Quarter, ids: RecipientIds, stated: Stated
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables of persons, events and areas under the recipient's ids, each sorted by id, and each by its name.

    They come one after the other, so that one of millions of rows can be let go of before the next is made.

    Incidents, factors and interventions are found among these very events, and what these meet of the definition by
    these very persons, so that none tells of an event or a person that is not there.
    """
    members = find_incidents(linked.events, linked.involvements, stated.incidents)
    incident = incident_table(linked.events, linked.involvements, members, stated.incidents)
    yield "incident", keyed(incident, "incident_id", ids.incident).sort("incident_id")
    del incident
    event = _events(linked).join(clauses(linked.events, linked.involvements, stated.definition, load_offences()), on=ID)
    event = with_harm(event, stated.harm, stated.definition.from_code)
    told = Told.of(event, linked.involvements)
    yield "factor", factor_table(told, stated.areas, stated.factors, ids)
    yield "intervention", intervention_table(told, stated.factors, ids)
    del told
    told_of = keyed(members.select(ID, incident_id="incident"), "incident_id", ids.incident)
    del members
    event = event.join(told_of, on=ID)
    yield "event", keyed(event, ID, ids.event).sort(ID)
    del event, told_of
    yield "area", stated.areas
    yield "person", keyed(persons(linked, quarter), "person_id", ids.person).sort("person_id")
    involvement = keyed(keyed(linked.involvements.drop("record_id"), "person_id", ids.person), ID, ids.event)
    yield "involvement", _sorted(involvement.unique())


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    """In order of all columns, ids first, so that the order of rows hangs on nothing else."""
    first = ["event_id", "person_id", "role"]
    return frame.sort(*first, *(name for name in sorted(frame.columns) if name not in first), nulls_last=True)


def modal(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Each person's commonest known value of ``column``: person_id, ``column`` (null where tied or never known).

    Every record has one vote for each value it states, however many events it stands for.
    """
    votes = (
        frame.filter(pl.col(column).is_not_null() & (pl.col(column).cast(pl.String) != UNKNOWN))
        .unique(["person_id", "record_id", column])
        .group_by("person_id", column)
        .len("votes")
    )
    first = votes.filter(pl.col("votes") == pl.col("votes").max().over("person_id"))
    return first.filter(pl.len().over("person_id") == 1).select("person_id", column)


def age_band(birth_year: pl.Expr, year: int) -> pl.Expr:
    """The band of the age that a person reaches in ``year``; unknown where the year is missing or out of range.

    Only the year of birth is kept, so the age can be one year more than on the very day.
    """
    age = pl.lit(year) - birth_year
    band = pl.lit(UNKNOWN)
    for low, high, name in AGE_BANDS:
        band = pl.when(age.is_between(low, high)).then(pl.lit(name)).otherwise(band)
    return band


def persons(linked: Linked, quarter: Quarter) -> pl.DataFrame:
    """The table person under the hub's own ids, in any order: what the involvements tell, and no more."""
    seen = _all_stated(linked.involvements).join(linked.events.select("event_id", "occurred_on"), on="event_id")
    person = seen.group_by("person_id").agg(
        pl.col("authority").n_unique().cast(pl.Int64).alias("authorities"),
        pl.col("event_id").n_unique().cast(pl.Int64).alias("events"),
        pl.col("occurred_on").min().alias("first_seen_on"),
        pl.col("occurred_on").max().alias("last_seen_on"),
    )
    for column in STATED:
        person = person.join(modal(seen, column), on="person_id", how="left")
    return person.with_columns(
        pl.col("sex", "ethnic_group").fill_null(UNKNOWN), age_band(pl.col("birth_year"), quarter.year).alias("age_band")
    )


def _all_stated(involvements: pl.DataFrame) -> pl.DataFrame:
    """The involvements with all columns that persons are described by, blank where the agreement keeps none."""
    missing = (name for name in STATED if name not in involvements.columns)
    return involvements.with_columns(pl.lit(None, STATED[name]).alias(name) for name in missing)


def _events(linked: Linked) -> pl.DataFrame:
    persons = linked.involvements.group_by("event_id").agg(
        pl.col("person_id").n_unique().cast(pl.Int64).alias("persons")
    )
    return linked.events.join(persons, on="event_id", how="left").with_columns(pl.col("persons").fill_null(0))
