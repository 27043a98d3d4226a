"""``hub validate``: try a file before it is delivered. It needs no hub: no home, no database, no key, no network."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from cli.settings import read_settings
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.feeds import Feed, load_feed
from hub.periods import Quarter
from schemas.contract import Contract
from schemas.findings import Finding
from schemas.mending import MENDING, REMARKED
from schemas.registry import contract_for
from schemas.trial import Trial, rows_of, try_rows

SPANS_SHOWN = 8  # of one finding on the screen; --json gives all
_NAMED = re.compile(r"\d{4}-Q[1-4]")
_READ = 1 << 20

FeedName = Annotated[str, typer.Argument(help="A feed such as police.recorded_crime.")]
File = Annotated[
    Path, typer.Argument(help="The file, in the feed's own format.", exists=True, dir_okay=False, readable=True)
]
Whose = Annotated[
    str | None,
    typer.Option("--quarter", help="Its quarter; else the one in the file's name, else the last that has ended."),
]


def add_to(root: typer.Typer) -> None:
    """Hang the command into the root."""
    root.command("validate")(validate)


def validate(feed: FeedName, file: File, quarter: Whose = None, as_json_: AsJson = False) -> None:
    """Try a file before it is delivered: what would be taken, what not, and how to mend it. Needs no running hub.

    Nothing of the file is kept or shown but counts and row numbers. Exit 0: every row would be taken. 1: some rows, or
    the whole file, would not. 2: wrong use.
    """
    known = load_feed(read_settings().config, feed)
    period = Quarter.parse(quarter) if quarter else supposed_quarter(file)
    attempt = _Attempt(known, contract_for(known.name), file)
    tried = try_rows(attempt.rows, attempt.contract, known, period)
    if as_json_:
        as_json(_told(known, period, tried))
    else:
        show_trial(known, period, tried)
    if not tried.sound:
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Attempt:
    """A file that is read as a feed's delivery, as often as need be."""

    feed: Feed
    contract: Contract
    file: Path

    def rows(self) -> Iterator[pl.DataFrame]:
        """Its rows as text, from the beginning."""
        with self.file.open("rb") as opened:
            yield from rows_of(self.feed, self.contract, iter(lambda: opened.read(_READ), b""))


def supposed_quarter(file: Path) -> Quarter:
    """The quarter in the file's name, as the hub's partners name their files; else the last that has ended."""
    named = _NAMED.search(file.name)
    if named is not None:
        return Quarter.parse(named.group())
    this = Quarter.containing(now().date())
    return Quarter(this.year - 1, 4) if this.number == 1 else Quarter(this.year, this.number - 1)


def _told(feed: Feed, quarter: Quarter, tried: Trial) -> dict[str, Any]:
    """The answer for a program, as docs/howto/mend-a-delivery.md describes it."""
    return {
        "feed": feed.name,
        "quarter": str(quarter),
        "sound": tried.sound,
        "refused": tried.refused,
        "rows": {
            "received": tried.received,
            "accepted": tried.accepted,
            "quarantined": tried.quarantined,
            "barred": tried.barred,
        },
        "findings": [
            {
                "reason": found.reason.value,
                "column": found.column,
                "rows": found.rows,
                "row_numbers": [[span.document, span.first, span.last] for span in found.spans],
                "what": MENDING[found.reason].what,
                "mend": MENDING[found.reason].how,
            }
            for found in tried.findings
        ],
        "drift": list(tried.drift),
        "remarks": [
            {"remark": noticed.remark.value, "column": noticed.column, "rows": noticed.rows}
            for noticed in tried.remarks
        ],
    }


def show_trial(feed: Feed, quarter: Quarter, tried: Trial) -> None:
    """The answer for a person."""
    console.print(f"{feed.title} ({feed.name}), checked as the delivery of {quarter}.", soft_wrap=True)
    if tried.received:
        barred = f", {tried.barred:,} of them because access is barred" if tried.barred else ""
        told = f"{tried.received:,} rows: {tried.accepted:,} would be taken, {tried.quarantined:,} not{barred}."
        console.print(told, soft_wrap=True)
    for drift in tried.drift:
        console.print(f"Other columns than agreed, which this feed lets pass: {drift}.", soft_wrap=True)
    if tried.findings:
        rows = [[f.rows, f.column, f.reason.value, spans_in_words(f)] for f in tried.findings]
        table("Not taken", ["rows", "column", "reason", "row numbers"], rows)
        for reason in dict.fromkeys(found.reason for found in tried.findings):
            console.print(f"{reason.value}: {MENDING[reason].what}. {MENDING[reason].how}", soft_wrap=True)
    if tried.remarks:
        rows = [[r.rows, r.column, REMARKED[r.remark].what, REMARKED[r.remark].how] for r in tried.remarks]
        table("Taken, but look at it", ["rows", "column", "what was noticed", "what to do"], rows)
    console.print(_verdict(tried), soft_wrap=True)


def _verdict(tried: Trial) -> str:
    if tried.refused is not None:
        return f"The file would be refused whole: {tried.refused.rstrip('.')}."
    if tried.sound:
        return "The file is sound."
    return "The file would be taken but for these rows, which would wait in quarantine until they are mended."


def spans_in_words(found: Finding) -> str:
    """The row numbers of a finding, the first few if they are many."""
    shown = ", ".join(map(str, found.spans[:SPANS_SHOWN]))
    more = len(found.spans) - SPANS_SHOWN
    return f"{shown} and {more:,} more places" if more > 0 else shown
