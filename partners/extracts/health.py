"""The hospital's own file of emergency attendances after assaults, in clear; it never leaves the hospital like this."""

from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.codes import ETHNICITY_NHS, GENDER_NHS
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import Attendance, LifeCourses
from partners.population.offences import Setting
from partners.population.recording import Recorded, Recorder

FEED = "health.emergency_care"
SITE = "RAX01"
COLUMNS = (
    "ATTENDANCE IDENTIFIER", "SITE CODE (OF TREATMENT)", "ARRIVAL DATE", "ARRIVAL TIME", "ASSAULT DATE", "ASSAULT TIME",
    "ASSAULT LOCATION TYPE", "ASSAULT LOCATION DESCRIPTION", "ASSAULT METHOD", "INJURY INTENT", "ALCOHOL INVOLVED",
    "NHS NUMBER", "PERSON GIVEN NAME", "PERSON FAMILY NAME", "PERSON BIRTH DATE", "PERSON STATED GENDER CODE",
    "ETHNIC CATEGORY", "POSTCODE OF USUAL ADDRESS", "LSOA OF INCIDENT",
)  # fmt: skip
_WEAK = Weak(
    key="ATTENDANCE IDENTIFIER",
    codes={"ASSAULT LOCATION TYPE": "77", "ETHNIC CATEGORY": "YY"},
    dates={"ARRIVAL DATE": "2026-02-31"},
    optional=("ASSAULT METHOD", "POSTCODE OF USUAL ADDRESS"),
    texts=("PERSON FAMILY NAME", "ASSAULT METHOD", "NHS NUMBER"),
)
_LOCATION = {Setting.HOME: "10", Setting.NIGHT: "60", Setting.STREET: "60", Setting.SCHOOL: "50", Setting.SHOP: "40"}
_DESCRIPTION = {
    Setting.HOME: ("own home", "at home", "partner's home"),
    Setting.NIGHT: ("nightclub", "outside pub", "Kingston town centre", "taxi rank", "bar"),
    Setting.STREET: ("street", "park", "bus stop", "alleyway", "station approach"),
    Setting.SCHOOL: ("outside school", "school", "bus stop near school"),
    Setting.SHOP: ("shop",),
}
_TIME_UNKNOWN, _PLACE_UNKNOWN = 0.08, 0.15


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Attendances whose patient arrived in the quarter."""
    within = [one for one in lives.attendances if Quarter.containing(one.arrived_at.date()) == quarter]
    within.sort(key=lambda one: (one.arrived_at, one.attendance_id))
    recorder = Recorder(FEED, seed)
    rows = [
        _attendance(one, Random(f"{seed}/{FEED}/{one.attendance_id}"))
        | _patient(recorder.record(one.person, one.arrived_at.date(), one.attendance_id))
        for one in within
    ]
    truth = {one.attendance_id: one.person for one in within}
    return spoil(Extract(FEED, str(quarter), rows, truth), _WEAK, seed)


def write(path: Path, made: Extract) -> None:
    """The CSV file from which the hospital's source agent reads."""
    write_csv(path, COLUMNS, made.rows)


def _attendance(one: Attendance, rng: Random) -> Row:
    """What the patient told: the time of the assault is rounded, and sometimes neither time nor place is known."""
    assaulted = one.crime.committed_from
    known, placed = rng.random() >= _TIME_UNKNOWN, rng.random() >= _PLACE_UNKNOWN
    rounded = assaulted.replace(minute=assaulted.minute // 15 * 15)
    return {
        "ATTENDANCE IDENTIFIER": one.attendance_id,
        "SITE CODE (OF TREATMENT)": SITE,
        "ARRIVAL DATE": one.arrived_at.date().isoformat(),
        "ARRIVAL TIME": one.arrived_at.time().isoformat(),
        "ASSAULT DATE": rounded.date().isoformat() if known else "",
        "ASSAULT TIME": rounded.time().isoformat() if known else "",
        "ASSAULT LOCATION TYPE": _LOCATION[one.crime.setting] if rng.random() > 0.03 else "91",
        "ASSAULT LOCATION DESCRIPTION": rng.choice(_DESCRIPTION[one.crime.setting]) if placed else "",
        "ASSAULT METHOD": one.method,
        "INJURY INTENT": "assault",
        "ALCOHOL INVOLVED": "NY"[one.crime.alcohol] if rng.random() > 0.1 else "",
        "LSOA OF INCIDENT": one.crime.spot.area.lsoa_code if placed else "",
    }


def _patient(patient: Recorded) -> Row:
    return {
        "NHS NUMBER": patient.nhs_number,
        "PERSON GIVEN NAME": patient.forename,
        "PERSON FAMILY NAME": patient.surname,
        "PERSON BIRTH DATE": patient.born_on.isoformat() if patient.born_on else "",
        "PERSON STATED GENDER CODE": GENDER_NHS[patient.sex],
        "ETHNIC CATEGORY": ETHNICITY_NHS[patient.ethnicity],
        "POSTCODE OF USUAL ADDRESS": patient.postcode,
    }
