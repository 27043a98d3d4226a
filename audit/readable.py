"""Entries as rows of a table, for people who read the log in a spreadsheet or a notebook. They prove nothing."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

from audit.events import Entry
from audit.query import ROWS_AT_ONCE, Kept

_SAID = tuple(part.name for part in fields(Entry) if part.name != "at")
NAMES = ("index", "at", *_SAID)
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")  # what makes a spreadsheet compute a cell instead of showing it


def write_csv(path: Path, kept: Iterable[Kept]) -> int:
    """Write entries as CSV in UTF-8, every cell quoted; returns how many.

    Whoever can choose a text that is logged could have a reviewer's spreadsheet run it as a formula. A text that
    begins as one does is therefore preceded by an apostrophe, which a spreadsheet does not show.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(NAMES)
        for entry in kept:
            writer.writerow(map(_cell, _row(entry).values()))
            count += 1
    return count


def write_parquet(path: Path, kept: Iterable[Kept]) -> int:
    """Write entries as Parquet; returns how many. ``detail`` is JSON, since each action has its own."""
    import pyarrow as pa  # noqa: PLC0415  # takes longer to import than most commands to run
    from pyarrow import parquet  # noqa: PLC0415

    types: dict[str, Any] = dict.fromkeys(NAMES, pa.string())
    types |= {
        "index": pa.int64(),
        "at": pa.timestamp("us", "UTC"),
        "rows": pa.int64(),
        "columns": pa.list_(pa.string()),
    }
    schema, count = pa.schema(list(types.items())), 0
    with parquet.ParquetWriter(path, schema) as writer:
        for part in _parts(kept):
            rows = [_row(entry) | {"at": entry.at} for entry in part]
            writer.write_table(pa.Table.from_pylist(rows, schema))
            count += len(part)
    return count


def _row(entry: Kept) -> dict[str, Any]:
    said = entry.said
    detail = said.get("detail")
    told = {name: said.get(name) for name in _SAID}
    return {"index": entry.index, "at": said.get("at")} | told | {"detail": detail and json.dumps(detail)}


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _parts(kept: Iterable[Kept]) -> Iterator[Sequence[Kept]]:
    entries = iter(kept)
    while part := list(islice(entries, ROWS_AT_ONCE)):
        yield part
