"""Contracts drawn as tables: what a source sends on the left of ``=>``, what becomes of it on the right.

Only the columns that matter are drawn; all others have a sound value. On the right stands the
verdict (``taken``, or each reason with its column), and any of the hub's columns of a taken row.
"""

from collections.abc import Mapping
from textwrap import dedent

import polars as pl

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.validation import Validated, validate

QUARTER = Quarter(2026, 3)


def check(contract: Contract, sound: Mapping[str, str], table: str, quarter: Quarter = QUARTER) -> Validated:
    """Hold a drawn table against the contract; fails showing both tables where they differ."""
    head, *lines = [_cells(line) for line in dedent(table).strip().splitlines()]
    given, expected = head[: head.index("=>")], head[head.index("=>") + 1 :]
    rows = [
        {**sound, **_distinct(contract, sound, number), **dict(zip(given, line, strict=False))}
        for number, line in enumerate(lines, 1)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(contract.source_names, pl.String)).with_row_index("row_number", 1)
    checked = validate(frame, contract, quarter)
    drawn = [
        head,
        *(
            [*line[: len(given)], "=>", *cells]
            for line, cells in zip(lines, _outcome(checked, frame, expected), strict=True)
        ),
    ]
    said, found = _text([head, *lines]), _text(drawn)
    assert said == found, f"the contract is drawn as\n{said}\nbut does\n{found}"
    return checked


def _cells(line: str) -> list[str]:
    left, right = line.split("=>")
    return [*(cell.strip() for cell in left.split("|")), "=>", *(cell.strip() for cell in right.split("|"))]


def _distinct(contract: Contract, sound: Mapping[str, str], number: int) -> dict[str, str]:
    """A key of its own for each row, unless the table draws one or the source has none."""
    name = contract.source_name(contract.row_key[0])
    return {} if name not in contract.source_names else {name: sound[name][: -len(str(number))] + str(number)}


def _outcome(checked: Validated, frame: pl.DataFrame, expected: list[str]) -> list[list[str]]:
    refused = {
        row["row_number"]: ", ".join(
            f"{reason}: {column}" for reason, column in zip(row["reasons"], row["columns"], strict=True)
        )
        for row in checked.quarantined.iter_rows(named=True)
    }
    taken = checked.valid.iter_rows(named=True)
    return [
        [refused[number], *("" for _ in expected[1:])]
        if number in refused
        else ["taken", *_shown(next(taken), expected[1:])]
        for number in frame["row_number"]
    ]


def _shown(row: Mapping[str, object], columns: list[str]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in columns]


def _text(table: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    return "\n".join(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table)
