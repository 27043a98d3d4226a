"""The council's views of children in need and of episodes of care, made for the hub from its case system."""

from pathlib import Path

from hub.periods import Quarter
from partners.extracts.codes import ETHNICITY_DFE, GENDER_CENSUS, GENDER_SSDA903
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import CareEpisode, ChildReferral, LifeCourses
from partners.population.recording import Recorded, Recorder

NEED, CARE = "council.children_in_need", "council.looked_after"
NEED_COLUMNS = (
    "EpisodeID", "LAchildID", "UPN", "Forename", "Surname", "PersonBirthDate", "GenderCurrent", "Ethnicity", "Postcode",
    "UPRN", "CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure",
    "AssessmentFactors", "CPPstartDate", "InitialCategoryOfAbuse", "period",
)  # fmt: skip
CARE_COLUMNS = (
    "EPISODE", "CHILD", "UPN", "FORENAME", "SURNAME", "DOB", "SEX", "ETHNIC", "HOME_POST", "DECOM", "RNE", "LS", "CIN",
    "PLACE", "DEC", "REC", "period",
)  # fmt: skip
_WEAK_NEED = Weak(
    key="LAchildID",
    codes={"PrimaryNeedCode": "N42", "ReferralSource": "11", "AssessmentFactors": "3B 99Z", "UPN": "A999999999999"},
    uprn="UPRN",
    optional=("UPRN", "UPN", "AssessmentFactors"),
    texts=("Surname", "Postcode", "AssessmentFactors"),
)
_WEAK_CARE = Weak(key="CHILD", codes={"PLACE": "Q1", "RNE": "X"}, optional=("UPN",), texts=("SURNAME", "HOME_POST"))


def children_in_need(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Children referred in the quarter."""
    within = [one for one in lives.child_referrals if Quarter.containing(one.referred_on) == quarter]
    recorder = Recorder(NEED, seed)
    rows = [
        _need(one, recorder.record(one.person, one.referred_on, str(one.number))) | {"period": str(quarter)}
        for one in sorted(within, key=lambda one: one.number)
    ]
    truth = {one.child_id: one.person for one in within}
    return spoil(Extract(NEED, str(quarter), rows, truth), _WEAK_NEED, seed)


def _need(one: ChildReferral, child: Recorded) -> Row:
    return {
        "EpisodeID": one.number,
        "LAchildID": one.child_id,
        "UPN": one.person.upn,
        "Forename": child.forename,
        "Surname": child.surname,
        "PersonBirthDate": child.born_on.isoformat() if child.born_on else "",
        "GenderCurrent": GENDER_CENSUS[child.sex],
        "Ethnicity": ETHNICITY_DFE[child.ethnicity],
        "Postcode": child.postcode,
        "UPRN": child.uprn,
        "CINreferralDate": one.referred_on.isoformat(),
        "ReferralSource": one.source,
        "PrimaryNeedCode": one.need,
        "CINclosureDate": one.closed_on.isoformat() if one.closed_on else "",
        "ReasonForClosure": one.closure,
        "AssessmentFactors": " ".join(one.factors),
        "CPPstartDate": one.plan_on.isoformat() if one.plan_on else "",
        "InitialCategoryOfAbuse": one.abuse,
    }


def looked_after(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Episodes that began in the quarter."""
    within = [one for one in lives.care_episodes if Quarter.containing(one.began_on) == quarter]
    recorder = Recorder(CARE, seed)
    rows = [
        _episode(one, recorder.record(one.person, one.began_on, str(one.number))) | {"period": str(quarter)}
        for one in sorted(within, key=lambda one: one.number)
    ]
    truth = {one.child_id: one.person for one in within}
    return spoil(Extract(CARE, str(quarter), rows, truth), _WEAK_CARE, seed)


def _episode(one: CareEpisode, child: Recorded) -> Row:
    return {
        "EPISODE": one.number,
        "CHILD": one.child_id,
        "UPN": one.person.upn,
        "FORENAME": child.forename,
        "SURNAME": child.surname,
        "DOB": child.born_on.isoformat() if child.born_on else "",
        "SEX": GENDER_SSDA903[child.sex],
        "ETHNIC": ETHNICITY_DFE[child.ethnicity],
        "HOME_POST": child.postcode,
        "DECOM": one.began_on.isoformat(),
        "RNE": one.reason,
        "LS": one.legal_status,
        "CIN": one.need,
        "PLACE": one.place,
        "DEC": one.ended_on.isoformat() if one.ended_on else "",
        "REC": one.outcome,
    }


def write_children_in_need(path: Path, made: Extract) -> None:
    """The table public.children_in_need, to be loaded into the council's database."""
    write_csv(path, NEED_COLUMNS, made.rows)


def write_looked_after(path: Path, made: Extract) -> None:
    """The table public.looked_after, to be loaded into the council's database."""
    write_csv(path, CARE_COLUMNS, made.rows)
