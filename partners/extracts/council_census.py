"""The children in need census as the council's software writes it: XML, each child with its referrals."""

from itertools import groupby
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

from hub.periods import Quarter
from partners.extracts.codes import ETHNICITY_DFE, GENDER_CENSUS
from partners.extracts.council_children import NEED
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.happenings import ChildReferral, LifeCourses
from partners.population.recording import Recorded, Recorder

FEED = "council.children_in_need_census"
_IDENTIFIERS = ("LAchildID", "UPN", "PersonBirthDate", "GenderCurrent")
_DETAILS = ("CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure")
_WEAK = Weak(
    key="LAchildID",
    codes={"PrimaryNeedCode": "N42", "ReferralSource": "11"},
    dates={"CINreferralDate": "2026-06-31"},
    optional=("UPN",),
)


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Children referred in the quarter, as the same case system knows them. No truth: they cannot be linked."""
    within = [one for one in lives.child_referrals if Quarter.containing(one.referred_on) == quarter]
    desk = Recorder(NEED, seed)
    rows = [
        _row(one, desk.record(one.person, one.referred_on, str(one.number)), Random(f"{seed}/{FEED}/{one.number}"))
        for one in sorted(within, key=lambda one: (one.child_id, one.number))
    ]
    return spoil(Extract(FEED, str(quarter), rows), _WEAK, seed)


def _row(one: ChildReferral, child: Recorded, rng: Random) -> Row:
    split = rng.randint(1, len(one.factors)) if one.factors else 0  # what a first assessment found, and a second
    return {
        "LAchildID": one.child_id,
        "UPN": one.person.upn,
        "PersonBirthDate": child.born_on.isoformat() if child.born_on else "",
        "GenderCurrent": GENDER_CENSUS[child.sex],
        "Ethnicity": ETHNICITY_DFE[child.ethnicity],
        "CINreferralDate": one.referred_on.isoformat(),
        "ReferralSource": one.source,
        "PrimaryNeedCode": one.need,
        "CINclosureDate": one.closed_on.isoformat() if one.closed_on else "",
        "ReasonForClosure": one.closure,
        "first": " ".join(one.factors[:split]),
        "second": " ".join(one.factors[split:]),
        "CPPstartDate": one.plan_on.isoformat() if one.plan_on else "",
        "InitialCategoryOfAbuse": one.abuse,
    }


def write(path: Path, made: Extract) -> None:
    """The XML file that the council lays down; elements without a value are left out, as the census asks."""
    root = ET.Element("Message")
    collection = ET.SubElement(ET.SubElement(root, "Header"), "CollectionDetails")
    ET.SubElement(collection, "Collection").text = "CIN"
    children = ET.SubElement(root, "Children")
    for _, referrals in groupby(made.rows, key=lambda row: (row["LAchildID"], row["UPN"])):
        _child(children, list(referrals))
    ET.indent(root)
    write_text(path, '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


def _child(children: ET.Element, referrals: list[Row]) -> None:
    child, first = ET.SubElement(children, "Child"), referrals[0]
    identifiers = ET.SubElement(child, "ChildIdentifiers")
    _fill(identifiers, first, _IDENTIFIERS)
    characteristics = ET.SubElement(child, "ChildCharacteristics")
    _fill(characteristics, first, ("Ethnicity",))
    ET.SubElement(ET.SubElement(characteristics, "Disabilities"), "Disability").text = "NONE"
    for row in referrals:
        details = ET.SubElement(child, "CINdetails")
        _fill(details, row, _DETAILS)
        for factors in (str(row["first"]), str(row["second"])):
            if factors:
                _assess(details, row, factors.split())
        ET.SubElement(details, "ReferralNFA").text = "false" if row["first"] else "true"
        if row["CPPstartDate"]:
            _fill(ET.SubElement(details, "ChildProtectionPlans"), row, ("CPPstartDate", "InitialCategoryOfAbuse"))


def _assess(details: ET.Element, row: Row, factors: list[str]) -> None:
    assessment = ET.SubElement(details, "Assessments")
    ET.SubElement(assessment, "AssessmentActualStartDate").text = str(row["CINreferralDate"])
    found = ET.SubElement(assessment, "FactorsIdentifiedAtAssessment")
    for factor in factors:
        ET.SubElement(found, "AssessmentFactors").text = factor


def _fill(element: ET.Element, row: Row, names: tuple[str, ...]) -> None:
    for name in names:
        if row[name] not in ("", None):
            ET.SubElement(element, name).text = str(row[name])
