"""The report that a provider is handed: to be read by a person, sorted in a spreadsheet, and to hold no value."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agreement.policy import read_agreement
from documents.errors import FolderRefused
from documents.quarantine_report import HEADER, SPANS_SHOWN, QuarantineReport, put
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import PROJECT
from ingest.quarantine import Waiting
from schemas.findings import Finding, Span
from schemas.reasons import Reason
from schemas.registry import contract_for
from store.deliveries import Delivery, State

FEED = "police.recorded_crime"
TAKEN = Delivery(
    id=f"{FEED}_2026-Q3_001",
    feed=FEED,
    authority="police",
    period=Quarter(2026, 3),
    state=State.ADMITTED,
    received_at=datetime(2026, 10, 20, 6, tzinfo=UTC),
    closed_at=datetime(2026, 10, 20, 6, tzinfo=UTC),
    pages=1,
    bytes=4096,
    sha256="ab" * 32,
    rows_received=1000,
    rows_accepted=958,
    rows_quarantined=42,
    data_key_id="delivery/1",
    cursor=None,
    receipt=None,
    previous_id=None,
)
WRONG_CODE = Finding(Reason.UNKNOWN_CODE, "Sex", 5, (Span(1, 3, 5), Span(1, 9, 10)))
REPEATED = Finding(Reason.REPEATED, "Crime Reference + Person Number", 2, (Span(1, 3, 3), Span(1, 40, 40)))


def report(delivery: Delivery = TAKEN, *found: Finding, why: str | None = None) -> QuarantineReport:
    waits = Waiting(delivery, (), why, date(2027, 1, 18))
    agreement = read_agreement(PROJECT / "config" / "agreement.yaml")
    feed = load_feed(PROJECT / "config", FEED)
    return QuarantineReport(waits, found, feed, contract_for(FEED), agreement, date(2026, 10, 21))


def page(made: QuarantineReport) -> str:
    return " ".join(made.files()["report.html"].decode().split())


def rows(made: QuarantineReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.files()["rows.csv"].decode(), newline="")))


def test_it_says_to_whom_of_what_how_many_where_and_how_to_mend():
    told = page(report(TAKEN, WRONG_CODE, REPEATED))
    for words in (
        "For Commissioner of Police of the Metropolis",
        "958 of 1,000 rows were taken",
        "42 rows wait sealed in quarantine until 18 January 2027, and then are erased",
        "The code is not in the column&#39;s list",
        "3-5, 9-10",
        "Row 1 is the first row below the header",
        "Use a code of the list on the feed&#39;s page",
        "hub validate police.recorded_crime FILE --quarter 2026-Q3",
        "never by plain e-mail",
    ):
        assert words in told
    assert "<script" not in told
    assert "http" not in told  # self-contained: nothing is fetched


def test_the_table_has_each_run_of_rows():
    told = rows(report(TAKEN, WRONG_CODE, REPEATED))
    assert tuple(told[0]) == HEADER
    assert [(row["reason"], row["first_row"], row["last_row"], row["rows"]) for row in told] == [
        ("unknown_code", "3", "5", "3"),
        ("unknown_code", "9", "10", "2"),
        ("repeated", "3", "3", "1"),
        ("repeated", "40", "40", "1"),
    ]
    assert all(row["how_to_mend"] and row["delivery"] == TAKEN.id for row in told)


def test_many_places_are_all_in_the_table_and_the_first_on_the_page():
    many = Finding(Reason.MISSING, "Sex", 100, tuple(Span(1, 2 * n, 2 * n) for n in range(1, 101)))
    made = report(TAKEN, many)
    assert f"and {100 - SPANS_SHOWN} more places, all in rows.csv" in page(made)
    assert len(rows(made)) == 100


def test_a_delivery_refused_whole_says_why_and_asks_for_all_of_it():
    refused = replace(TAKEN, state=State.REFUSED, rows_accepted=0, rows_quarantined=1000)
    told = page(report(refused, WRONG_CODE, why="500 of 1000 rows break the contract, above the 10% allowed"))
    assert "The delivery was refused whole.</strong> 500 of 1000 rows break the contract" in told
    assert "deliver <strong>all of it</strong> again" in told
    assert "were taken" not in told


def test_of_a_file_that_could_not_be_read_the_reason_is_all_there_is():
    refused = replace(TAKEN, state=State.REFUSED, rows_received=None, rows_accepted=None, rows_quarantined=None)
    made = report(refused, why="A page is not a CSV table: it is not UTF-8 text")
    assert "A page is not a CSV table: it is not UTF-8 text." in page(made)
    assert "What is wrong, and where" not in page(made)
    assert rows(made) == []


def test_rows_whose_numbers_are_gone_are_counted_still():
    made = report(TAKEN, Finding(Reason.MISSING, "Sex", 7, ()))
    assert "no longer known" in page(made)
    assert [(row["first_row"], row["rows"]) for row in rows(made)] == [("", "7")]


@pytest.mark.parametrize("column", ["=cmd|'/c calc'!A1", "<b>bold</b>"])
def test_a_columns_name_is_shown_and_never_run(column):
    made = report(TAKEN, Finding(Reason.MISSING, column, 1, (Span(1, 1, 1),)))
    assert column not in page(made)
    assert rows(made)[0]["column"] == (f"'{column}" if column.startswith("=") else column)


def test_nothing_is_written_over(tmp_path: Path):
    put(tmp_path / "new" / "report", {"report.html": b"one"})
    assert (tmp_path / "new" / "report" / "report.html").read_bytes() == b"one"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report"]
    with pytest.raises(FolderRefused, match="Name another folder"):
        put(tmp_path / "new" / "report", {"report.html": b"two"})
