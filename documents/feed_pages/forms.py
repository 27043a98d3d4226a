"""How a column is written, in words and by an example; what its checks allow."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl

from documents.feed_pages.markdown import code
from schemas.contract import Contract, Identifier
from schemas.readings import Reading

SAMPLE = datetime(2026, 8, 31, 22, 15, 0, tzinfo=UTC)  # of every date and time on the pages
_PLAIN = {pl.String: "text", pl.Int64: "whole number", pl.Float64: "number"}
_WORDS = {
    r"^[0-9a-f]{32}$": "32 hex digits",
    r"^[A-Za-z0-9+/]{86}==$": "64 bytes in base64",
    r"^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$": "base64",
}
_IDENTIFIERS = {
    Identifier.NHS_NUMBER: "ten digits, the last a check digit",
    Identifier.PNC_ID: "`YYYY/NNNNNNNL`",
    Identifier.POSTCODE: "postcode, such as `KT1 1EU`",
    Identifier.UPRN: "1 to 12 digits, never `1.00021E+11`",
}


def form(contract: Contract, name: str) -> str:
    """How the provider writes a column, and within which limits."""
    return "; ".join([_written(contract, name), *_limits(contract.schema.columns[name])])


def _written(contract: Contract, name: str) -> str:
    reading = contract.readings[name]
    known = contract.identifiers.get(name)
    if known in _IDENTIFIERS:
        return _IDENTIFIERS[known]
    if reading.codes is not None:
        return _coded(reading, name)
    if reading.form is not None:
        return f"{_kind(reading)}, such as {code(sample(reading))}"
    if reading.usual_form is not None:
        return f"text, usually of the form {code(reading.usual_form)}"
    return _PLAIN.get(type(reading.dtype), "text")


def _coded(reading: Reading, name: str) -> str:
    codes = list(reading.codes or {})
    if isinstance(reading.dtype, pl.Boolean):
        return f"{code(codes[0])} or {code(codes[1])}"
    return f"[code](#{anchor(name)})"


def anchor(name: str) -> str:
    """Where the code list of a column stands on its page."""
    return f"codes-of-{name}"


def _kind(reading: Reading) -> str:
    if isinstance(reading.dtype, pl.Date):
        return "date" if "%d" in (reading.form or "") else "month"
    if isinstance(reading.dtype, pl.Time):
        return "time"
    return "date and time with its offset" if reading.form == "%+" else "local date and time"


def sample(reading: Reading) -> str:
    """The sample day and time, written as a reading asks."""
    written = reading.form or ""
    return SAMPLE.isoformat() if written == "%+" else SAMPLE.strftime(written)


def _limits(column: Any) -> Iterator[str]:
    for check in column.checks:
        stated = check.statistics
        least, most, pattern = stated.get("min_value"), stated.get("max_value"), stated.get("pattern")
        if least is not None and most is not None:
            yield f"from {_number(least)} to {_number(most)}"
        elif least is not None:
            yield f"at least {_number(least)}"
        elif most is not None:
            yield f"at most {_number(most)}"
        if pattern is not None:
            form = str(getattr(pattern, "pattern", pattern))
            yield _WORDS.get(form, f"of the form {code(form)}")


def _number(value: float) -> str:
    return f"{value:,}" if abs(value) < 10_000 else str(value)


def needed(contract: Contract, name: str) -> str:
    """Whether a row must have a value in a column, and a file the column."""
    reading, column = contract.readings[name], contract.schema.columns[name]
    if contract.source_name(name) in contract.optional:
        return "no; the column may be absent"
    if reading.blank is not None:
        return f"no; a blank means {reading.blank}"
    return "no" if column.nullable else "**yes**"
