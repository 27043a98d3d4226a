"""Probation's caseload with risk scores, as its API gives it."""

import json
from pathlib import Path
from random import Random
from typing import cast

from hub.periods import Quarter
from partners.extracts.codes import GENDER_PROBATION
from partners.extracts.offered import drawn, offered
from partners.extracts.predictors import predictors, serious_harm
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.happenings import LifeCourses, Supervision
from partners.population.recording import Recorded, Recorder
from partners.population.support import Support

FEED = "probation.supervision"
_REQUIREMENT = ("requirement.type", "requirement.startDate", "requirement.endDate", "requirement.outcome")
_WITH_REQUIREMENTS = ("Community Order", "Suspended Sentence Order")
_KINDS = {
    "Unpaid Work": 38, "Rehabilitation Activity": 30, "Accredited Programme": 9, "Drug Rehabilitation": 5,
    "Alcohol Treatment": 4, "Mental Health Treatment": 2, "Alcohol Abstinence Monitoring": 4, "Curfew": 6,
    "Exclusion": 1, "Attendance Centre": 1,
}  # fmt: skip
_WEAK = Weak(
    key="crn",
    codes={"supervision.orderType": "Borstal", "rosh.public": "EXTREME"},
    dates={"supervision.startDate": "2026-06-31"},
    uprn="address.uprn",
    optional=("address.uprn", "pncNumber", "nomsNumber"),
    texts=("name.surname", "address.postcode"),
    integers=("supervision.eventNumber",),
)


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Everyone under supervision on a day of the quarter, once, by the latest order."""
    latest: dict[str, Supervision] = {}
    for one in lives.supervisions:
        if one.starts_on <= quarter.ends_on and one.ends_on >= quarter.starts_on:
            latest[one.person.crn] = one
    recorder = Recorder(FEED, seed)
    rows = [
        _row(one, recorder.record(one.person, min(one.starts_on, quarter.ends_on), crn), seed)
        | offered(_required(one, seed), _REQUIREMENT, quarter.ends_on)
        for crn, one in sorted(latest.items())
    ]
    truth = {crn: one.person for crn, one in sorted(latest.items())}
    return spoil(Extract(FEED, str(quarter), rows, truth), _WEAK, seed)


def _required(one: Supervision, seed: int) -> Support | None:
    """The order's main requirement; a licence has none."""
    rng = Random(f"{seed}/{FEED}/{one.person.crn}/{one.event_number}/requirement")
    return drawn(_KINDS, 0.9, one.starts_on, rng) if one.order_type in _WITH_REQUIREMENTS else None


def _row(one: Supervision, person: Recorded, seed: int) -> Row:
    rng = Random(f"{seed}/{FEED}/{one.person.crn}")
    in_prison = one.order_type in ("Licence", "Post Sentence Supervision")
    return {
        "crn": one.person.crn,
        "nomsNumber": one.person.noms_number if in_prison or rng.random() < 0.2 else None,
        "pncNumber": person.pnc_id or None,
        "name.forename": person.forename,
        "name.surname": person.surname,
        "name.middleName": person.middle_name or None,
        "dateOfBirth": person.born_on.isoformat() if person.born_on else None,
        "gender": GENDER_PROBATION[person.sex],
        "ethnicity": person.ethnicity,
        "address.postcode": person.postcode or None,
        "address.uprn": person.uprn or None,
        "limitedAccessOffender": one.limited_access,
        "supervision.eventNumber": one.event_number,
        "supervision.startDate": one.starts_on.isoformat(),
        "supervision.endDate": one.ends_on.isoformat() if rng.random() < 0.9 else None,
        "supervision.orderType": one.order_type,
        "supervision.mainOffenceCode": one.offence_code,
        **predictors(one, rng, Random(f"{seed}/{FEED}/{one.person.crn}/assessment")),
        **serious_harm(one, rng),
    }


def write(path: Path, made: Extract) -> None:
    """The list of content items that the API's pages are cut from."""
    write_text(path, json.dumps([_nested(row) for row in made.rows], ensure_ascii=False, indent=1))


def _nested(row: Row) -> dict[str, object]:
    """``name.forename`` becomes forename within name, as deep as the dots say."""
    found: dict[str, object] = {}
    for column, value in row.items():
        place = found
        *outer, inner = column.split(".")
        for part in outer:
            place = cast(dict[str, object], place.setdefault(part, {}))
        place[inner] = value
    return found
