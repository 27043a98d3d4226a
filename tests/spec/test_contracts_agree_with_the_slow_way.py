"""The hub's quick way and a slow, obvious one say the same of every row: its values, and each reason."""

import random
from collections.abc import Mapping
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import verdict

from documents.feed_pages.example import QUARTER, example
from schemas import distinct
from schemas.contract import Contract
from schemas.health import HEALTH_CLEAR
from schemas.reader import Reader
from schemas.registry import CONTRACTS
from tests.cases import cases

ROWS = 400  # of each contract
BY_NAME = {**CONTRACTS, "health.emergency_care (in clear)": HEALTH_CLEAR}
ODD = (
    "", " ", "NULL", "null", " NULL", "nan", "NaN", "inf", "-1", "0", "1e400", "1e5", "1.00021E+11", "9" * 40, "123.0",
    ".5", "-.5", "5.", "1.5", "+7", "true", "Y", "y", "00/00/0000", "31/02/2026", "1/8/2026", "01/08/2026",
    " 01/08/2026 ", "01/08/26", "01/ 8/2026", "29/03/2026 01:30", "25/10/2026 01:30", "01/08/2026 22:15",
    "01/08/2026 24:00", "2026-08-01", "2026-8-1", "2026-02-30", "9999-12-31", "0001-01-01", "1899-12-31",
    "2026-08-01T22:15:00", "2026-08-01T22:15:00Z", "2026-13", "2026-08", "24:00:00", "23:59:60", "7:05:09",
    "01 Aug 2026", "1 aug 2026", 'a,b"c', "\x00", "\x1f", "\t", "a\tb", "\u00a0KT1 1EU\u2003", "é", "e\u0301",
    "\u202e", "🔥", "=1+1", "E01002915", "E05000404", "\u0661\u0662", "A" * 2000,
)  # fmt: skip
values = st.one_of(st.none(), st.sampled_from(ODD), st.text(max_size=12))


@cache
def sound_row(name: str) -> dict[str, str]:
    """A made-up row that its contract takes."""
    return example(BY_NAME[name])


def compared(rows: list[Mapping[str, str | None]], contract: Contract) -> None:
    """Read rows both ways; fails showing the first that they do not agree on."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(contract.source_names, pl.String), strict=False)
    batch = Reader(contract, QUARTER, None).read(frame)
    found: list[set[tuple[str, str]]] = [set() for _ in rows]
    for row, column, reason in batch.faults.iter_rows():
        found[row].add((reason, column))
    read = batch.rows.rows(named=True)
    placed = {"lsoa_code", "ward_code", "ward_vintage"}  # by schemas.areas, which has a slow way of its own
    for number, row in enumerate(rows):
        own, faults = verdict(row, contract, QUARTER)
        assert found[number] == faults, row
        assert batch.sound[number] == (not faults)
        if not faults:  # of a row that is not taken, values do not matter: few libraries agree on summer time in 2526
            taken = {name: read[number][name] for name in own if name not in placed}
            assert taken == {name: value for name, value in own.items() if name not in placed}, row


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=cases(60), deadline=None)
@given(data=st.data())
def test_of_spoilt_rows_both_say_the_same(name: str, data: st.DataObject) -> None:
    contract = BY_NAME[name]
    sound, names = sound_row(name), st.sampled_from(list(contract.source_names))
    spoilt = data.draw(st.lists(st.dictionaries(names, values, max_size=4), min_size=1, max_size=4))
    compared([sound | row for row in spoilt], contract)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("few", [True, False], ids=["distinct values learnt", "columns of many values"])
def test_of_mutated_rows_both_say_the_same(name: str, few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "ENOUGH_ROWS", 1 << 14 if few else 1)
    monkeypatch.setattr(distinct, "MOST", 1 << 16 if few else 0)
    contract, chance = BY_NAME[name], random.Random(name)
    sound, rows = sound_row(name), []
    for _ in range(cases(ROWS)):
        row = dict(sound)
        for column in chance.sample(list(row), k=min(len(row), chance.choice([0, 1, 1, 2, 5]))):
            row[column] = mutated(row[column], chance)
        rows.append(row)
    compared(rows, contract)


def mutated(text: str, chance: random.Random) -> str:
    """A text with a letter more, less or another; or another text altogether."""
    place, letter = chance.randrange(len(text) + 1), chance.choice("0123456789 /-:.eAZ\t\u00a0é")
    return chance.choice(
        [text[:place] + letter + text[place:], text[:place] + text[place + 1 :], chance.choice(ODD),
         text[:place] + letter + text[place + 1 :], text + " ", f" {text}"]
    )  # fmt: skip
