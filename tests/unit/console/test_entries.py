"""The reviewer finds entries by filters, a page at a time, and reads one whole."""

import re
from datetime import UTC, datetime

import pytest

from audit.events import Action
from console.entries import ROWS
from tests.unit.console.conftest import add, text_of


def listed(page: str) -> list[int]:
    return [
        int(number.replace(",", ""))
        for number in re.findall(r'<th scope="row" class="number"><a [^>]*>([\d,]+)<', page)
    ]


def test_entries_are_listed_newest_first_with_who_what_and_outcome(hub, reviewer):
    add(hub, feed="yot.cases", rows=1234, recipient="partnership_analysts")
    add(hub, action=Action.REFUSE_PUBLISH, release="2026-Q3-v9", justification="rule 1")
    page = reviewer.get("/entries").text

    assert listed(page) == sorted(listed(page), reverse=True)
    newest, *_ = re.findall(r"<tr>.*?</tr>", page[page.index("<tbody>") :], re.DOTALL)
    assert "refusal" in text_of(newest)
    assert "refused" in text_of(newest)
    assert "2026-Q3-v9" in text_of(newest)
    assert "1,234 rows" in page


def test_the_use_of_a_key_says_which_what_for_and_by_whom(hub, reviewer):
    add(hub, action=Action.USE_KEY, purpose=None, detail={"key": "storage/1", "service": "publish", "use": "open"})
    page = reviewer.get("/entries").text
    newest, *_ = re.findall(r"<tr>.*?</tr>", page[page.index("<tbody>") :], re.DOTALL)
    assert "storage/1, open, by publish" in text_of(newest)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"authority": "yot"}, 1),
        ({"actor": "analyst"}, 2),
        ({"verb": "refusal"}, 1),
        ({"verb": "refusal", "actor": "analyst"}, 0),
        ({"release": "2026-Q3-v9"}, 1),
        ({"delivery": "d-7"}, 1),
        ({"table": "involvement"}, 0),
        ({"recipient": "nobody", "actor": "", "verb": ""}, 0),
        ({"actor": "analyst", "since": "2026-07-01", "until": "2026-07-01"}, 1),
        ({"actor": "analyst", "until": "2026-06-30"}, 0),
    ],
    ids=str,
)
def test_a_filter_narrows_and_an_empty_field_asks_for_nothing(hub, reviewer, wanted, count):
    late_on_the_first_in_london = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
    add(hub, feed="yot.cases", delivery="d-7", at=late_on_the_first_in_london)
    add(hub, at=datetime(2026, 7, 1, 23, 0, tzinfo=UTC))
    add(hub, action=Action.REFUSE_PUBLISH, actor="engineer", release="2026-Q3-v9", justification="rule 1")
    page = reviewer.get("/entries", params=wanted).text

    assert len(listed(page)) == count
    assert ("No entry fits" in page) == (count == 0)
    for name, value in wanted.items():
        if value and name != "recipient":
            assert f'name="{name}"' in page
            assert value in page


def test_paging_shows_every_entry_once(hub, reviewer):
    for number in range(2 * ROWS + 3):
        add(hub, actor="many", rows=number)
    seen, address = [], "/entries?actor=many"
    while address:
        page = reviewer.get(address).text
        seen += listed(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older and older[1].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 2 * ROWS + 3
    assert seen == sorted(seen, reverse=True)


def test_one_entry_is_shown_whole(hub, reviewer):
    index = add(
        hub,
        feed="yot.cases",
        delivery="0b9",
        period="2026-Q3",
        release="2026-Q3-v1",
        recipient="partnership_analysts",
        table="event",
        columns=("lsoa_code", "knife"),
        rows=1234567,
        clause="pcsc-2022-s16",
        justification="for the assessment",
        agreement_hash="d" * 64,
        detail={"persons": 12345, "linked": True},
        at=datetime(2026, 7, 1, 11, 30, 5, tzinfo=UTC),
    )
    page = text_of(reviewer.get(f"/entries/{index}").text)

    said = (
        "analyst", "yot.cases", "0b9", "2026-Q3", "2026-Q3-v1", "partnership_analysts", "lsoa_code, knife", "1,234,567",
        "strategy", "pcsc-2022-s16", "for the assessment", "d" * 64, "0" * 40, "12,345", "linked yes",
        "1 Jul 2026, 12:30:05", "2026-07-01 11:30:05 UTC", "publish:table:consultation",
    )  # fmt: skip
    for part in said:
        assert part in page


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/entries/99999", 404, "There is no such entry"),
        ("/entries/9223372036854775808", 400, "The address cannot be read"),
        ("/entries/-1", 400, "The address cannot be read"),
        ("/entries/abc", 400, "The address cannot be read"),
        ("/entries?verb=nonsense", 400, "The log cannot be filtered so"),
        ("/entries?since=yesterday", 400, "it is not a day"),
        ("/entries?until=9999-12-31", 400, "it is not a day"),
        ("/entries?before=abc", 400, "The address cannot be read"),
        ("/entries?actor=a%00b", 400, "The address cannot be read"),
        ("/releases/2030-Q1-v1", 404, "There is no such release"),
        ("/nowhere", 404, "There is no such page"),
        ("/unusual?day=nonsense", 400, "The address cannot be read"),
    ],
)
def test_what_cannot_be_shown_is_said_plainly(reviewer, address, status, words):
    answer = reviewer.get(address)

    assert answer.status_code == status
    assert words in answer.text
    assert "What to do" in answer.text


def test_what_an_entry_says_is_text_and_no_markup(hub, reviewer):
    index = add(hub, actor='<script>alert(1)</script>"', justification="<b>&amp;")

    for address in (f"/entries/{index}", "/entries", "/entries?actor=%3Cscript%3E", "/", "/unusual"):
        page = reviewer.get(address).text
        assert "<script" not in page
        assert "<b>" not in page
    assert "&lt;b&gt;&amp;amp;" in reviewer.get(f"/entries/{index}").text
