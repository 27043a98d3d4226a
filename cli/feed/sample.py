"""What a sample tells of a new feed: names of columns, and how each may be read. No value of it is kept."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from hub.errors import ConfigurationError

ROWS = 10_000  # that are looked at
FEW = 20  # distinct values or fewer may be codes
_NAME = re.compile(r"[A-Za-z_£][\w .()/£-]{0,59}")
_VALUE = re.compile(
    r"[\d./: -]+|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[^@\s]+@[^@\s]+", re.IGNORECASE
)  # number, date, postcode
_WHOLE, _NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,17})(\.0*)?"), re.compile(r"[+-]?\d{1,18}\.\d+")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d")
_TIMES = ("%H:%M:%S", "%H:%M")
_INSTANTS = tuple(f"{day}{between}{time}" for day in _DAYS[:4] for between in " T" for time in _TIMES)
_BLANK = frozenset({"", "NULL", "null"})
_PERSONAL = (
    ("forename", ("forename", "firstname", "givenname")),
    ("surname", ("surname", "lastname", "familyname")),
    ("date_of_birth", ("dateofbirth", "dob", "birthdate", "persondob")),
    ("nhs_number", ("nhsnumber", "nhsno")),
    ("pnc_id", ("pncid", "pnc", "pncnumber")),
    ("postcode", ("postcode",)),
    ("home_uprn", ("uprn",)),
)


@dataclass(frozen=True)
class Guess:
    """One column as the sample suggests it: ``reading`` as Python writes it, ``identifier`` by its name alone."""

    source: str
    reading: str
    identifier: str | None = None
    blank: bool = True  # it is blank in some row
    unique: bool = False  # it is another in each row
    few: int | None = None  # how many distinct values it has, if they are few

    @property
    def is_day(self) -> bool:
        """Whether it may say when something was."""
        return self.reading.startswith("day(") and self.identifier is None


def look(file: Path, format_: str, delimiter: str = ",") -> list[Guess]:
    """Guess how each column is read. Raises ConfigurationError, with no value, if there are no names to be found.

    1. Names are told from values: a file without a header would bring its first row into the code.
    2. Of a column only the kind of its values is told, never one of them.
    """
    try:
        names, rows = _table(file, format_, delimiter)
    except (ValueError, UnicodeError, csv.Error, RecursionError):
        raise _refused(file, f"it cannot be read as {format_}") from None
    columns = {name: [row[place] if place < len(row) else "" for row in rows] for place, name in enumerate(names)}
    suspect = len(columns) != len(names) or any(_is_value(name, found) for name, found in columns.items())
    if not names or suspect:  # (1)
        raise _refused(file, "its first row does not look like the names of columns")
    return [_guess(name, found) for name, found in columns.items()]


def _table(file: Path, format_: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    if format_ == "csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened, delimiter=delimiter)
            return next(lines, []), list(islice(lines, ROWS))
    if format_ not in {"json", "ndjson"}:
        raise _refused(file, f"a sample is csv, json or ndjson, not {format_}")
    rows = [dict(_leaves(row, "")) for row in islice(_objects(file, format_), ROWS)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return names, [[row.get(name, "") for name in names] for row in rows]


def _objects(file: Path, format_: str) -> Iterator[object]:
    text = file.read_text(encoding="utf-8-sig")
    if format_ == "ndjson":
        return (json.loads(line, parse_float=str, parse_int=str) for line in io.StringIO(text) if line.strip())
    found = json.loads(text, parse_float=str, parse_int=str)
    if isinstance(found, dict):
        found = next((inner for inner in found.values() if isinstance(inner, list)), [])
    return iter(found)


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _is_value(name: str, found: Sequence[str]) -> bool:
    return not _NAME.fullmatch(name) or bool(_VALUE.fullmatch(name)) or name in found


def _guess(name: str, found: Sequence[str]) -> Guess:
    held = [value.strip() for value in found if value.strip() not in _BLANK]
    distinct = set(held)
    plain = re.sub(r"[^a-z]", "", name.rpartition(".")[2].lower())
    identifier = next((kind for kind, names in _PERSONAL if plain.endswith(names)), None)
    few = len(distinct) if 0 < len(distinct) <= min(FEW, len(held) // 3) else None
    reading = _reading(held, distinct)
    return Guess(
        source=name,
        reading=reading,
        identifier=identifier,
        blank=len(held) < len(found) or not held,
        unique=len(distinct) == len(found) > 1,
        few=few if reading == "text()" else None,
    )


def _reading(held: Sequence[str], distinct: set[str]) -> str:
    """The reading that all values have, told by their form (2)."""
    if not held:
        return "text()"
    for reading, words in (('flag("Y", "N")', {"Y", "N"}), ("truth()", {"true", "false"})):
        if distinct <= words:
            return reading
    for forms, reading in ((_DAYS, "day"), (_INSTANTS, "local_instant"), (_TIMES, "time_of_day")):
        for form in forms:
            if all(_fits(value, form) for value in distinct):
                return f'{reading}("{form}")'
    if all(_is_instant(value) for value in distinct):
        return "instant()"
    if all(_WHOLE.fullmatch(value) for value in distinct):
        return "whole_number()"
    numbers = all(_WHOLE.fullmatch(value) or _NUMBER.fullmatch(value) for value in distinct)
    return "number()" if numbers else "text()"


def _fits(value: str, form: str) -> bool:
    try:
        return datetime.strptime(value, form).strftime(form) == value  # noqa: DTZ007  # only its form is asked
    except ValueError:
        return False


def _is_instant(value: str) -> bool:
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _refused(file: Path, why: str) -> ConfigurationError:
    fix = "Give a sample with a header of plain names, or leave --from-sample out and write the columns yourself"
    return ConfigurationError("The sample is not used", where=str(file), why=why, fix=fix)
