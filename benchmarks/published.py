"""Published-like tables straight from the synthetic population's truth: no server, no linkage, no errors of recording.

What a release would hold if every authority keyed everybody right and all persons were found right. It makes a year of
a borough in seconds, which is what planted drivers are looked for in, over many seeds (``benchmarks.drivers``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from definition.meeting import clauses
from definition.model import Definition, load_definition
from hub.periods import Quarter
from hub.settings import PROJECT
from partners.population.areas import deciles, load_areas
from partners.population.causes import (
    ACCOMMODATION,
    EXCLUDED,
    EXPLOITED,
    GANG,
    LEARNING,
    LOOKED_AFTER,
    MENTAL_HEALTH,
    MISSING,
    SETS_FIRES,
    SPECIAL_NEEDS,
    SUBSTANCES,
    causes,
)
from partners.population.happenings import LifeCourses
from partners.population.households import make_population
from partners.population.life_courses import FIRST, live
from partners.population.offences import Setting
from partners.population.people import Person
from partners.population.support import Support
from schemas.offences import load_offences

HOME, HARM_BY_CHILD = "domestic abuse at home", "harmed by another child"
SUBSTANCES_AT_HOME = "substance misuse at home"
_STATED_BY_YOT = (ACCOMMODATION, LEARNING, MENTAL_HEALTH, SPECIAL_NEEDS, SUBSTANCES)
_STATED_BY_COUNCIL = {  # what the hub keeps of an assessment
    "2B": SUBSTANCES_AT_HOME, "1B": SUBSTANCES_AT_HOME, "3A": HOME, "3B": HOME, "13A": GANG, "10A": MISSING,
    "18B": HARM_BY_CHILD, "19B": HARM_BY_CHILD,
}  # fmt: skip
_SEX = {"M": "male", "F": "female"}
_AREAS = 99
_PLACE = {
    Setting.NIGHT: "licensed premises",
    Setting.STREET: "street",
    Setting.HOME: "dwelling",
    Setting.SCHOOL: "street",
}


@dataclass
class _Told:
    """Rows of the tables as they are gathered."""

    events: list[tuple[str, str, str, date, datetime | None, str | None, str | None, bool, str | None]] = field(
        default_factory=list
    )
    parts: list[tuple[str, str, str, str, int, str, str | None]] = field(default_factory=list)
    factors: list[tuple[str, str, date, str]] = field(default_factory=list)
    given: list[tuple[str, str, date, Support, str]] = field(default_factory=list)

    def event(self, feed: str, kind: str, reference: str, on: date, **more: object) -> str:
        """One event; returns its id."""
        at, area, code = more.get("at"), more.get("area"), more.get("code")
        self.events.append((reference, feed, kind, on, at, area, code, bool(more.get("domestic")), more.get("place")))  # type: ignore[arg-type]
        return reference

    def part(self, event: str, person: Person, feed: str, role: str, rating: str | None = None) -> None:
        """A person's part in an event."""
        sex = _SEX[person.sex]
        self.parts.append((event, person.person_id, feed, role, person.born_on.year, sex, rating))


def published(people: int, seed: int, until: Quarter, first: Quarter = FIRST) -> dict[str, pl.DataFrame]:
    """The tables of a borough that lived to the end of a quarter, but for those that no question here needs."""
    lives = live(make_population(people, seed), seed, until)
    told = _Told()
    _crimes(told, lives, first, until)
    _of_children(told, lives, first, until)
    event, involvement = _frames(told)
    return {
        "person": _person(involvement, event),
        "event": event,
        "involvement": involvement,
        "factor": pl.concat([_factor(told), _of_areas()], how="diagonal"),
        "intervention": _intervention(told),
        "area": _area(people),
    }


def _crimes(told: _Told, lives: LifeCourses, first: Quarter, until: Quarter) -> None:
    for crime in lives.crimes:
        if crime.recorded_on is None or not first.starts_on <= crime.recorded_on <= until.ends_on:
            continue
        on, place = crime.committed_from.date(), crime.spot.area.lsoa_code
        about = {
            "at": crime.committed_from,
            "area": place,
            "code": crime.offence.code,
            "domestic": crime.domestic,
            "place": _PLACE.get(crime.setting),
        }
        event = told.event("police.recorded_crime", "crime", crime.reference, on, **about)
        for role, those in (("victim", crime.victims), ("suspect", crime.suspects)):
            for person in those:
                told.part(event, person, "police.recorded_crime", role)
    for one in lives.attendances:
        on = one.arrived_at.date()
        if first.starts_on <= on <= until.ends_on:
            place = one.crime.spot.area.lsoa_code
            event = told.event("health.emergency_care", "emergency attendance", one.attendance_id, on, area=place)
            told.part(event, one.person, "health.emergency_care", "patient")


