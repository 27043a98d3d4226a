"""Probation's caseload with risk scores, as its API gives it."""

import json
from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.codes import GENDER_PROBATION
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.happenings import LifeCourses, Supervision
from partners.population.recording import Recorded, Recorder

FEED = "probation.supervision"
_WEAK = Weak(
    key="crn",
    codes={"supervision.orderType": "Borstal", "rosh.public": "EXTREME"},
    dates={"supervision.startDate": "2026-06-31"},
    uprn="address.uprn",
    optional=("address.uprn", "pncNumber", "nomsNumber"),
    texts=("name.surname", "address.postcode"),
    integers=("supervision.eventNumber",),
)
_VIOLENT_CLASSES = ("002", "003", "005", "008", "034", "066", "105", "195")
_LEVELS = ("LOW", "MEDIUM", "HIGH", "VERY_HIGH")


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Everyone under supervision on a day of the quarter, once, by the latest order."""
    latest: dict[str, Supervision] = {}
    for one in lives.supervisions:
        if one.starts_on <= quarter.ends_on and one.ends_on >= quarter.starts_on:
            latest[one.person.crn] = one
    recorder = Recorder(FEED, seed)
    rows = [
        _row(one, recorder.record(one.person, min(one.starts_on, quarter.ends_on), crn), Random(f"{seed}/{FEED}/{crn}"))
        for crn, one in sorted(latest.items())
    ]
    truth = {crn: one.person for crn, one in sorted(latest.items())}
    return spoil(Extract(FEED, str(quarter), rows, truth), _WEAK, seed)


def _row(one: Supervision, person: Recorded, rng: Random) -> Row:
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
        **_predictors(one, rng),
        **_serious_harm(one, rng),
    }


def _predictors(one: Supervision, rng: Random) -> Row:
    """Scores that rise with the person's own risk and fall with age, in per cent."""
    youth = max(0.3, 1.6 - one.person.age_on(one.starts_on) / 50)
    general = min(96, max(2, round(18 * youth * (1 + one.person.risk / 3) * rng.uniform(0.7, 1.3))))
    violent = round(general * rng.uniform(0.4, 0.9))
    serious = round(min(30.0, general / 12 * rng.uniform(0.3, 1.8)), 2)
    level = "Low" if serious < 3 else "Medium" if serious < 6.9 else "High" if serious < 12 else "Very High"
    return {
        "riskPredictors.ogrs31Year": round(general * 0.65),
        "riskPredictors.ogrs32Year": general,
        "riskPredictors.ogrs4gYr2": min(99, general + rng.randint(-3, 3)) if general > 5 else general,
        "riskPredictors.ogrs4vYr2": violent,
        "riskPredictors.OVP": max(1, violent + rng.randint(0, 5)),
        "riskPredictors.OSP": round(rng.uniform(0.1, 2.5), 2),
        "riskPredictors.rsrPercentageScore": serious,
        "riskPredictors.scoreLevel": level,
    }


def _serious_harm(one: Supervision, rng: Random) -> Row:
    violent = one.offence_code[:3] in _VIOLENT_CLASSES
    weights = (15, 45, 34, 6) if violent else (45, 42, 12, 1)
    found = {
        f"rosh.{whom}": rng.choices(_LEVELS, weights=weights)[0]
        for whom in ("public", "children", "knownAdult", "staff")
    }
    high = any(level in ("HIGH", "VERY_HIGH") for level in found.values())
    return {
        **found,
        "mappaLevel": rng.choices(("1", "2", "3"), weights=(80, 17, 3))[0] if high and rng.random() < 0.4 else None,
    }


def write(path: Path, made: Extract) -> None:
    """The list of content items that the API's pages are cut from."""
    write_text(path, json.dumps([_nested(row) for row in made.rows], ensure_ascii=False, indent=1))


def _nested(row: Row) -> dict[str, object]:
    """``name.forename`` becomes forename within name."""
    found: dict[str, object] = {}
    for column, value in row.items():
        outer, _, inner = column.partition(".")
        if inner:
            group = found.setdefault(outer, {})
            if isinstance(group, dict):
                group[inner] = value
        else:
            found[column] = value
    return found
