"""What every extract is made of: flat rows, the truth about them, and how some rows are spoilt on the way."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from partners.population.people import Person
from partners.population.rates import dirt_rates

Value = str | int | float | bool | None
Row = dict[str, Value]
SEPARATOR = "\x1f"  # between the parts of a key


@dataclass(frozen=True)
class Extract:
    """One feed's rows for a period, who each is truly about, and which crime it truly tells of.

    ``truth`` is by the source's reference of the record, ``incidents`` by that of the event.
    """

    feed: str
    period: str
    rows: list[Row]
    truth: dict[str, Person] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Weak:
    """Where a feed's rows can be spoilt. ``codes`` and ``dates`` give a value that cannot be taken."""

    key: str
    codes: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    uprn: str | None = None
    optional: Sequence[str] = ()
    texts: Sequence[str] = ()
    integers: Sequence[str] = ()


Fault = tuple[
    float, Sequence[str], Callable[[str], Value]
]  # share of rows, columns it may fall on, what becomes of a value


def spoil(extract: Extract, weak: Weak, seed: int) -> Extract:
    """The extract with shares of its rows spoilt, as ``rates.yaml`` says.

    1. Faults that can be understood fall on any row that has the value at all, each value at most once.
    2. No row gets two faults for which it must be quarantined, so that their counts stay true.
    """
    rng = Random(f"{seed}/{extract.feed}/{extract.period}/dirt")
    rows = [dict(row) for row in extract.rows]
    _blur(rows, _understandable(extract.feed, weak), rng)  # (1)
    untouched = rng.sample(rows, len(rows))  # (2)
    rates = dirt_rates(extract.feed)
    for share, values in (
        (rates.unknown_code, weak.codes),
        (rates.impossible_date, weak.dates),
        (rates.missing_key, {weak.key: ""}),
    ):
        for _ in range(round(share * len(rows))) if values else ():
            column = rng.choice(list(values))
            untouched.pop()[column] = values[column]
    repeated = [dict(untouched.pop()) for _ in range(round(rates.repeated_row * len(rows)))]
    return replace(extract, rows=rows + repeated)


def _understandable(feed: str, weak: Weak) -> tuple[Fault, ...]:
    rates = dirt_rates(feed)
    return (
        (rates.uprn_exponent, [weak.uprn] if weak.uprn else (), lambda value: f"{int(value):.5E}"),
        (rates.float_for_integer, weak.integers, lambda value: f"{value}.0"),
        (rates.null_text, weak.optional, lambda _: "NULL"),
        (rates.trailing_blanks, weak.texts, lambda value: f"{value}  "),
    )


def _blur(rows: list[Row], faults: tuple[Fault, ...], rng: Random) -> None:
    changed: set[tuple[int, str]] = set()
    for share, columns, change in faults:
        for _ in range(round(share * len(rows))) if columns else ():
            place, column = rng.randrange(len(rows)), rng.choice(columns)
            value = rows[place][column]
            if value not in ("", None) and (place, column) not in changed:
                changed.add((place, column))
                rows[place][column] = change(str(value))


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A CSV file with a header, in UTF-8, with Unix line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, out.getvalue())


def write_text(path: Path, text: str) -> None:
    """A UTF-8 file in a folder that is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
