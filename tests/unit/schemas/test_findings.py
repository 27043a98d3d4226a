"""A provider is told row numbers and reasons, in as few words as they allow, and no value."""

import itertools

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.findings import Findings, Span
from schemas.reasons import Reason

Row = tuple[int, list[str], list[str]]
SCHEMA = {"row_number": pl.Int64, "reasons": pl.List(pl.String), "columns": pl.List(pl.String)}


def quarantined(*rows: Row, page: int | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
    return frame if page is None else frame.with_columns(page=pl.lit(page))


def test_rows_that_follow_each_other_are_one_span_also_across_batches():
    findings = Findings()
    findings.add(quarantined((4, ["missing"], ["Sex"]), (5, ["missing", "missing"], ["Sex", "Sex"])))
    findings.add(quarantined((6, ["missing", "repeated"], ["Sex", "Reference"]), (9, ["missing"], ["Sex"])))
    blank, again = findings.found()

    assert (blank.reason, blank.column, blank.rows) == (Reason.MISSING, "Sex", 4)
    assert [str(span) for span in blank.spans] == ["4-6", "9"]
    assert (again.reason, again.column, again.rows, again.spans) == (Reason.REPEATED, "Reference", 1, (Span(1, 6, 6),))
    assert findings.rows == 4


def test_each_document_has_its_own_row_numbers():
    findings = Findings()
    findings.add(quarantined((1200, ["missing"], ["Sex"]), page=1))
    findings.add(quarantined((1, ["missing"], ["Sex"]), (1201, ["missing"], ["Sex"]), page=2))
    (found,) = findings.found()
    assert [str(span) for span in found.spans] == ["1200", "1 of document 2", "1201 of document 2"]


def test_nothing_at_fault_is_nothing_found():
    findings = Findings()
    findings.add(quarantined())
    assert (findings.found(), findings.rows) == ((), 0)


@given(st.sets(st.integers(1, 60)), st.integers(1, 7))
def test_spans_hold_exactly_the_rows_however_they_are_batched(numbers, size):
    findings, ordered = Findings(), sorted(numbers)
    for start in range(0, len(ordered), size):
        findings.add(quarantined(*((number, ["missing"], ["Sex"]) for number in ordered[start : start + size])))
    spans = [span for found in findings.found() for span in found.spans]
    assert [row for span in spans for row in range(span.first, span.last + 1)] == ordered
    assert all(later.first > earlier.last + 1 for earlier, later in itertools.pairwise(spans))
