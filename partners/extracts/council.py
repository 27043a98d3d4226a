"""The council's two tables: exclusions from school, and referrals to the domestic abuse conference (MARAC)."""

from pathlib import Path

from hub.periods import Quarter
from partners.extracts.codes import ETHNICITY_DFE
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import Exclusion, LifeCourses, MaracReferral
from partners.population.recording import Recorded, Recorder

EXCLUSIONS, MARAC = "council.exclusions", "council.marac"
EXCLUSION_COLUMNS = (
    "exclusion_id", "upn", "forename", "surname", "date_of_birth", "gender", "ethnicity", "postcode", "uprn",
    "school_urn", "category", "reason", "start_date", "sessions", "sen_provision", "period",
)  # fmt: skip
MARAC_COLUMNS = (
    "referral_id", "meeting_date", "referring_agency", "repeat_case", "children_count", "victim_forename",
    "victim_surname", "victim_date_of_birth", "victim_gender", "victim_ethnicity", "victim_postcode", "victim_uprn",
    "period",
)  # fmt: skip
_WEAK_EXCLUSIONS = Weak(
    key="exclusion_id",
    codes={"reason": "XX", "category": "INT", "ethnicity": "WHIT"},
    uprn="uprn",
    optional=("uprn", "upn"),
    texts=("surname", "postcode"),
)
_WEAK_MARAC = Weak(
    key="referral_id",
    uprn="victim_uprn",
    optional=("victim_uprn", "referring_agency"),
    texts=("victim_surname", "victim_postcode", "referring_agency"),
)


def exclusions(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Exclusions that began in the quarter."""
    within = [one for one in lives.exclusions if Quarter.containing(one.starts_on) == quarter]
    within.sort(key=lambda one: one.exclusion_id)
    recorder = Recorder(EXCLUSIONS, seed)
    rows = [
        _exclusion(one, recorder.record(one.person, one.starts_on, one.exclusion_id)) | {"period": str(quarter)}
        for one in within
    ]
    truth = {one.exclusion_id: one.person for one in within}
    return spoil(Extract(EXCLUSIONS, str(quarter), rows, truth), _WEAK_EXCLUSIONS, seed)


def _exclusion(one: Exclusion, pupil: Recorded) -> Row:
    return {
        "exclusion_id": one.exclusion_id,
        "upn": one.person.upn,
        "forename": pupil.forename,
        "surname": pupil.surname,
        "date_of_birth": pupil.born_on.isoformat() if pupil.born_on else "",
        "gender": pupil.sex if pupil.sex != "U" else "",
        "ethnicity": ETHNICITY_DFE[pupil.ethnicity],
        "postcode": pupil.postcode,
        "uprn": pupil.uprn,
        "school_urn": one.school_urn,
        "category": "PERM" if one.permanent else "SUSP",
        "reason": one.reason,
        "start_date": one.starts_on.isoformat(),
        "sessions": one.sessions,
        "sen_provision": one.sen_provision,
    }


def marac(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Referrals heard in the quarter."""
    within = [one for one in lives.marac_referrals if Quarter.containing(one.meeting_on) == quarter]
    within.sort(key=lambda one: one.referral_id)
    recorder = Recorder(MARAC, seed)
    rows = [
        _referral(one, recorder.record(one.person, one.meeting_on, one.referral_id)) | {"period": str(quarter)}
        for one in within
    ]
    truth = {one.referral_id: one.person for one in within}
    return spoil(Extract(MARAC, str(quarter), rows, truth), _WEAK_MARAC, seed)


def _referral(one: MaracReferral, victim: Recorded) -> Row:
    return {
        "referral_id": one.referral_id,
        "meeting_date": one.meeting_on.isoformat(),
        "referring_agency": one.agency,
        "repeat_case": "true" if one.repeat else "false",
        "children_count": one.children,
        "victim_forename": victim.forename,
        "victim_surname": victim.surname,
        "victim_date_of_birth": victim.born_on.isoformat() if victim.born_on else "",
        "victim_gender": victim.sex,
        "victim_ethnicity": victim.ethnicity,
        "victim_postcode": victim.postcode,
        "victim_uprn": victim.uprn,
    }


def write_exclusions(path: Path, made: Extract) -> None:
    """The table public.exclusions, to be loaded into the council's database."""
    write_csv(path, EXCLUSION_COLUMNS, made.rows)


def write_marac(path: Path, made: Extract) -> None:
    """The table public.marac_referrals, to be loaded into the council's database."""
    write_csv(path, MARAC_COLUMNS, made.rows)
