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
        "fire.fire_setter_referrals": json.dumps([{"referralId": f"{period}/{number}"} for number in NUMBERS]),
        "probation.supervision": json.dumps([{"crn": f"{period}/{number}"} for number in NUMBERS]),
        "council.exclusions": _EXCLUSIONS + "\n".join(pupils),
        "council.marac": _MARAC + "\n".join(victims),
    }


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