def _of_children(told: _Told, lives: LifeCourses, first: Quarter, until: Quarter) -> None:
    def within(on: date) -> bool:
        return first.starts_on <= on <= until.ends_on

    for case in lives.youth_cases:
        if within(case.disposed_on):
            on = case.crime.committed_from.date()
            event = told.event("yot.cases", "youth justice case", case.case_id, on, code=case.crime.offence.code)
            told.part(event, case.person, "yot.cases", "child", case.rating.lower())
            _state(told, case.person, on, "yot.cases", (name for name in _STATED_BY_YOT if name in case.person.traits))
            _give(told, case.support, case.person, event, on, "yot.cases")
    for need in lives.child_referrals:
        if within(need.referred_on):
            event = told.event("council.children_in_need", "child in need referral", f"{need.number}", need.referred_on)
            told.part(event, need.person, "council.children_in_need", "child")
            stated = {_STATED_BY_COUNCIL[code] for code in need.factors if code in _STATED_BY_COUNCIL}
            _state(told, need.person, need.referred_on, "council.children_in_need", sorted(stated))
    for exploited in lives.exploitation_referrals:
        if within(exploited.referred_on):
            on, feed = exploited.referred_on, "council.exploitation"
            event = told.event(feed, "exploitation referral", exploited.referral_id, on)
            told.part(event, exploited.person, feed, "child", exploited.risk.lower())
            _state(told, exploited.person, on, feed, [EXPLOITED, *([GANG] if exploited.gang else [])])
            _give(told, exploited.support, exploited.person, event, on, feed)
    for feed, kind, reference, person, on, name in _markers(lives):
        if within(on):
            told.part(told.event(feed, kind, reference, on), person, feed, "pupil" if name == EXCLUDED else "child")
            _state(told, person, on, feed, [name])


def _markers(lives: LifeCourses) -> Iterator[tuple[str, str, str, Person, date, str]]:
    for one in lives.exclusions:
        yield "council.exclusions", "exclusion", one.exclusion_id, one.person, one.starts_on, EXCLUDED
    for fire in lives.fire_referrals:
        feed, kind = "fire.fire_setter_referrals", "fire-setter referral"
        yield feed, kind, fire.referral_id, fire.person, fire.referred_on, SETS_FIRES
    for care in lives.care_episodes:
        yield "council.looked_after", "episode of care", f"{care.number}", care.person, care.began_on, LOOKED_AFTER


def _state(told: _Told, person: Person, on: date, feed: str, names: Iterator[str] | list[str]) -> None:
    told.factors.extend((person.person_id, name, on, feed) for name in names)


def _give(told: _Told, support: Support | None, person: Person, event: str, on: date, feed: str) -> None:
    if support:
        told.given.append((event, person.person_id, on, support, feed))


def _frames(told: _Told) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = (
        "event_id",
        "feed",
        "event_type",
        "occurred_on",
        "occurred_at",
        "lsoa_code",
        "offence_code",
        "domestic_abuse",
        "place_type",
    )
    event = pl.DataFrame(told.events, schema=names, orient="row", infer_schema_length=None)
    at = pl.col("occurred_at").dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    event = event.with_columns(at.dt.convert_time_zone("UTC"))
    columns = ("event_id", "person_id", "feed", "role", "birth_year", "sex", "reoffending_likelihood")
    involvement = pl.DataFrame(told.parts, schema=columns, orient="row", infer_schema_length=None).unique(
        maintain_order=True
    )
    wards = {area.lsoa_code: area.ward_code for area in load_areas()}
    meets = clauses(event, involvement, _definition(), load_offences())
    event = event.join(meets, on="event_id").with_columns(
        pl.col("lsoa_code").replace_strict(wards, default=None).alias("ward_code")
    )
    return event, involvement


def _definition(config: Path = PROJECT / "config") -> Definition:
    return load_definition(config)


def _person(involvement: pl.DataFrame, event: pl.DataFrame) -> pl.DataFrame:
    seen = involvement.join(event.select("event_id", "occurred_on"), on="event_id")
    return (
        seen.group_by("person_id")
        .agg(
            pl.col("sex", "birth_year").first(),
            pl.col("event_id").n_unique().alias("events"),
            pl.col("occurred_on").min().alias("first_seen_on"),
            pl.col("occurred_on").max().alias("last_seen_on"),
        )
        .sort("person_id")
    )


def _factor(told: _Told) -> pl.DataFrame:
    truth = causes().traits | causes().events
    rows = pl.DataFrame(told.factors, schema=("person_id", "factor", "on", "feed"), orient="row")
    found = rows.group_by("person_id", "factor", "feed").agg(known_from=pl.col("on").min(), statements=pl.len())
    levels = {name: one.level for name, one in truth.items()}
    way = {name: "protective" if one.direction == "protective" else "risk" for name, one in truth.items()}
    return found.with_columns(
        level=pl.col("factor").replace_strict(levels), direction=pl.col("factor").replace_strict(way)
    ).sort("person_id", "factor", "feed")


def _of_areas() -> pl.DataFrame:
    rows = [
        (code, name, "community", "risk", date(2025, 1, 1))
        for name, column in (
            ("deprived neighbourhood", "deprivation_decile"),
            ("poor environment", "environment_decile"),
        )
        for code, decile in deciles(column).items()
        if decile <= 3
    ]
    return pl.DataFrame(rows, schema=("area_code", "factor", "level", "direction", "known_from"), orient="row")


def _intervention(told: _Told) -> pl.DataFrame:
    rows = [
        (
            f"{event}/1",
            person,
            support.name,
            feed.partition(".")[0],
            feed,
            on,
            support.starts_on,
            support.ends_on,
            event,
        )
        for event, person, on, support, feed in told.given
    ]
    names = (
        "intervention_id",
        "person_id",
        "intervention",
        "provider",
        "feed",
        "offered_on",
        "started_on",
        "ended_on",
        "event_id",
    )
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def _area(people: int) -> pl.DataFrame:
    environment = deciles("environment_decile")
    rows = [
        (area.lsoa_code, "lsoa", area.lsoa_code, area.ward_code, people // _AREAS, decile, environment[area.lsoa_code])
        for area, decile in ((area, deciles()[area.lsoa_code]) for area in load_areas())
    ]
    names = ("area_code", "kind", "name", "ward_code", "population", "deprivation_decile", "environment_decile")
    return pl.DataFrame(rows, schema=names, orient="row")
