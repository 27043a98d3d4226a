"""How two records agree, as the shipped rules see it: what each authority wrote down, and at which level they stand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from hub.settings import PROJECT
from linkage.config import UNKNOWN, LinkageConfig, load_linkage
from linkage.paired.coded import code
from linkage.paired.levels import levels
from tests.unit.linkage.invented import Invented, tokenised

ONE = Invented("margaret", "okonkwo", date(1987, 3, 11), "female", "KT1 2AB", "100200", "9434765919")
ELSEWHERE = {"postcode": "SW9 8PQ", "uprn": "700"}

OTHERS = {
    "forename same": {},
    "forename swapped": {"forename": "okonkwo", "surname": "margaret"},
    "forename close": {"forename": "margret"},
    "forename part": {"forename": "margaret wilhelmina"},
    "forename nickname": {"forename": "gretchen"},
    "forename initial": {"forename": "m"},
    "forename different": {"forename": "zubin"},
    "surname household": {},
    "surname same": ELSEWHERE,
    "surname part": {"surname": "okonkwo-field"},
    "surname different": {"surname": "birch"},
    "surname unknown": {"forename": "okonkwo", "surname": "margaret"},  # a swap is counted once
    "date_of_birth same": {},
    "date_of_birth month": {"date_of_birth": date(1987, 3, 28)},
    "date_of_birth close": {"date_of_birth": date(1987, 6, 11)},  # another month
    "date_of_birth day": {"date_of_birth": date(1978, 3, 11)},
    "date_of_birth year": {"date_of_birth": date(1987, 8, 26)},
    "date_of_birth year, where day and month are swapped": {"date_of_birth": date(1987, 11, 3)},
    "date_of_birth different": {"date_of_birth": date(2004, 12, 29)},
    "date_of_birth unknown": {"date_of_birth": None},
    "address dwelling": {"surname": "birch"},
    "address postcode": {"surname": "birch", "uprn": "700"},
    "address sector": {"surname": "birch", "uprn": "700", "postcode": "KT1 2XY"},
    "address district": {"surname": "birch", "uprn": "700", "postcode": "KT1 9QZ"},
    "address different": {"surname": "birch"} | ELSEWHERE,
    "address unknown": {},  # one home and one surname are one thing, and counted as surname
    "nhs_number same": {},
    "nhs_number different": {"nhs_number": "4010232137"},
    "nhs_number unknown": {"nhs_number": None},
    "sex different": {"sex": "male"},
}


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """Of each example the level at which it stands, by the comparison that it is about."""
    config: LinkageConfig = load_linkage(PROJECT / "config")
    coded = code(tokenised([ONE, *(replace(ONE, **other) for other in OTHERS.values())]), config.columns)
    right = np.arange(1, len(OTHERS) + 1)
    told = levels(coded, np.zeros_like(right), right, config)
    place = {name: number for number, name in enumerate(config.comparisons)}
    named = {}
    for row, example in enumerate(OTHERS):
        comparison = example.split()[0]
        level = told[row, place[comparison]]
        named[example] = UNKNOWN if level < 0 else config.comparisons[comparison].names[level]
    return named


@pytest.mark.parametrize("example", OTHERS, ids=lambda it: it.replace(" ", "-"))
def test_two_records_agree_as_people_would_say(found: dict[str, str], example: str) -> None:
    assert found[example] == example.split()[1].strip(",")
