"""The fire brigade's referrals of children who set fires, as its REST API gives them."""

import json
from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.codes import GENDER_FIRE
from partners.extracts.offered import drawn, offered
from partners.extracts.rows import Extract, Row, Weak, spoil, write_text
from partners.population.happenings import FireReferral, LifeCourses
from partners.population.recording import Recorded, Recorder
from partners.population.support import Support

FEED = "fire.fire_setter_referrals"
_WEAK = Weak(
    key="referralId",
    codes={"incidentGroup": "Chimney Blaze", "riskLevel": "Severe"},
    dates={"dateOfReferral": "2026-02-30"},
    uprn="uprn",
    optional=("uprn", "referringAgency"),
    texts=("surname", "postcode", "incidentGroup"),
)
_SUPPORT = ("intervention.kind", "intervention.startDate", "intervention.endDate", "intervention.outcome")
_OFFERED = 0.8  # of referrals
_KINDS = {"Fire safety education": 60, "Home fire safety visit": 30}
_CHILD = ("forename", "surname", "dateOfBirth", "gender", "ethnicity", "address", "postcode", "uprn")


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Referrals made in the quarter."""
    within = [case for case in lives.fire_referrals if Quarter.containing(case.referred_on) == quarter]
    within.sort(key=lambda case: (case.referred_on, case.referral_id))
    recorder = Recorder(FEED, seed)
    rows = [
        _row(case, recorder.record(case.person, case.referred_on, case.referral_id))
        | offered(_given(case, seed), _SUPPORT, quarter.ends_on)
        for case in within
    ]
    truth = {case.referral_id: case.person for case in within}
    return spoil(Extract(FEED, str(quarter), rows, truth), _WEAK, seed)


def _given(case: FireReferral, seed: int) -> Support | None:
    rng = Random(f"{seed}/{FEED}/{case.referral_id}/intervention")
    return drawn(_KINDS, _OFFERED, case.referred_on, rng)


def _row(case: FireReferral, child: Recorded) -> Row:
    return {
        "referralId": case.referral_id,
        "dateOfReferral": case.referred_on.isoformat(),
        "dateOfFire": case.fire_on.isoformat() if case.fire_on else None,
        "incidentNumber": case.incident_number,
        "incidentGroup": case.incident_group,
        "deliberate": case.deliberate,
        "referringAgency": case.agency,
        "riskLevel": case.risk,
        "forename": child.forename,
        "surname": child.surname,
        "dateOfBirth": child.born_on.isoformat() if child.born_on else None,
        "gender": GENDER_FIRE[child.sex],
        "ethnicity": child.ethnicity,
        "address": child.address,
        "postcode": child.postcode or None,
        "uprn": child.uprn or None,
    }


def write(path: Path, made: Extract) -> None:
    """The list of items that the API's pages are cut from."""
    items = [
        {name: value for name, value in row.items() if name not in _CHILD + _SUPPORT}
        | {"child": {name: row[name] for name in _CHILD}}
        | {"intervention": {name.partition(".")[2]: row[name] for name in _SUPPORT}}
        for row in made.rows
    ]
    write_text(path, json.dumps(items, ensure_ascii=False, indent=1))
