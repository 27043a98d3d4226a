"""The youth offending team's quarterly return, case by case, as XML."""

from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

from hub.periods import Quarter
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.happenings import LifeCourses, YouthCase
from partners.population.recording import Recorded, Recorder

FEED = "yot.cases"
_PERSON = ("Forename", "Surname", "DateOfBirth", "Sex", "Ethnicity", "PNCID", "Postcode", "UPRN")
_ELEMENTS = ("Offence", "Disposal", "KeyIndicators", "AssetPlus")
_WEAK = Weak(
    key="id",
    codes={"Offence.gravity": "9", "Ethnicity": "Q7", "AssetPlus.riskOfSeriousHarm": "Severe"},
    dates={"Offence.date": "2026-06-31"},
    uprn="UPRN",
    optional=("UPRN", "PNCID"),
    texts=("Surname", "Postcode"),
    integers=("Offence.gravity",),
)
_GRAVE = ("violent-crime", "robbery", "drugs")
_TIERS = ("none", "early help", "child in need", "child protection", "looked after")
_OUT_OF_COURT = ("YC", "YCC", "OUT22")
_CONCERN = ("none", "low", "medium", "high")


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Cases disposed of by the quarter's end and still open when it began."""
    within = [
        case
        for case in lives.youth_cases
        if case.disposed_on <= quarter.ends_on and case.closes_on >= quarter.starts_on
    ]
    within.sort(key=lambda case: case.case_id)
    recorder = Recorder(FEED, seed)
    rows = [_row(case, recorder.record(case.person, case.disposed_on, case.case_id), seed) for case in within]
    truth = {case.case_id: case.person for case in within}
    incidents = {case.case_id: case.crime.reference for case in within}
    return spoil(Extract(FEED, str(quarter), rows, truth, incidents), _WEAK, seed)


def _row(case: YouthCase, child: Recorded, seed: int) -> Row:
    rng = Random(f"{seed}/{FEED}/{case.case_id}")
    return {
        "id": case.case_id,
        "Forename": child.forename,
        "Surname": child.surname,
        "DateOfBirth": child.born_on.isoformat() if child.born_on else "",
        "Sex": child.sex,
        "Ethnicity": child.ethnicity,
        "PNCID": child.pnc_id,
        "Postcode": child.postcode,
        "UPRN": child.uprn,
        "Offence.code": case.crime.offence.code,
        "Offence.date": case.crime.committed_from.date().isoformat(),
        "Offence.gravity": str(case.crime.offence.gravity),
        "Disposal.code": case.disposal,
        "Disposal.date": case.disposed_on.isoformat(),
        **_assessment(case, rng),
        **_later(case, Random(f"{seed}/{FEED}/{case.case_id}/later")),
    }


def _assessment(case: YouthCase, rng: Random) -> Row:
    """Indicators and ratings that are worse the greater the child's risk and the graver the offence."""
    worse = min(3.0, case.person.risk)
    concern = (50, 25 + 5 * worse, 15 + 8 * worse, 5 + 6 * worse)
    rating = (40, 35, 10 + 12 * worse)
    harm = (*rating, 2.0 * case.crime.offence.gravity)
    return {
        "KeyIndicators.accommodation": rng.choices(("suitable", "unsuitable"), weights=(88, 6 + 4 * worse))[0],
        "KeyIndicators.ete": rng.choices(("full", "part", "none"), weights=(55, 22, 12 + 8 * worse))[0],
        "KeyIndicators.send": rng.choices(("true", "false"), weights=(45, 55))[0],
        "KeyIndicators.mentalHealth": rng.choices(_CONCERN, weights=concern)[0],
        "KeyIndicators.substanceMisuse": rng.choices(_CONCERN, weights=concern)[0],
        "AssetPlus.likelihoodOfReoffending": rng.choices(("Low", "Medium", "High"), weights=rating)[0],
        "AssetPlus.riskOfSeriousHarm": rng.choices(("Low", "Medium", "High", "Very High"), weights=harm)[0],
        "AssetPlus.safetyAndWellbeing": rng.choices(("Low", "Medium", "High", "Very High"), weights=harm)[0],
    }


def _later(case: YouthCase, rng: Random) -> Row:
    """What was added in 2023, and when the assessment was made."""
    grave = case.crime.offence.gravity >= 5 and case.crime.offence.category in _GRAVE
    victim = rng.choice(("not reached", "declined", "engaged")) if case.crime.victims else "no victim"
    found: Row = {
        "KeyIndicators.widerServices": rng.choices(_TIERS, weights=(52, 18, 16, 7, 7))[0],
        "KeyIndicators.seriousViolence": "true" if grave else "false",
        "KeyIndicators.victims": victim,
        "AssetPlus.completed": case.disposed_on.isoformat(),
    }
    if case.disposal in _OUT_OF_COURT:
        found["KeyIndicators.outOfCourt"] = rng.choices(("completed", "not completed", "ongoing"), (60, 12, 28))[0]
    return found


def write(path: Path, made: Extract) -> None:
    """The XML file that the team drops."""
    root = ET.Element("YOTReturn", {"yot": "Kingston", "period": made.period})
    for row in made.rows:
        root.append(_case(row))
    ET.indent(root)
    write_text(path, '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


def _case(row: Row) -> ET.Element:
    case = ET.Element("Case", {"id": str(row["id"])})
    person = ET.SubElement(case, "Person")
    for name in _PERSON:
        ET.SubElement(person, name).text = str(row[name])
    for name in _ELEMENTS:
        attributes = {
            column.partition(".")[2]: str(value) for column, value in row.items() if column.startswith(f"{name}.")
        }
        ET.SubElement(case, name, attributes)
    return case
