"""The published tables: what a release holds for anybody. Each has columns of its own.

Event and involvement have attributes besides: whatever the agreement keeps of what the feeds' contracts call
publishable, under the same names and types. Rows: ``schemas.published_rows``, ``schemas.published_context``.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

from schemas.columns import Rows
from schemas.errors import ContractError
from schemas.published_context import Area, Factor, Intervention, ReleasedFeed
from schemas.published_rows import Event, Incident, Involvement, Person, PersonHistory
from schemas.registry import CONTRACTS
from schemas.verdict import broken_rules

Table = Literal[
    "person", "event", "involvement", "incident", "factor", "intervention", "area", "person_history", "release"
]
MODELS: Mapping[str, type[Rows]] = {
    "person": Person,
    "event": Event,
    "involvement": Involvement,
    "incident": Incident,
    "factor": Factor,
    "intervention": Intervention,
    "area": Area,
    "person_history": PersonHistory,
    "release": ReleasedFeed,
}
# What only some feeds have, or the agreement may not keep.
_MAY_BE_ABSENT: Mapping[str, frozenset[str]] = {
    "event": frozenset({"occurred_at", "lsoa_code", "ward_code", "offence_code", "harm"}),
    "involvement": frozenset({"sex", "ethnic_group", "birth_year"}),
}
NOT_MADE_UP: frozenset[tuple[str, str]] = frozenset({("event", "harm")})
"""Columns that a table lacks where the hub has nothing to make them of; any other is there, if blank."""


def check_published(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Hold a whole table against its contract; returns it with its columns in the contract's order.

    1. Every column is declared; the table's own columns are all there (attributes need not be).
    2. Types are exact, but that whole numbers of any width are made 64 bits wide.
    3. Every value keeps the checks of its column; ids are unique.

    Raises ContractError, which names columns and reasons and no value.
    """
    schema = published_schema(table)
    undeclared = set(frame.columns) - set(schema.columns)
    missing = {name for name, column in schema.columns.items() if column.required} - set(frame.columns)
    if undeclared or missing:  # (1)
        raise _broken(table, f"undeclared columns {sorted(undeclared)}, missing columns {sorted(missing)}")
    wide = as_declared(table, frame)  # (2)
    broken = broken_rules(schema, wide)  # (2), (3)
    if broken:
        raise _broken(table, "; ".join(broken))
    return wide


def as_declared(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that a published table declares, in its contract's order, whole numbers 64 bits wide."""
    ordered = frame.select(name for name in published_schema(table).columns if name in frame.columns)
    return ordered.with_columns(pl.selectors.integer().cast(pl.Int64))


def meanings(table: str) -> dict[str, str]:
    """What each column of a published table means, in the contract's order."""
    return {name: str(column.description) for name, column in published_schema(table).columns.items()}


@cache
def published_schema(table: str) -> Any:
    """The pandera schema of a table: its own columns, then the attributes; raises ContractError for another name."""
    if table not in MODELS:
        raise _broken(table, "there is no such published table; there are " + ", ".join(MODELS))
    own = MODELS[table].to_schema()
    optional = {name: {"required": False} for name in _MAY_BE_ABSENT.get(table, ())}
    return own.update_columns(optional).add_columns(_attributes(table, own.columns))


def _attributes(table: str, own: Mapping[str, Any]) -> dict[str, pa.Column]:
    found: dict[str, pa.Column] = {}
    for contract in CONTRACTS.values():
        about = {"event": contract.event_columns, "involvement": contract.person_columns}.get(table, ())
        for name in (name for name in about if name in contract.publishable and name not in own and name != "role"):
            column = contract.schema.columns[name]
            meaning = f"{column.description} ({contract.event_type})"
            if name in found:  # one name, one type; each feed says what it means there
                meaning = f"{found[name].description}; {meaning}"
            found[name] = pa.Column(column.dtype, nullable=True, required=False, description=meaning)
    return found


def _broken(table: str, why: str) -> ContractError:
    return ContractError(
        "The table does not keep its contract",
        where=f"published table {table}",
        why=why,
        fix="Correct what makes the table, or its contract in schemas/published.py",
    )
