"""The report to a provider on the rows of one delivery that were not taken: a page to read, and a table. No values."""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from agreement.model import Agreement
from audit.readable import FORMULA
from documents.errors import FolderRefused
from documents.rendering import render
from documents.words import authority_name
from hub.feeds import Feed
from ingest.quarantine import Waiting
from schemas.contract import Contract
from schemas.findings import Finding
from schemas.mending import MENDING

SPANS_SHOWN = 40  # of one finding on the page; rows.csv has all
HEADER = ("delivery", "reason", "what_is_wrong", "column", "document", "first_row", "last_row", "rows", "how_to_mend")
_NUMBERED: Mapping[str, str] = {
    "csv": "Row 1 is the first row below the header.",
    "xlsx": "Row 1 is the first row below the header.",
    "ndjson": "Rows are counted from 1, one object a line.",
    "json": "Rows are counted from 1, in the order of the list.",
    "xml": "Rows are counted from 1, in the order of the elements.",
    "parquet": "Rows are counted from 1, in the order of the file.",
}
_DOCUMENTS = " Where the delivery came in several documents (pages of answers), each has its own numbers."


@dataclass(frozen=True)
class QuarantineReport:
    """What is told of one delivery, under which agreement, and when."""

    waits: Waiting
    findings: tuple[Finding, ...]
    feed: Feed
    contract: Contract
    agreement: Agreement
    on: date

    @property
    def rows(self) -> int:
        """How many rows are told of; a row with two faults is told of twice."""
        return sum(finding.rows for finding in self.findings)

    def files(self) -> dict[str, bytes]:
        """The report's files by name."""
        return {"report.html": self._page().encode(), "rows.csv": self._table().encode()}

    def _page(self) -> str:
        delivery = self.waits.delivery
        party = self.agreement.party(delivery.authority)
        reasons = dict.fromkeys(finding.reason for finding in self.findings)
        return render(
            "quarantine-report.html.j2",
            waits=self.waits,
            delivery=delivery,
            feed=self.feed,
            agreement=self.agreement,
            on=self.on,
            provider=party.controller if party else authority_name(delivery.authority),
            why=_sentence(self.waits.why or "the log of the hub says why"),
            numbering=_NUMBERED[self.feed.format] + (_DOCUMENTS if self._several else ""),
            findings=[self._told(finding) for finding in self.findings],
            mendings=[(reason.value, MENDING[reason]) for reason in reasons],
        )

    @property
    def _several(self) -> bool:
        return any(span.document > 1 for finding in self.findings for span in finding.spans)

    def _told(self, finding: Finding) -> dict[str, Any]:
        mending = MENDING[finding.reason]
        return {
            "rows": finding.rows,
            "column": finding.column,
            "meaning": self._meaning(finding.column),
            "reason": finding.reason.value,
            "what": _sentence(mending.what),
            "places": ", ".join(map(str, finding.spans[:SPANS_SHOWN])),
            "more": max(0, len(finding.spans) - SPANS_SHOWN),
        }

    def _meaning(self, column: str) -> str:
        """What the contract says that a column of the source is; nothing where the fault is in several."""
        name = self.contract.source_names.get(column)
        return "" if name is None else str(self.contract.schema.columns[name].description or "")

    def _table(self) -> str:
        """The table, every cell quoted; a text that a spreadsheet would compute is preceded by an apostrophe."""
        file = io.StringIO(newline="")
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(HEADER)
        for finding in self.findings:
            mending, delivery = MENDING[finding.reason], self.waits.delivery.id
            about = (delivery, finding.reason.value, mending.what, finding.column)
            places: list[tuple[object, ...]] = [
                (span.document, span.first, span.last, span.last - span.first + 1) for span in finding.spans
            ]
            for place in places or [("", "", "", finding.rows)]:
                writer.writerow([_shown(cell) for cell in (*about, *place, mending.how)])
        return file.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files into a new folder, all or none; raises FolderRefused if there is something in its place."""
    require_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as hidden:
        draft = Path(hidden) / folder.name
        draft.mkdir()
        for name, content in files.items():
            (draft / name).write_bytes(content)
        draft.rename(folder)


def require_free(folder: Path) -> None:
    """Raise FolderRefused if there is something where the folder shall be."""
    if folder.exists() or folder.is_symlink():
        raise FolderRefused(
            "The report is not written", where=str(folder), why="there is something already", fix="Name another folder"
        )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _shown(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


__all__: Sequence[str] = ("HEADER", "QuarantineReport", "put", "require_free")
