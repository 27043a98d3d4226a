"""What a contract says of one row, in plain Python, a value at a time: slow, and obvious.

The hub's own way looks at whole columns at once, at distinct values, at digits by their places. This one knows nothing
of that: it goes by what the contract states of a column (its reading, its checks, whether it may be blank). Rules
across columns are polars expressions in the contract itself; they are asked of each row alone.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.readings import Reading

LONDON = ZoneInfo("Europe/London")
# White space as Unicode has it; Python's own strip() takes some control characters besides.
SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
FORMULA = re.compile(r"[=\uff1d]|[+\-@](.*[|!]|\S.*\()")  # what a spreadsheet would run
MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
CHECKED = {
    "isin": "unknown_code", "str_matches": "wrong_form", "in_range": "out_of_range",
    "greater_than_or_equal_to": "out_of_range", "less_than_or_equal_to": "out_of_range",
}  # fmt: skip
Row = Mapping[str, str | None]


def verdict(row: Row, contract: Contract, quarter: Quarter) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """The typed values that the row itself has, by our names, and its faults as (reason, the source's name)."""
    values: dict[str, Any] = {}
    faults: set[tuple[str, str]] = set()
    for source, name in contract.source_names.items():
        text = clean(row.get(source))
        values[name] = value_of(text, contract.readings[name], quarter)
        faults |= {(reason, source) for reason in wrong(name, text, values[name], contract, quarter)}
    if contract.telling and all(values[name] is None for name in contract.telling):
        faults.add(("no_identifiers", "(identifiers)"))
    return values, faults | broken_rules(values, contract)


def clean(text: str | None) -> str | None:
    trimmed = (text or "").strip(SPACES)
    return None if trimmed in ("", "NULL", "null") else trimmed


def value_of(text: str | None, reading: Reading, quarter: Quarter) -> Any:
    if text is None:
        return reading.blank
    if reading.codes is not None:
        word = reading.codes.get(text)
        return {"yes": True, "no": False}.get(word or "") if reading.dtype == pl.Boolean else word
    if reading.dtype == pl.String:
        return _uprn(text) if reading.fallible else text
    value = _read(text, reading)
    if reading.lenient and isinstance(value, date) and not date(1900, 1, 1) <= value <= last_day(quarter):
        return None
    return value


def last_day(quarter: Quarter) -> date:
    """A delivery is made within a month of the quarter's end."""
    return quarter.ends_on + timedelta(days=31)


def _uprn(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{1,12})(\.0*)?", text)
    return found[1] if found else None


def _read(text: str, reading: Reading) -> Any:
    if reading.dtype == pl.Int64:
        whole = re.fullmatch(r"([+-]?\d{1,18})(\.0*)?", text)
        return int(whole[1]) if whole and whole[1].isascii() else None
    if reading.dtype == pl.Float64:
        formed = re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?", text)
        return float(text) if formed else None
    if reading.form == "%+":
        formed = re.fullmatch(r"[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", text)
        return _tried(lambda: datetime.fromisoformat(text).astimezone(UTC)) if formed else None
    return _tried(lambda: _moment(text, reading))


def _tried(read: Any) -> Any:
    try:
        return read()
    except (ValueError, OverflowError):
        return None


def _moment(text: str, reading: Reading) -> date | time | datetime | None:
    """A date, a time or an instant by its form; a day or month may lack its zero, a year need not have four digits."""
    parts = {"Y": "[0-9]{1,4}", "b": "[A-Za-z]{3}"}
    pattern = re.sub("%(.)", lambda part: f"(?P<{part[1]}>{parts.get(part[1], '[0-9]{1,2}')})", str(reading.form))
    found = re.fullmatch(pattern, text)
    if not found:
        return None
    part = found.groupdict()
    if "b" in part:
        part["m"] = str(MONTHS.index(part["b"].lower()) // 3 + 1)
    clock = time(*(int(part.get(name) or 0) for name in "HMS"))
    if reading.dtype == pl.Time:
        return clock
    day = date(int(part["Y"]), int(part["m"]), int(part.get("d") or 1))
    return day if reading.dtype == pl.Date else _in_utc(datetime.combine(day, clock))


def _in_utc(local: datetime) -> datetime | None:
    """The first instant with this London time; none in the hour that the clocks skip."""
    instant = local.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    return instant if instant.astimezone(LONDON).replace(tzinfo=None) == local else None


def wrong(name: str, text: str | None, value: Any, contract: Contract, quarter: Quarter) -> Iterator[str]:
    """The reasons for which a value is at fault by itself."""
    reading, stated = contract.readings[name], contract.schema.columns[name]
    if value is None:
        if text is not None and reading.fallible and not reading.lenient:
            yield reading.reason.value
        if text is None and not stated.nullable:
            yield "missing"
        return
    yield from (CHECKED[check.name] for check in stated.checks if not _keeps(check.name, check.statistics, value))
    day = value.astimezone(LONDON).date() if isinstance(value, datetime) else value
    if isinstance(day, date) and not reading.lenient:
        if day < date(1900, 1, 1) or (day > last_day(quarter) and name not in contract.may_lie_ahead):
            yield "out_of_range"
        if name == contract.period_column and not quarter.starts_on <= day <= quarter.ends_on:
            yield "outside_period"
    if isinstance(value, str) and any(_refused(letter, name, contract) for letter in value):
        yield "wrong_form"
    if isinstance(value, str) and reading.codes is None and re.match(FORMULA, value):
        yield "wrong_form"


def _keeps(check: str, stated: Mapping[str, Any], value: Any) -> bool:
    if check == "isin":
        return value in stated["allowed_values"]
    if check == "str_matches":
        pattern = stated["pattern"]
        return re.search(getattr(pattern, "pattern", pattern).removesuffix("$") + r"\Z", value) is not None
    return bool(stated.get("min_value", value) <= value <= stated.get("max_value", value))


def _refused(letter: str, name: str, contract: Contract) -> bool:
    return letter < " " and (name in contract.row_key or letter not in "\t\n\r")


def broken_rules(values: Mapping[str, Any], contract: Contract) -> set[tuple[str, str]]:
    """Rules across columns, asked of one row; null breaks none."""
    schema = {name: contract.readings[name].dtype for name in contract.readings}
    row = pl.DataFrame([dict(values)], schema=schema)
    for name, made in contract.derived.items():
        row = row.with_columns(made.alias(name))
    asked = row.select(rule.condition.alias(str(number)) for number, rule in enumerate(contract.rules))
    return {
        (rule.reason.value, contract.source_name(rule.column))
        for number, rule in enumerate(contract.rules)
        if asked[str(number)].item() is False
    }
