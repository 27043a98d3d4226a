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
    "EMERGENCY CARE PLACE OF INJURY (SNOMED CT)", "EMERGENCY CARE INJURY MECHANISM (SNOMED CT)",
    "EMERGENCY CARE INJURY ACTIVITY TYPE (SNOMED CT)", "EMERGENCY CARE INJURY ALCOHOL OR DRUG INVOLVEMENT (SNOMED CT)",
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
_ASSAULT, _HOME, _WORK = "52684005", "264362003", "285141008"  # SNOMED CT concepts
_PLACE = {
    Setting.HOME: (_HOME,),
    Setting.NIGHT: ("licensed premises", "licensed premises", "street", "public transport"),
    Setting.STREET: ("street", "street", "open space", "public transport"),
    Setting.SCHOOL: ("257698009", "street", "public transport"),
    Setting.SHOP: (_WORK,),
}
_MECHANISM = {"head butt": "blunt object", "bottle": "sharp object", "glass": "sharp object", "sexual": "other"}
_ACTIVITY = {Setting.SCHOOL: ("education", "travel"), Setting.SHOP: ("work",), Setting.NIGHT: ("leisure",)}
_UNCODED = 0.2


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Attendances whose patient arrived in the quarter."""
    within = [one for one in lives.attendances if Quarter.containing(one.arrived_at.date()) == quarter]
    within.sort(key=lambda one: (one.arrived_at, one.attendance_id))
    recorder = Recorder(FEED, seed)
    rows = [
        attendance(one, seed)
        | _injury(one, Random(f"{seed}/{FEED}/{one.attendance_id}/injury"))
        | _patient(recorder.record(one.person, one.arrived_at.date(), one.attendance_id))
        for one in within
    ]
    truth = {one.attendance_id: one.person for one in within}
    incidents = {one.attendance_id: one.crime.reference for one in within}
    return spoil(Extract(FEED, str(quarter), rows, truth, incidents), _WEAK, seed)


def write(path: Path, made: Extract) -> None:
    """The CSV file from which the hospital's source agent reads."""
    write_csv(path, COLUMNS, made.rows)


def attendance(one: Attendance, seed: int) -> Row:
    """What the patient told: the time of the assault is rounded, and sometimes neither time nor place is known."""
    rng = Random(f"{seed}/{FEED}/{one.attendance_id}")
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
        "INJURY INTENT": _ASSAULT,
        "ALCOHOL INVOLVED": "NY"[one.crime.alcohol] if rng.random() > 0.1 else "",
        "LSOA OF INCIDENT": one.crime.spot.area.lsoa_code if placed else "",
    }


def _injury(one: Attendance, rng: Random) -> Row:
    """What the department coded; a part of it is always left out."""
    drugs = rng.random() < 0.08
    alcohol = one.crime.alcohol
    found = {
        "EMERGENCY CARE PLACE OF INJURY (SNOMED CT)": rng.choice(_PLACE[one.crime.setting]),
        "EMERGENCY CARE INJURY MECHANISM (SNOMED CT)": _MECHANISM.get(one.method, one.method),
        "EMERGENCY CARE INJURY ACTIVITY TYPE (SNOMED CT)": rng.choice(_ACTIVITY.get(one.crime.setting, ("unknown",))),
        "EMERGENCY CARE INJURY ALCOHOL OR DRUG INVOLVEMENT (SNOMED CT)": (
            ("alcohol and drugs" if drugs else "alcohol") if alcohol else ("drugs" if drugs else "none")
        ),
    }
    return {name: word if rng.random() >= _UNCODED else "" for name, word in found.items()}


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
