"""The youth offending team's quarterly return, case by case, as XML."""

from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

from hub.periods import Quarter
from partners.extracts.offered import offered
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.causes import ACCOMMODATION, LEARNING, MENTAL_HEALTH, SPECIAL_NEEDS, SUBSTANCES
from partners.population.happenings import LifeCourses, YouthCase
from partners.population.recording import Recorded, Recorder

FEED = "yot.cases"
_PERSON = ("Forename", "Surname", "DateOfBirth", "Sex", "Ethnicity", "PNCID", "Postcode", "UPRN")
_ELEMENTS = ("Offence", "Disposal", "KeyIndicators", "AssetPlus")
_SUPPORT = ("Intervention.kind", "Intervention.startDate", "Intervention.endDate", "Intervention.outcome")
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
_WORRY = (40, 35, 20, 5)  # about a child itself, whatever it did


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Cases disposed of by the quarter's end and still open when it began."""
    within = [
        case
        for case in lives.youth_cases
        if case.disposed_on <= quarter.ends_on and case.closes_on >= quarter.starts_on
    ]
    within.sort(key=lambda case: case.case_id)
    recorder = Recorder(FEED, seed)
    rows = [
        _row(case, recorder.record(case.person, case.disposed_on, case.case_id), seed)
        | offered(case.support, _SUPPORT, quarter.ends_on)
        for case in within
    ]
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
    """What the child has as indicators, and ratings that are worse the greater its risk and the graver the offence."""
    has = case.person.traits
    harm = (40, 35, 10 + 12 * min(3.0, case.person.risk), 2.0 * case.crime.offence.gravity)
    return {
        "KeyIndicators.accommodation": "unsuitable" if ACCOMMODATION in has else "suitable",
        "KeyIndicators.ete": "full" if LEARNING in has else rng.choice(("part", "none", "none")),
        "KeyIndicators.send": "true" if SPECIAL_NEEDS in has else "false",
        "KeyIndicators.mentalHealth": _concern(MENTAL_HEALTH in has, rng),
        "KeyIndicators.substanceMisuse": _concern(SUBSTANCES in has, rng),
        "AssetPlus.likelihoodOfReoffending": case.rating,
        "AssetPlus.riskOfSeriousHarm": rng.choices(("Low", "Medium", "High", "Very High"), weights=harm)[0],
        "AssetPlus.safetyAndWellbeing": rng.choices(("Low", "Medium", "High", "Very High"), weights=_WORRY)[0],
    }


def _concern(has: bool, rng: Random) -> str:
    """How great the concern is: medium or high where the child has the trait."""
    return rng.choice(_CONCERN[2:] if has else _CONCERN[:2])


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
    if row["Intervention.kind"] is not None:
        intervention = ET.SubElement(case, "Intervention")
        for column in _SUPPORT:
            if row[column] is not None:
                ET.SubElement(intervention, column.partition(".")[2]).text = str(row[column])
    return case
