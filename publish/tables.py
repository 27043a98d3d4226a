"""The published tables of one quarter, made from linked events. Pure: frames in, frames out.

Ids in the frames that come in are the hub's own; ids in the tables are the recipient's. Both are numbers on the way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
from publish.numbered import EVENT, INCIDENT, PERSON, Names, Numbered, Numbering
from publish.recipient_ids import RecipientIds
from schemas.area_figures import load_area_table
from schemas.harm import Harm, load_harm, with_harm
from schemas.offences import load_offences

UNKNOWN = "unknown"
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
    ``names``: of what event_id and person_id are the numbers; without any they are text.
    """

    events: pl.DataFrame
    involvements: pl.DataFrame
    names: Mapping[str, Names] = field(default_factory=dict)

    @property
    def persons(self) -> pl.Series:
        """The ids of all persons, as text."""
        found = self.involvements[PERSON].unique()
        return self.names[PERSON].texts(found) if self.names else found

    def numbered(self) -> "Linked":
        """The same with event_id and person_id as numbers."""
        if self.names:
            return self
        event, person = Numbering(), Numbering()
        events = self.events.with_columns(event.of(self.events[EVENT]))
        parts = self.involvements
        parts = parts.with_columns(event.of(parts[EVENT]), person.of(parts[PERSON]))
        return ended(events, parts, event, person)


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


def ended(events: pl.DataFrame, involvements: pl.DataFrame, event: Numbering, person: Numbering) -> Linked:
    """Events and involvements whose ids have the numbers that these gave, with those that count in the end."""
    (events_named, to_event), (persons_named, to_person) = event.ended(), person.ended()
    of_event = to_event.gather(events[EVENT]).alias(EVENT)
    of_part = to_event.gather(involvements[EVENT]).alias(EVENT), to_person.gather(involvements[PERSON]).alias(PERSON)
    names = {EVENT: events_named, PERSON: persons_named}
    return Linked(events.with_columns(of_event), involvements.with_columns(of_part), names)


def each_table(linked: Linked, quarter: Quarter, ids: RecipientIds, stated: Stated) -> Iterator[tuple[str, Numbered]]:
    """The tables of persons, events and areas under the recipient's ids, each sorted by id, and each by its name.

    They come one after the other, so that one of millions of rows can be let go of before the next is made.

    Incidents, factors and interventions are found among these very events, and what these meet of the definition by
    these very persons, so that none tells of an event or a person that is not there.
    """
    linked = linked.numbered()
    events, parts, own = linked.events, linked.involvements, linked.names
    del linked
    members = find_incidents(events, parts, stated.incidents)
    of_incidents = own[EVENT].keyed(ids.incident)  # an incident is named by one of its events
    incident = Numbered(incident_table(events, parts, members, stated.incidents))
    yield "incident", incident.turned(INCIDENT, of_incidents).sorted(INCIDENT)
    del incident
    event = _met(events, parts, stated)
    to = {EVENT: own[EVENT].keyed(ids.event), PERSON: own[PERSON].keyed(ids.person)}
    told = Told.of(event, parts)
    yield "factor", factor_table(told, stated.areas, stated.factors, to)
    yield "intervention", intervention_table(told, stated.factors, own, to, ids)
    del told
    event = event.join(members.select(EVENT, incident_id="incident"), on=EVENT)
    del members
    yield "event", Numbered(event).turned(INCIDENT, of_incidents).turned(EVENT, to[EVENT]).sorted(EVENT)
    del event, of_incidents
    yield "area", Numbered(stated.areas)
    yield "person", Numbered(persons(Linked(events, parts), quarter)).turned(PERSON, to[PERSON]).sorted(PERSON)
    del events
    involvement = Numbered(parts.drop("record_id")).turned(PERSON, to[PERSON]).turned(EVENT, to[EVENT])
    del parts
    names, told_once = involvement.names, each_once(involvement.rows)
    del involvement
    yield "involvement", Numbered(told_once, names)


def _met(events: pl.DataFrame, parts: pl.DataFrame, stated: Stated) -> pl.DataFrame:
    """The events with how many persons take part, what they meet of the definition, and their harm."""
    met = clauses(events, parts, stated.definition, load_offences())
    return with_harm(_counted(events, parts).join(met, on=EVENT), stated.harm, stated.definition.from_code)


def each_once(involvements: pl.DataFrame) -> pl.DataFrame:
    """Each row once, in order of all columns, ids first, so that the order of rows hangs on nothing else.

    ``involvements``: event_id and person_id are numbers. Most persons have one row in an event: only the others are
    compared column by column.
    """
    both = (pl.col(EVENT).cast(pl.UInt64) * 2**32 + pl.col(PERSON)).alias("both")
    again = involvements.select(both)["both"].is_duplicated()
    rows = involvements.with_row_index("_row").with_columns(both)
    first = (EVENT, PERSON, "role")
    columns = [*first, *(name for name in sorted(involvements.columns) if name not in first)]
    several = rows.filter(again).unique(columns).sort(columns, nulls_last=True)
    alone = rows.select("_row", "both").filter(~again)
    order = pl.concat([alone, several.select("_row", "both")]).sort("both", maintain_order=True)["_row"]
    return involvements[order]


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
    told = _all_stated(linked.involvements).select("event_id", "person_id", "record_id", "authority", *STATED)
    seen = told.join(linked.events.select("event_id", "occurred_on"), on="event_id")
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


def _counted(events: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    persons = parts.group_by(EVENT).agg(pl.col(PERSON).n_unique().cast(pl.Int64).alias("persons"))
    return events.join(persons, on=EVENT, how="left").with_columns(pl.col("persons").fill_null(0))
