"""The record of processing activities: every controller, every point that the law asks for, safe in a spreadsheet."""

import csv
import io
from itertools import pairwise

import pytest

from documents.record import POINTS, record_csv, record_html
from documents.sources import Sources
from documents.words import listed
from tests.unit.documents.conftest import changed
from tests.unit.documents.reading import read

ARTICLE_30_1 = [f"Art 30(1)({letter})" for letter in "abcdefg"]
ARTICLE_30_2 = [f"Art 30(2)({letter})" for letter in "abcd"]
SECTION_61 = [f"s.61(2)({letter})" for letter in ("a", "b", "c", "d", "e", "g", "h", "i", "j", "k")]


def _rows(sources: Sources) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(record_csv(sources), newline="")))


def test_every_point_of_the_law_has_a_column(shipped: Sources) -> None:
    headings = " ".join(_rows(shipped)[0])
    asked = [*ARTICLE_30_1, *ARTICLE_30_2, *SECTION_61, "s.61(2)(f)(i)", "s.61(2)(f)(ii)"]
    assert [point for point in asked if point not in headings] == []


def test_every_cell_is_filled(shipped: Sources) -> None:
    empty = [(row["Processing activity"], name) for row in _rows(shipped) for name, value in row.items() if not value]
    assert empty == []


def test_each_controller_answers_for_its_feeds_the_linkage_and_each_release(shipped: Sources) -> None:
    agreement = shipped.agreement
    for party in agreement.parties:
        own = [row for row in _rows(shipped) if row[POINTS["controller"]] == party.controller]
        done = [row["Processing activity"] for row in own]
        feeds = [n for n, t in agreement.feeds.items() if n.startswith(f"{party.authority}.") and t.personal]
        assert [name for name in feeds if not any(f"({name})" in activity for activity in done)] == []
        assert sum(activity == "Linking records to persons" for activity in done) == 1
        assert sum(activity.startswith("Releasing") for activity in done) == len(agreement.recipients)
        assert sum(activity.startswith("Running the hub") for activity in done) == 1
        assert all(row[POINTS["contact"]] == party.contact for row in own)


def test_a_feed_for_law_enforcement_is_recorded_under_section_61() -> None:
    def change(terms):
        terms["feeds"]["yot.cases"]["conditions"] = ["dpa-2018-part3"]
        terms["feeds"]["police.recorded_crime"]["conditions"] = ["dpa-2018-part3", "uk-gdpr-6-1-e"]
        terms["feeds"]["fire.fire_setter_referrals"]["conditions"] = ["uk-gdpr-6-1-e"]

    under = {row["Processing activity"]: row["Record under"] for row in _rows(changed(change))}
    said = {name: record for activity, record in under.items() for name in [activity.rpartition("(")[2].rstrip(")")]}
    assert said["yot.cases"] == "DPA 2018 s.61(2)"
    assert said["police.recorded_crime"] == "UK GDPR Art 30(1) and DPA 2018 s.61(2)"
    assert said["fire.fire_setter_referrals"] == "UK GDPR Art 30(1)"
    assert under["Running the hub for Kingston youth offending team"] == "DPA 2018 s.61(4)"


def test_a_feed_without_personal_data_is_named_and_not_recorded(shipped: Sources) -> None:
    without = [name for name, terms in shipped.agreement.feeds.items() if not terms.personal]
    assert {"police.street_crime", "council.antisocial_behaviour"} <= set(without)
    assert not any(name in row["Processing activity"] for row in _rows(shipped) for name in without)
    titles = [shipped.feed_title(name) for name in without]
    assert f"no personal data: {listed(titles)}." in read(record_html(shipped)).text


def test_a_sole_controller_has_no_joint_controllers() -> None:
    def change(terms):
        terms["parties"][0]["role"] = "controller"

    rows = {row[POINTS["controller"]]: row[POINTS["joint_controllers"]] for row in _rows(changed(change))}
    assert rows["Commissioner of Police of the Metropolis"] == "None"
    assert "Metropolis" not in rows["London Fire Commissioner"]
    assert "London Fire Commissioner" not in rows["London Fire Commissioner"]
    assert "Kingston youth offending team" in rows["London Fire Commissioner"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_text_that_a_spreadsheet_would_compute_is_defused(start: str) -> None:
    formula = f'{start}cmd|"/c calc"!A1'
    rows = _rows(changed(lambda terms: terms["parties"][0].update({"controller": formula})))
    cells = [value for row in rows for value in row.values()]
    assert f"'{formula}" in cells
    assert not any(cell.startswith(start) for cell in cells)


def test_the_page_holds_every_cell_of_the_table(shipped: Sources) -> None:
    text = read(record_html(shipped)).text
    missing = [value for row in _rows(shipped) for value in row.values() if " ".join(value.split()) not in text]
    assert missing == []


def test_markup_is_shown_and_never_obeyed() -> None:
    page = record_html(changed(lambda terms: terms["parties"][0].update({"controller": "<script>1</script>"})))
    assert "<script" not in page
    assert "&lt;script&gt;1" in page


def test_the_page_can_be_read_aloud(shipped: Sources) -> None:
    page = read(record_html(shipped))
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {cell.get("scope") for cell in page.all("th")} == {"row", "col"}
    assert page.all("html")[0]["lang"] == "en-GB"
