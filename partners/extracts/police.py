"""The police's extract of recorded crime: one row for each person involved in a crime."""

from datetime import date
from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.investigation import investigation, relationship
from partners.extracts.rows import SEPARATOR, Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import Crime, LifeCourses
from partners.population.people import Person
from partners.population.recording import Recorded, Recorder

FEED = "police.recorded_crime"
COLUMNS = (
    "Crime Reference", "HO Code", "Committed From", "Committed To", "Recorded Date", "DA Flag", "Knife Flag",
    "Gang Flag", "Hate Flag", "Alcohol Flag", "Person Role", "Person Number", "Forename", "Surname", "Date of Birth",
    "Age", "Sex", "Ethnicity", "PNC ID", "Address", "Postcode", "UPRN", "Easting", "Northing", "Location Type",
    "Weapon", "Relationship", "Outcome Type", "Outcome Date", "MO",
)  # fmt: skip
_WEAK = Weak(
    key="Crime Reference",
    codes={"HO Code": "8.1", "Person Role": "WITNES", "Ethnicity": "Q7", "Sex": "1"},
    dates={"Committed From": "31/02/2026 22:00", "Recorded Date": "00/00/0000"},
    uprn="UPRN",
    optional=("UPRN", "PNC ID", "Postcode", "Alcohol Flag"),
    texts=("Surname", "Postcode", "HO Code"),
    integers=("Easting", "Northing"),
)
_FLAG_BLANK = 0.04


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """The rows of crimes recorded in the quarter, in the order of their recording."""
    first = _first_suspected(lives)
    recorder = Recorder(FEED, seed)
    rows: list[Row] = []
    truth: dict[str, Person] = {}
    for crime in recorded_in(lives, quarter):
        involved = [("VICTIM", person) for person in crime.victims] + [("SUSPECT", person) for person in crime.suspects]
        shared = _crime_columns(crime, Random(f"{seed}/{FEED}/{crime.reference}"))
        found = Random(f"{seed}/{FEED}/{crime.reference}/investigation")
        shared |= investigation(crime, _on(crime), found)
        for number, (role, person) in enumerate(involved, 1):
            known = role == "SUSPECT" or first.get(person, date.max) < crime.committed_from.date()
            recorded = recorder.record(person, _on(crime), f"{crime.reference}/{number}")
            part = {"Person Role": role, "Person Number": str(number), "Relationship": relationship(crime, role, found)}
            rows.append(shared | part | _person_columns(recorded, known, crime.committed_from.date()))
            truth[f"{crime.reference}{SEPARATOR}{number}"] = person
    incidents = {str(row["Crime Reference"]): str(row["Crime Reference"]) for row in rows}
    return spoil(Extract(FEED, str(quarter), rows, truth, incidents), _WEAK, seed)


def write(path: Path, made: Extract) -> None:
    """The CSV file that the police drop."""
    write_csv(path, COLUMNS, made.rows)


def recorded_in(lives: LifeCourses, quarter: Quarter) -> list[Crime]:
    """Crimes that the police recorded in the quarter."""
    within = [crime for crime in lives.crimes if crime.recorded_on and Quarter.containing(crime.recorded_on) == quarter]
    return sorted(within, key=lambda crime: (_on(crime), crime.reference))


def _on(crime: Crime) -> date:
    return crime.recorded_on or crime.committed_to.date()


def _first_suspected(lives: LifeCourses) -> dict[Person, date]:
    """Since when the police know each suspect, who from then on has a PNC ID."""
    first: dict[Person, date] = {}
    for crime in lives.crimes:
        for person in crime.suspects if crime.recorded_on else ():
            first[person] = min(first.get(person, date.max), _on(crime))
    return first


def _crime_columns(crime: Crime, rng: Random) -> Row:
    flags = {
        "DA Flag": crime.domestic,
        "Knife Flag": crime.knife,
        "Gang Flag": crime.gang,
        "Hate Flag": crime.hate,
        "Alcohol Flag": crime.alcohol,
    }
    return {
        "Crime Reference": crime.reference,
        "HO Code": crime.offence.code,
        "Committed From": f"{crime.committed_from:%d/%m/%Y %H:%M}",
        "Committed To": f"{crime.committed_to:%d/%m/%Y %H:%M}",
        "Recorded Date": f"{_on(crime):%d/%m/%Y}",
        "Easting": str(crime.spot.easting),
        "Northing": str(crime.spot.northing),
        **{name: "" if rng.random() < _FLAG_BLANK else "NY"[flag] for name, flag in flags.items()},
    }


def _person_columns(recorded: Recorded, known: bool, on: date) -> Row:
    born = recorded.born_on
    return {
        "Age": on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else "",
        "Forename": recorded.forename,
        "Surname": recorded.surname,
        "Date of Birth": f"{recorded.born_on:%d/%m/%Y}" if recorded.born_on else "",
        "Sex": recorded.sex,
        "Ethnicity": recorded.ethnicity,
        "PNC ID": recorded.pnc_id if known else "",
        "Address": recorded.address,
        "Postcode": recorded.postcode,
        "UPRN": recorded.uprn,
    }
