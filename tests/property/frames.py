"""Random frames with a canary in every text: a value that is found nowhere else and names its column."""

import base64
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from factors.model import load_factors
from hub.settings import PROJECT
from schemas.contract import Contract, Identifier
from schemas.published import published_schema
from schemas.registry import CONTRACTS
from tests.property.agreements import VALUES

CANARY = "CANARY"
AUTHORITIES = VALUES["authority"]
BLANK = 0.2
MADE = (
    "persons",
    "incident_id",
    "violence_kind",
    "definition_clauses",
    "harm",
)  # what the table event has that is made of all events together
INSTANT = pl.Datetime("us", "UTC")
TELLING: dict[str, list[str]] = {}  # values that state a factor or an intervention, by column
for _, stated in load_factors(PROJECT / "config").each():
    for name, values in stated.where.items():
        TELLING.setdefault(name, []).extend(values)


def canary(column: str, random: Random) -> str:
    """A text that tells which column it is from."""
    return f"{CANARY}.{column}.{random.randrange(10**6)}"


def delivered(contract: Contract, random: Random) -> pl.DataFrame:
    """Valid rows of a feed as a split takes them: typed, under the hub's names, one to four of them."""
    columns = contract.schema.columns
    rows = random.randint(1, 4)
    return pl.DataFrame(
        [
            pl.Series(name, [_cell(contract, name, row, random) for row in range(rows)], dtype=columns[name].dtype.type)
            for name in contract.columns
        ]
    )


def _cell(contract: Contract, name: str, row: int, random: Random) -> Any:
    if name.startswith("token_") or name == "reference":
        return f"{row if name == 'reference' else random.randrange(16**32):032x}"
    if name.startswith("encoding_") or name == "reference_sealed":
        return base64.b64encode(random.randbytes(64)).decode()
    kind = contract.schema.columns[name].dtype.type
    if name in contract.row_key:
        return f"{canary(name, random)}-{row}" if kind == pl.String else row
    if name in contract.identifiers:
        return _identifier(contract.identifiers[name], name, random)
    if name == "role":
        return random.choice(("victim", "suspect"))
    return _value(name, kind, random)


def _identifier(kind: Identifier, name: str, random: Random) -> Any:
    return {
        Identifier.NHS_NUMBER: "9434765919",
        Identifier.PNC_ID: "2001/1234567M",
        Identifier.DATE_OF_BIRTH: date(1950 + random.randrange(60), 1 + random.randrange(12), 1),
        Identifier.SEX: random.choice(("female", "male")),
        Identifier.POSTCODE: random.choice(("KT1 1AA", "KT2 6QP")),
        Identifier.UPRN: str(random.randrange(10**11)),
    }.get(kind, f"{CANARY} {name} {''.join(random.choices('abcdefgh', k=8))}")


def _value(name: str, kind: Any, random: Random) -> Any:
    if name in VALUES and kind == pl.String:
        return random.choice(VALUES[name])
    if kind == pl.Boolean:
        return random.choice((True, False))
    if kind == pl.Date:
        return date(2026, 7, 1) + timedelta(days=random.randrange(90))
    if isinstance(kind, pl.Datetime):
        return datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(10**5))
    if kind == pl.String and name in TELLING and random.random() < 0.5:
        return random.choice(TELLING[name])
    return canary(name, random) if kind == pl.String else random.randrange(1950, 2015)


def linked(feeds: Sequence[str], random: Random) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events of these feeds, and involvements of a few persons in them, under the hub's own ids."""
    events = [_event(f"e{number}", random.choice(feeds), random) for number in range(random.randint(1, 6))]
    parts = [_part(random.choice(events), random) for _ in range(random.randint(0, 9))]
    return _frame("event", events, ()), _frame("involvement", parts, ("record_id",))


def _event(name: str, feed: str, random: Random) -> dict[str, Any]:
    own = {"event_id": name, "feed": feed, "event_type": CONTRACTS[feed].event_type}
    return own | _attributes("event", {*own, *MADE}, random)


def _part(event: dict[str, Any], random: Random) -> dict[str, Any]:
    record = random.randrange(7)
    part = {"event_id": event["event_id"], "record_id": f"r{record}", "person_id": f"p{record // 2}"}
    part |= {"feed": event["feed"], "authority": random.choice(AUTHORITIES)}
    part |= _attributes("involvement", {*part}, random)
    return part | {"sex": random.choice(("female", "male", "unknown", None)), "birth_year": _birth_year(record, random)}


def _birth_year(record: int, random: Random) -> int | None:
    return None if random.random() < BLANK else 2002 + 8 * (record // 2)


def _attributes(table: str, own: set[str], random: Random) -> dict[str, Any]:
    """A value in every other column of a published table; a blank now and then, but in what no table goes without."""
    columns = published_schema(table).columns
    return {
        name: None
        if columns[name].nullable and random.random() < BLANK
        else _value(name, columns[name].dtype.type, random)
        for name in columns
        if name not in own
    }


def _frame(table: str, rows: list[dict[str, Any]], more: Sequence[str]) -> pl.DataFrame:
    columns = published_schema(table).columns
    kinds = {name: columns[name].dtype.type for name in columns if name not in MADE}
    return pl.DataFrame(rows, schema=kinds | dict.fromkeys(more, pl.String), orient="row")
