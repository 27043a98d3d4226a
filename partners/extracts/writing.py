"""All extracts of all authorities for some quarters, and apart from them the truth."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.periods import Quarter
from partners.extracts import (
    council,
    council_census,
    council_children,
    council_exploitation,
    council_streets,
    fire,
    fire_incidents,
    health,
    health_assaults,
    police,
    probation,
    street_crime,
    yot,
)
from partners.extracts.rows import Extract, write_csv, write_text
from partners.layout import extract_path
from partners.population.errors import PopulationError
from partners.population.happenings import LifeCourses
from partners.population.households import make_population
from partners.population.life_courses import FIRST, live
from partners.population.people import Person

_EXTRACTS: tuple[tuple[Callable[[LifeCourses, Quarter, int], Extract], Callable[[Path, Extract], None]], ...] = (
    (police.extract, police.write),
    (fire.extract, fire.write),
    (fire_incidents.extract, fire_incidents.write),
    (health.extract, health.write),
    (health_assaults.extract, health_assaults.write),
    (probation.extract, probation.write),
    (yot.extract, yot.write),
    (council.exclusions, council.write_exclusions),
    (council.marac, council.write_marac),
    (council_streets.extract, council_streets.write),
    (council_children.children_in_need, council_children.write_children_in_need),
    (council_census.extract, council_census.write),
    (council_children.looked_after, council_children.write_looked_after),
    (council_exploitation.exploitation, council_exploitation.write_exploitation),
    (council_exploitation.nrm_referrals, council_exploitation.write_nrm_referrals),
)
TOLD = ("feed", "source_reference", "true_incident_id")
_LATEST = Quarter(2029, 4)


@dataclass(frozen=True)
class ExtractCounts:
    """How many rows were written for each feed, over all quarters; and of whom the rows are."""

    rows: dict[str, int]
    people: int
    known: int  # persons with a row in any person-level feed
    known_to_two: int  # of these, to two authorities or more


def write_extracts(folder: Path, people: int, seed: int, quarters: Sequence[Quarter]) -> ExtractCounts:
    """Make the population, let it live, and write what each authority knows for each quarter.

    Extracts go where ``partners.layout`` says, the truth to ``truth/truth.csv``, ``truth/people.csv`` and
    ``truth/incidents.csv``.
    The same people, seed and quarter give the same bytes. Raises PopulationError.
    """
    _check(quarters)
    population = make_population(people, seed)
    lives = live(population, seed, max(quarters))
    made = [_write(folder, lives, quarter, seed, people) for quarter in sorted(set(quarters))]
    extracts = [extract for found, _ in made for extract in found]
    _write_truth(folder, extracts, population.people)
    rows = _rows(extracts) | {street_crime.FEED: sum(records for _, records in made)}
    return _counted(rows, extracts, people)


def _check(quarters: Sequence[Quarter]) -> None:
    if not quarters or min(quarters) < FIRST or max(quarters) > _LATEST:
        raise PopulationError(
            "No extracts can be made for these quarters",
            where="quarters " + (", ".join(map(str, quarters)) or "(none)"),
            why=f"lives are made from {FIRST} to {_LATEST}",
            fix="Ask for at least one quarter of that time",
        )


def _write(folder: Path, lives: LifeCourses, quarter: Quarter, seed: int, people: int) -> tuple[list[Extract], int]:
    extracts = [make(lives, quarter, seed) for make, _ in _EXTRACTS]
    for made, (_, write) in zip(extracts, _EXTRACTS, strict=True):
        write(extract_path(folder, made.feed, made.period), made)
    months = street_crime.street_crime(lives, quarter, seed, people)
    for month, records in months.items():
        write_text(extract_path(folder, street_crime.FEED, month), json.dumps(records))
    return extracts, sum(map(len, months.values()))


def _write_truth(folder: Path, extracts: list[Extract], people: Sequence[Person]) -> None:
    """Who each row is about and which crime each event tells of, once for each reference; and who everybody is."""
    known = {(made.feed, reference): person.person_id for made in extracts for reference, person in made.truth.items()}
    columns = ("feed", "source_reference", "true_person_id")
    rows = [dict(zip(columns, (*key, person_id), strict=True)) for key, person_id in known.items()]
    write_csv(folder / "truth" / "truth.csv", columns, [dict(row) for row in rows])
    crimes = {(made.feed, reference): crime for made in extracts for reference, crime in made.incidents.items()}
    told = [dict(zip(TOLD, (*key, crime), strict=True)) for key, crime in crimes.items()]
    write_csv(folder / "truth" / "incidents.csv", TOLD, [dict(row) for row in told])
    everybody = [_clear(person) for person in people]
    write_csv(folder / "truth" / "people.csv", tuple(everybody[0]), [dict(row) for row in everybody])


def _clear(person: Person) -> dict[str, str]:
    home = person.homes[-1]
    return {
        "true_person_id": person.person_id,
        "forename": person.forename,
        "surname": person.surnames[-1].surname,
        "date_of_birth": person.born_on.isoformat(),
        "sex": person.sex,
        "nhs_number": person.nhs_number,
        "pnc_id": person.pnc_id,
        "crn": person.crn,
        "upn": person.upn,
        "address": home.line,
        "postcode": home.postcode,
        "uprn": home.uprn,
    }


def _rows(extracts: list[Extract]) -> dict[str, int]:
    found: dict[str, int] = {}
    for made in extracts:
        found[made.feed] = found.get(made.feed, 0) + len(made.rows)
    return found


def _counted(rows: dict[str, int], extracts: list[Extract], people: int) -> ExtractCounts:
    authorities: dict[Person, set[str]] = {}
    for made in extracts:
        for person in made.truth.values():
            authorities.setdefault(person, set()).add(made.feed.partition(".")[0])
    two = sum(len(known) > 1 for known in authorities.values())
    return ExtractCounts(rows=rows, people=people, known=len(authorities), known_to_two=two)
