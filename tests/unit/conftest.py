"""A partners' folder with a few invented rows of each feed, small enough to count by eye, and its servers."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from partners.layout import extract_path
from partners.servers.serve import Plan, serving

QUARTERS = ("2026-Q2", "2026-Q3")
MONTHS = ("2026-04", "2026-06", "2026-07", "2026-08", "2026-09")  # none in May, as happens
NUMBERS = range(7)  # rows of every feed in every quarter or month

_EXCLUSIONS = """\
exclusion_id,upn,forename,surname,date_of_birth,gender,ethnicity,postcode,uprn,school_urn,category,reason,\
start_date,sessions,sen_provision,period
"""
_COUNCIL = {
    "council.antisocial_behaviour": ("incident_reference,incident_at,reported_at,category,incident_type,location_type,"
        "young_people,alcohol,drugs,weapon_seen,action_taken,easting,northing,ward_code,period",
        "ASB/{period}/{n},2026-07-01T22:15:00,,NUISANCE,NOISE,,,,,,,,,,{period}"),
    "council.children_in_need": ("EpisodeID,LAchildID,UPN,Forename,Surname,PersonBirthDate,GenderCurrent,Ethnicity,"
        "Postcode,UPRN,CINreferralDate,ReferralSource,PrimaryNeedCode,CINclosureDate,ReasonForClosure,"
        "AssessmentFactors,CPPstartDate,InitialCategoryOfAbuse,period",
        "{key},K{key},,Ann,Other,2011-02-03,2,WBRI,KT1 1AA,,2026-07-01,6,N1,,,3B,,,{period}"),
    "council.looked_after": ("EPISODE,CHILD,UPN,FORENAME,SURNAME,DOB,SEX,ETHNIC,HOME_POST,DECOM,RNE,LS,CIN,PLACE,DEC,"
        "REC,period", "{key},K{key},,Ann,Other,2011-02-03,2,WBRI,KT1 1AA,2026-07-01,S,V2,N1,U6,,,{period}"),
    "council.exploitation": ("referral_id,referral_date,referrer,exploitation_type,county_lines,gang_associated,"
        "missing_episodes,risk_level,panel_date,panel_outcome,child_forename,child_surname,child_date_of_birth,"
        "child_gender,child_ethnicity,child_postcode,child_uprn,support_kind,support_start_date,support_end_date,"
        "support_outcome,period",
        "EXP{key},2026-07-01,School,CCE,,,,Low,,,Ann,Other,2011-02-03,F,WBRI,KT1 1AA,,,,,,{period}"),
    "council.nrm_referrals": ("nrm_reference,referral_date,first_responder,exploitation_type,exploited_as,county_lines,"
        "reasonable_grounds,reasonable_grounds_date,conclusive_grounds,conclusive_grounds_date,forename,surname,"
        "date_of_birth,gender,ethnicity,postcode,uprn,period",
        "NRM{key},2026-07-01,LA,CRIMINAL,CHILD,,PENDING,,PENDING,,Ann,Other,2011-02-03,F,W1,KT1 1AA,,{period}"),
}  # fmt: skip
_MARAC = """\
referral_id,meeting_date,referring_agency,repeat_case,children_count,victim_forename,victim_surname,\
victim_date_of_birth,victim_gender,victim_ethnicity,victim_postcode,victim_uprn,period
"""


def _extracts(period: str) -> dict[str, str]:
    """The text of each feed's extract of a quarter."""
    crimes = ["Crime Reference,HO Code", *(f"C/{number},005/01" for number in NUMBERS)]
    pupils = [
        f"EX-{period}-{n},,Ann,Other,2011-02-03,F,WBRI,KT1 1AA,,1,SUSP,PP,2026-07-01,4,N,{period}" for n in NUMBERS
    ]
    victims = [f"MR-{period}-{n},2026-07-02,police,true,2,Ann,Other,1990-01-01,F,W1,KT1 1AA,,{period}" for n in NUMBERS]
    return {
        "police.recorded_crime": "\n".join(crimes),
        "yot.cases": f'<YOTReturn period="{period}">{"<Case/>" * len(NUMBERS)}</YOTReturn>',
        "fire.incidents": "\n".join(["IncidentNumber,DateOfCall", *(f"{number},01 Jul 2026" for number in NUMBERS)]),
        "fire.fire_setter_referrals": json.dumps([{"referralId": f"{period}/{number}"} for number in NUMBERS]),
        "probation.supervision": json.dumps([{"crn": f"{period}/{number}"} for number in NUMBERS]),
        "council.exclusions": _EXCLUSIONS + "\n".join(pupils),
        "council.marac": _MARAC + "\n".join(victims),
        **{feed: _council(feed, period) for feed in _COUNCIL},
        "council.children_in_need_census": f"<Message><Children>{'<Child/>' * len(NUMBERS)}</Children></Message>",
    }


def _council(feed: str, period: str) -> str:
    """A table of the council's: its header and a row for each number, with keys that no other quarter has."""
    header, row = _COUNCIL[feed]
    keyed = ((n, 100 * (QUARTERS.index(period) + 1) + n) for n in NUMBERS)
    return "\n".join([header, *(row.format(period=period, n=n, key=key) for n, key in keyed)])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def tiny_partners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A partners' folder with extracts of two quarters, none of them from the hospital."""
    folder = tmp_path_factory.mktemp("partners")
    for period in QUARTERS:
        for feed, text in _extracts(period).items():
            _write(extract_path(folder, feed, period), text)
    for month in MONTHS:
        crimes = [{"id": number, "month": month, "persistent_id": ""} for number in NUMBERS]
        _write(extract_path(folder, "police.street_crime", month), json.dumps(crimes))
    return folder


@pytest.fixture(scope="session")
def serve_in_thread() -> Callable[[Plan], AbstractContextManager[None]]:
    """Run a plan's servers in a thread of this process, as long as the block lasts."""
    return _serve_in_thread


@contextmanager
def _serve_in_thread(plan: Plan) -> Iterator[None]:
    began, end = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    async def serve() -> None:
        async with serving(plan, lambda _: None):
            began.set()
            await asyncio.to_thread(end.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001  # raised again in the test
            problems.append(error)
            began.set()

    thread = threading.Thread(target=run)
    thread.start()
    began.wait(60)
    try:
        if not problems:
            yield
    finally:
        end.set()
        thread.join(30)
    if problems:
        raise problems[0]
