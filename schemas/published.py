"""The published tables: person, event, involvement, incident, person_history. What a release holds for anybody.

Every table has columns of its own. Event and involvement have attributes besides: whatever the
agreement keeps of what the feeds' contracts call publishable, under the same names and types.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

from schemas.codes import ETHNIC_GROUPS, SEXES
from schemas.columns import Instant, Rows
from schemas.errors import ContractError
from schemas.offences import OFFENCE_CODE
from schemas.registry import CONTRACTS
from schemas.verdict import broken_rules

Table = Literal["person", "event", "involvement", "incident", "person_history"]
_ID = r"^[0-9a-f]{32}$"
_QUARTER = r"^\d{4}-Q[1-4]$"
_BAND = r"^(?:\d+-\d+|\d+\+|unknown)$"
_FEED = r"^[a-z]+\.[a-z][a-z0-9_]*$"
_FEEDS = r"^[a-z]+\.[a-z][a-z0-9_]*(?:, [a-z]+\.[a-z][a-z0-9_]*)*$"
_ROLES = (
    *(contract.role for contract in CONTRACTS.values() if contract.role),
    "victim",
    "suspect",
)


def _own(meaning: str, **checks: Any) -> Any:
    return pa.Field(description=meaning, **checks)


class Person(Rows):
    """One row a person: everyone who takes part in an event of the release."""

    person_id: str = _own("The person, under the recipient's own key", str_matches=_ID, unique=True)
    sex: str = _own("Sex that most records state; unknown where they disagree or are silent", isin=SEXES)
    ethnic_group: str = _own("Broad ethnic group that most records state", isin=ETHNIC_GROUPS)
    birth_year: int = _own("Year of birth that most records state", nullable=True, ge=1900)
    age_band: str = _own("Band of the age reached in the release's year", str_matches=_BAND)
    authorities: int = _own(
        "How many authorities have a record of the person", in_range={"min_value": 1, "max_value": 6}
    )
    events: int = _own("How many events of the release the person takes part in", ge=1)
    first_seen_on: pl.Date = _own("Day of the first of them")
    last_seen_on: pl.Date = _own("Day of the last of them")


class Event(Rows):
    """One row an event, with the attributes that the agreement keeps."""

    event_id: str = _own("The event, under the recipient's own key", str_matches=_ID, unique=True)
    incident_id: str = _own("The incident that it tells of, alone or with other events", str_matches=_ID)
    feed: str = _own("The feed that told of it", str_matches=_FEED)
    event_type: str = _own(
        "What kind of event it is", isin=sorted({contract.event_type for contract in CONTRACTS.values()})
    )
    occurred_on: pl.Date = _own("The day of the event; for street crime the first of its month, as no day is published")
    occurred_at: Instant = _own("The instant, in UTC, where its time is known", nullable=True)
    lsoa_code: str = _own("Small area (LSOA 2021); blank where not known or outside the borough", nullable=True)
    ward_code: str = _own("Ward (2022); blank where not known or outside the borough", nullable=True)
    offence_code: str = _own("Home Office offence class and subclass, CCC/SS", nullable=True, str_matches=OFFENCE_CODE)
    persons: int = _own("How many persons take part, as far as they are known", ge=0)
    violence_kind: str = _own(
        "The kind of serious violence that it is by the partnership's definition (config/definition.yaml)",
        nullable=True,
    )
    definition_clauses: str = _own(
        "The areas and circumstances of the definition that it meets, with commas between; blank where it meets none",
        nullable=True,
    )


class Involvement(Rows):
    """One row for each part that a person takes in an event."""

    event_id: str = _own("The event", str_matches=_ID)
    person_id: str = _own("The person", str_matches=_ID)
    feed: str = _own("The feed that told of it", str_matches=_FEED)
    authority: str = _own("The authority whose feed it is")
    role: str = _own("The part the person takes", isin=_ROLES)
    sex: str = _own("Sex as this authority records it", isin=SEXES, nullable=True)
    ethnic_group: str = _own("Broad ethnic group as this authority records it", isin=ETHNIC_GROUPS, nullable=True)
    birth_year: int = _own("Year of birth as this authority records it", nullable=True, ge=1900)


class Incident(Rows):
    """One row an incident, of one event of the release or of several that tell of it."""

    incident_id: str = _own("The incident, under the recipient's own key", str_matches=_ID, unique=True)
    events: int = _own("How many events of the release tell of it", ge=1)
    feeds: str = _own("The feeds that tell of it, in order of their names, with commas between", str_matches=_FEEDS)
    authorities: int = _own("How many authorities tell of it", in_range={"min_value": 1, "max_value": 6})
    persons: int = _own("How many persons take part, as far as they are known", ge=0)
    score: float = _own(
        "How likely the least likely of its events belongs to it, 0 to 1; blank where one event tells of it",
        nullable=True,
        in_range={"min_value": 0, "max_value": 1},
    )
    occurred_on: pl.Date = _own("The day, as the police state it where they tell of it")
    first_at: Instant = _own("The first instant that one of its events states, in UTC", nullable=True)
    last_at: Instant = _own("The last instant that one of its events states, in UTC", nullable=True)
    lsoa_code: str = _own("Small area (LSOA 2021), as the police state it where they do", nullable=True)
    ward_code: str = _own("Ward (2022), as the police state it where they do", nullable=True)
    offence_code: str = _own("Home Office offence class and subclass, CCC/SS", nullable=True, str_matches=OFFENCE_CODE)
    told_again: bool = _own(
        "Whether another feed of the release tells of it too without being joined: street-level crime beside recorded "
        "crime, the hospital's return beside its attendances. Leave it out when incidents are counted"
    )


class PersonHistory(Rows):
    """One row for each person of an earlier release and whom the person became since: to follow a cohort by."""

    former_id: str = _own("The person as an earlier release to the recipient has the id", str_matches=_ID)
    person_id: str = _own("A person of this release to whom records of that person went", str_matches=_ID)
    change: str = _own(
        "merged: the person was found to be this one. split: the person is there still, and part of the records were "
        "found to be of this one",
        isin=("merged", "split"),
    )
    changed_in: str = _own("The quarter whose link found that, the last where it took several", str_matches=_QUARTER)


MODELS: Mapping[str, type[Rows]] = {
    "person": Person,
    "event": Event,
    "involvement": Involvement,
    "incident": Incident,
    "person_history": PersonHistory,
}
# What only some feeds have, or the agreement may not keep.
_MAY_BE_ABSENT: Mapping[str, frozenset[str]] = {
    "person": frozenset(),
    "event": frozenset({"occurred_at", "lsoa_code", "ward_code", "offence_code"}),
    "involvement": frozenset({"sex", "ethnic_group", "birth_year"}),
    "incident": frozenset(),
    "person_history": frozenset(),
}


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
    ordered = frame.select(name for name in schema.columns if name in frame.columns)
    wide = ordered.with_columns(pl.selectors.integer().cast(pl.Int64))  # (2)
    broken = broken_rules(schema, wide)  # (2), (3)
    if broken:
        raise _broken(table, "; ".join(broken))
    return wide


def meanings(table: str) -> dict[str, str]:
    """What each column of a published table means, in the contract's order."""
    return {name: str(column.description) for name, column in published_schema(table).columns.items()}


@cache
def published_schema(table: str) -> Any:
    """The pandera schema of a table: its own columns, then the attributes; raises ContractError for another name."""
    if table not in MODELS:
        raise _broken(table, "there is no such published table; there are " + ", ".join(MODELS))
    own = MODELS[table].to_schema()
    optional = {name: {"required": False} for name in _MAY_BE_ABSENT[table]}
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
