"""JSON (RFC 8259) and NDJSON: objects, flattened to paths joined by dots.

Numbers are taken as they are written, so that 51.376900 keeps its zeros and a long id its digits.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

import polars as pl

from schemas.contract import Contract
from schemas.formats.flat import FlatRow, refusal, text_table


def parse_json(body: bytes, contract: Contract) -> pl.DataFrame:
    """A list of objects, or an object that holds one under the contract's ``rows_at``."""
    document = _document(body, "A page is not JSON", contract)
    if isinstance(document, dict) and contract.rows_at is not None:
        document = document.get(contract.rows_at)
    if not isinstance(document, list):
        place = f"the field {contract.rows_at}" if contract.rows_at else "the page"
        raise refusal("The rows cannot be found", f"{place} does not hold a list", contract)
    return text_table([_flat(row, contract) for row in document], contract)


def parse_ndjson(body: bytes, contract: Contract) -> pl.DataFrame:
    """One object a line; blank lines are passed over."""
    lines = [_document(line, "A line is not JSON", contract) for line in body.split(b"\n") if line.strip()]
    return text_table([_flat(line, contract) for line in lines], contract)


def _document(body: bytes, what: str, contract: Contract) -> object:
    try:
        return json.loads(body, parse_float=str, parse_int=str, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:  # the cause may quote a row
        place = f" near character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise refusal(what, f"it cannot be read{place}", contract) from None


def _not_a_number(_constant: str) -> NoReturn:
    raise ValueError


def _flat(row: object, contract: Contract) -> FlatRow:
    if not isinstance(row, dict):
        raise refusal("A row is not an object", "it holds a single value or a list", contract)
    return dict(_leaves(row, "", contract))


def _leaves(value: Mapping[str, object], path: str, contract: Contract) -> Iterator[tuple[str, str | None]]:
    for key, inner in value.items():
        name = path + key
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, f"{name}.", contract)
        elif isinstance(inner, list):
            raise refusal("A row cannot be read", "it holds a list where one value belongs", contract)
        elif isinstance(inner, bool):
            yield name, "true" if inner else "false"
        else:
            yield name, str(inner) if inner not in (None, {}) else None
