"""The pages of the feeds say what the contracts, the feeds' files and the agreement say, and are up to date."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from agreement.policy import read_agreement
from documents.feed_pages.example import QUARTER, example, refusals
from documents.feed_pages.markdown import cell
from documents.feed_pages.page import page
from documents.feed_pages.write import differing, pages, write
from documents.sources import Sources
from hub.feeds import load_feeds
from hub.settings import PROJECT
from schemas.codes import CodeList
from schemas.mending import MENDING, REMARKED
from schemas.quarantine import REASONS
from schemas.reasons import Reason, Remark
from schemas.registry import CONTRACTS
from schemas.validation import validate
from tests.cases import takes_long
from tests.unit.documents.conftest import changed
from tests.warm import hub as run

FEEDS = sorted(CONTRACTS)
AGREEMENT = PROJECT / "config" / "agreement.yaml"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages(read_agreement(AGREEMENT), load_feeds(PROJECT / "config"))


@pytest.fixture(scope="module")
def examples() -> dict[str, dict[str, str]]:
    return {feed: example(contract) for feed, contract in CONTRACTS.items()}


def rows_of(text: str, title: str) -> Iterator[list[str]]:
    """The cells of the first table under a heading, without its head."""
    table = text.split(f"## {title}\n\n", 1)[1].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return ([part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table)


def test_the_pages_that_are_kept_are_up_to_date(made: dict[str, str]) -> None:
    assert differing(PROJECT / "docs", made) == [], "run: hub feed pages"


@pytest.mark.parametrize("feed", FEEDS)
def test_every_column_stands_with_its_two_names_meaning_and_treatment(made: dict[str, str], feed: str) -> None:
    contract, terms = CONTRACTS[feed], read_agreement(AGREEMENT).feeds[feed]
    stated = {row[0].strip("`"): row for row in rows_of(made[f"feeds/{feed}.md"], "Columns")}
    assert {theirs: row[1].strip("`") for theirs, row in stated.items()} == dict(contract.source_names)
    for theirs, ours in contract.source_names.items():
        _, _, written, needed, meaning, kind, treatment = stated[theirs]
        assert written
        assert needed.startswith("**yes**") == (
            not contract.schema.columns[ours].nullable
            and contract.readings[ours].blank is None
            and theirs not in contract.optional
        )
        assert cell(str(contract.schema.columns[ours].description).rstrip(".")) in meaning
        assert kind.replace(" ", "-") == str(terms.fields[ours].classification)
        assert treatment


@pytest.mark.parametrize("feed", FEEDS)
def test_every_code_stands_with_its_word_and_its_lists_source(made: dict[str, str], feed: str) -> None:
    contract, text = CONTRACTS[feed], made[f"feeds/{feed}.md"]
    for name, reading in contract.readings.items():
        if reading.codes is None or str(contract.schema.columns[name].dtype) == "Boolean":
            continue
        part = text.split(f'<a id="codes-of-{name}"></a>\n', 1)[1].split("\n<a id=", 1)[0].split("\n## ")[0]
        if isinstance(reading.codes, CodeList):
            assert reading.codes.source in part
            assert reading.codes.version in part
            assert ("*Unverified*" in part) != reading.codes.verified
        for code, word in list(reading.codes.items())[:80] if len(reading.codes) <= 80 else ():
            assert f"| {cell(f'`{code}`')} | {cell(word)} |" in part


@pytest.mark.parametrize("feed", FEEDS)
def test_every_rule_is_said_in_words_of_its_own(made: dict[str, str], feed: str) -> None:
    contract, text = CONTRACTS[feed], made[f"feeds/{feed}.md"]
    for check in contract.schema.checks:
        assert check.description, f"the rule on {check.title} has no docstring"
        assert " ".join(str(check.description).split()).rstrip(".") in text
    for name in contract.refers_to:
        assert f"`{contract.source_name(name)}` is the `" in text


@pytest.mark.parametrize("feed", FEEDS)
def test_the_example_would_be_taken(examples: dict[str, dict[str, str]], feed: str) -> None:
    contract, row = CONTRACTS[feed], examples[feed]
    assert list(row) == list(contract.source_names)
    assert refusals(contract, row) == []
    filled = [name for name, value in row.items() if value]
    assert len(filled) >= len(row) / 2  # it shows how most columns are written


def test_a_row_that_is_refused_is_noticed() -> None:
    row = example(CONTRACTS["council.exclusions"])
    assert refusals(CONTRACTS["council.exclusions"], row | {"reason": "XX"}) == ["reason"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_bad_row_is_quarantined_only_for_a_reason_that_the_page_explains(
    made: dict[str, str], examples: dict[str, dict[str, str]], feed: str
) -> None:
    contract, row = CONTRACTS[feed], examples[feed]
    spoilt = [row | {name: odd} for name in row for odd in ("", "\x01", "31/02/2026", "9" * 15, "2031-01-01", "?")]
    frame = pl.DataFrame([row, *spoilt], schema=dict.fromkeys(row, pl.String)).with_row_index("row_number", 1)
    quarantined = validate(frame, contract, QUARTER).quarantined
    happened = {reason for reasons in quarantined[REASONS].to_list() for reason in reasons}
    title = "Why a row is quarantined, and how to mend it"
    explained = {cells[0].strip("`") for cells in rows_of(made[f"feeds/{feed}.md"], title)}
    assert happened <= explained


def test_every_reason_and_remark_has_words_and_a_way_to_mend_it() -> None:
    assert set(MENDING) == set(Reason)
    assert set(REMARKED) == set(Remark)
    for words in (*MENDING.values(), *REMARKED.values()):
        assert words.how.endswith(".")
        assert words.how.count(". ") == 0  # one sentence


def test_a_place_that_must_be_near_is_told_as_a_rule_and_as_a_reason(shipped: Sources) -> None:
    name = "council.antisocial_behaviour"
    contract = shipped.contracts[name]
    assert contract.place is not None
    strict = replace(contract, place=replace(contract.place, must_be_near=True))
    text = page(replace(shipped, contracts={**shipped.contracts, name: strict}), name)
    assert "A place that is given (`easting`) lies in or near the borough." in text
    assert "| `outside_area` |" in text
    assert "`unknown_area`" not in text
    assert "`unknown_area`" in page(shipped, name)


def test_a_feed_that_is_not_agreed_is_said_to_be_refused(shipped: Sources) -> None:
    without = changed(lambda terms: terms["feeds"].pop("yot.cases"))
    text = page(without, "yot.cases")
    assert "nothing of it flows" in text
    assert "not agreed: refused" in text
    assert "nothing of it flows" not in page(shipped, "yot.cases")


def test_what_a_page_says_cannot_break_its_tables(shipped: Sources) -> None:
    feed = shipped.feeds["yot.cases"].model_copy(update={"owner": "A | B <b>\nC `x|y`"})
    text = page(replace(shipped, feeds={**shipped.feeds, "yot.cases": feed}), "yot.cases")
    assert "| Whom to ask | A \\| B &lt;b> C `x\\|y` |\n" in text


def test_writing_changes_what_differs_and_removes_what_no_feed_has(tmp_path: Path, made: dict[str, str]) -> None:
    assert write(tmp_path, made) == sorted(made)
    assert write(tmp_path, made) == []
    (tmp_path / "feeds" / "council.gone.md").write_text("old")
    (tmp_path / "feeds" / "README.md").write_text("changed by hand")
    (tmp_path / "glossary.md").write_text("kept")
    assert write(tmp_path, made) == ["feeds/README.md", "feeds/council.gone.md"]
    assert differing(tmp_path, made) == []
    assert (tmp_path / "glossary.md").read_text() == "kept"


@takes_long
def test_the_command_writes_the_pages_and_then_finds_them_up_to_date(tmp_path: Path) -> None:
    def hub(*more: str) -> subprocess.CompletedProcess[str]:
        return run(["feed", "pages", str(docs), *more], os.environ | {"HUB_HOME": str(tmp_path / "home")})

    docs = tmp_path / "docs"
    assert hub("--check").returncode == 1
    assert not docs.exists()
    assert hub().returncode == 0
    assert (docs / "feeds" / "council.marac.md").is_file()
    assert not (tmp_path / "home").exists()
    again = hub("--check")
    assert (again.returncode, again.stderr) == (0, "")
    assert "0 out of date" in again.stdout
