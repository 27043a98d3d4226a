"""A public release as files: CSV on the web with its metadata, and a page that shows what there is. Pure.

Source: W3C, Metadata Vocabulary for Tabular Data (CSVW), 2015; a count that is not shown is ``c``, the tables' null.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessment.needs.sheet import Sheet
from assessment.public.tables import LACKING, TABLES, Made
from assessment.safe import HIDDEN
from documents.rendering import render
from hub.periods import Quarter

PAGE, METADATA = "index.html", "csv-metadata.json"


@dataclass(frozen=True)
class Stated:
    """What every file says of the release."""

    partnership: str
    quarter: Quarter
    source: str
    smallest_count: int
    round_to: int


def files(stated: Stated, made: Sequence[Made], needs: Sequence[Sheet]) -> dict[str, bytes]:
    """All files by their names: a CSV for each table, the metadata, the page."""
    held = {f"{one.slug}.csv": one.csv() for one in made}
    held |= {f"needs-{sheet.slug}.csv": sheet.csv() for sheet in needs}
    page = render(
        "public-release.html.j2", stated=stated, made=made, needs=needs, lacking=_lacking(made), metadata=METADATA
    )
    metadata = json.dumps(_metadata(stated, made, needs), indent=1, ensure_ascii=False).encode()
    return {PAGE: page.encode(), METADATA: metadata, **dict(sorted(held.items()))}


def _lacking(made: Sequence[Made]) -> tuple[str, ...]:
    """Kinds that no feed has, and tables that are not there: their feed is missing, or columns are not granted."""
    there = {one.slug for one in made}
    return (
        (*LACKING, *(f"{table.title[0].lower()}{table.title[1:]}" for table in TABLES if table.slug not in there))
        if made
        else ()
    )


def _metadata(stated: Stated, made: Sequence[Made], needs: Sequence[Sheet]) -> Mapping[str, Any]:
    counted = [
        _table(f"{one.slug}.csv", one.title, one.says, [(name, _type(name)) for name in one.columns]) for one in made
    ]
    assessed = [
        _table(f"needs-{sheet.slug}.csv", sheet.title, sheet.note,
               [(column.title, "string" if column.kind in {"text", "count"} else "number") for column in sheet.columns])
        for sheet in needs
    ]  # fmt: skip
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}],
        "dc:title": f"Crime, fire and violence in {stated.quarter}: {stated.partnership}",
        "dc:publisher": stated.partnership,
        "dc:temporal": f"{stated.quarter.starts_on}/{stated.quarter.ends_on}",
        "tables": [*counted, *assessed],
    }


def _type(column: str) -> str:
    return "integer" if column == "count" else "string"


def _table(url: str, title: str, says: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    described = [
        {"name": "".join(c if c.isalnum() else "_" for c in name).lower(), "titles": name, "datatype": kind}
        | ({"null": HIDDEN} if kind == "integer" else {})
        for name, kind in columns
    ]
    about = {"url": url, "dc:title": title} | ({"dc:description": says} if says else {})
    return about | {"tableSchema": {"columns": described}}
