"""Released and read: no recipient, purpose, table, column, row, count or value that the agreement does not give."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

import polars as pl

from agreement.grants import Portion, portions
from agreement.model import Agreement
from agreement.policy import permit_read, permit_release, permit_rows
from hub.periods import Quarter
from hub.settings import PROJECT
from publish.granted import given, permit_tables, seen
from publish.manifest import TableEntry
from publish.parquet import to_parquet
from publish.recipient_ids import RecipientIds
from publish.tables import Linked, Stated, each_table
from publish.writing import with_all_columns
from tests.property import oracle
from tests.property.agreements import PUBLISHED, PURPOSES, RECIPIENTS, TABLES
from tests.property.cases import mostly, often, permits, run
from tests.property.drawn import spoilt
from tests.property.frames import MADE, linked

DAYS, FAR_DAYS = (date(2026, 10, 5), date(2027, 3, 31)), (date(2024, 2, 28), date(2027, 4, 1))
QUARTER = Quarter(2026, 3)
KEYS = {"person_id": "p" * 64, "event_id": "e" * 64, "incident_id": "i" * 64}
IDS = RecipientIds(**{name.removesuffix("_id"): key for name, key in KEYS.items()})
STATED = Stated.of(PROJECT / "config")
POINTING = (
    ("involvement", "event"), ("involvement", "person"), ("event", "incident"), ("incident", "event"),
    ("factor", "event"), ("factor", "person"), ("intervention", "event"), ("intervention", "person"),
)  # fmt: skip
CONTEXT = ("factor", "intervention")
TAMPERED = ("nothing", "nothing", "nothing", "rows not narrowed", "columns not left out", "a row too many")
Tables = Mapping[str, list[oracle.Row]]


def test_a_release_holds_what_is_granted_and_no_more() -> None:
    """Tables, columns, purposes and filters are decided on; then the bytes of the tables are made, and decided on."""

    def decide(agreement: Agreement, random: Random) -> str:
        agreement = spoilt(agreement, random)
        recipient = mostly(random, sorted(agreement.recipients), RECIPIENTS)
        terms, day = oracle.terms_of(agreement), mostly(random, DAYS, FAR_DAYS)
        asked = changed(portions(agreement, recipient), random)
        right = oracle.in_force(terms, agreement.signatures, day) and may_release(terms, recipient, asked)
        assert permits(lambda: permit_release(agreement, recipient, asked, day)) is right
        if not right:
            return "refused"
        return bytes_of(agreement, recipient, asked, day, random)

    found = run("released", decide)
    assert often(found, 0.2, "permitted", "narrowed", "emptied")
    assert often(found, 0.2, "refused")
    assert often(found, 0.05, "narrowed")  # some rows of a table were dropped, and others kept
    assert often(found, 0.05, "tampered with")


def changed(portions: Mapping[str, Portion], random: Random) -> dict[str, Portion]:
    """What a recipient is granted; in some cases with a column, a purpose or a table more, or a filter less."""
    asked = dict(portions)
    table = random.choice(sorted(asked) or ["event"])
    one = asked.get(table, Portion((f"{table}_id",), PURPOSES[:1]))
    match random.randrange(20):
        case 0:
            asked[table] = replace(one, columns=(*one.columns, random.choice(PUBLISHED[table])))
        case 1:
            asked[table] = replace(one, purposes=(*one.purposes, random.choice(PURPOSES)))
        case 2:
            asked[table] = replace(one, rows=dict(list(one.rows.items())[1:]))
        case 3:
            asked[random.choice(TABLES)] = one
        case 4:
            asked[table] = replace(one, purposes=())
    return asked


def may_release(terms: oracle.Terms, recipient: str, asked: Mapping[str, Portion]) -> bool:
    if recipient not in terms["recipients"]:
        return False
    for table, portion in asked.items():
        if not portion.purposes:
            return False
        if not all(oracle.may_read(terms, recipient, purpose, table, portion.columns) for purpose in portion.purposes):
            return False
        filters = terms["recipients"][recipient]["tables"][table].get("rows", {})
        if not narrow_enough(filters, portion.rows):
            return False
    return True


def narrow_enough(granted: Mapping[str, Any], applied: Mapping[str, Any]) -> bool:
    return all(column in applied and set(applied[column]) <= set(values) for column, values in granted.items())


def bytes_of(agreement: Agreement, recipient: str, asked: Mapping[str, Portion], day: date, random: Random) -> str:
    """Make the release's bytes, in some cases wrongly, and hold what may be given against the oracle."""
    events, parts = linked(sorted(agreement.feeds), random)
    tampered = random.choice(TAMPERED)
    filters = {} if tampered == "rows not narrowed" else {table: portion.rows for table, portion in asked.items()}
    made = each_table(seen(Linked(events, parts), QUARTER, filters), QUARTER, IDS, STATED)
    tables = {name: with_all_columns(name, table.text) for name, table in made}
    whole = {table: replace(portion, columns=PUBLISHED[table]) for table, portion in asked.items()}
    tables = given(tables, whole if tampered == "columns not left out" else asked)
    if tampered == "a row too many":
        tables = {name: stray(name, frame) for name, frame in tables.items()}
    files = {f"{name}.parquet": to_parquet(frame) for name, frame in tables.items()}
    entries = [entry(name, frame, asked[name], files) for name, frame in tables.items()]
    act = partial(permit_tables, agreement, recipient, entries, files, day)
    wrong = unlike_its_grant(tables, asked)
    assert permits(act) is not wrong
    if wrong:
        return "tampered with"
    out = {name: frame.collect() for name, frame in act().items()}
    if tampered not in {"nothing", "columns not left out"}:
        return "permitted"
    return exactly(out, oracle.visible(events.to_dicts(), parts.to_dicts(), filters, QUARTER.year), events, parts)


def stray(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with a row of nobody's: blank but for its ids."""
    row = {name: f"{name} of nobody" if name in KEYS else None for name in frame.columns}
    return pl.concat([frame, pl.DataFrame([row], schema=frame.schema)])


def entry(name: str, frame: pl.DataFrame, portion: Portion, files: Mapping[str, bytes]) -> TableEntry:
    """What a manifest says of the table; of its columns it says what was to be, not what is."""
    content = files[f"{name}.parquet"]
    digest = hashlib.sha256(content).hexdigest()
    said = {"columns": portion.columns, "purposes": portion.purposes, "narrowed_by": portion.rows}
    return TableEntry(name=name, file=f"{name}.parquet", sha256=digest, bytes=len(content), rows=frame.height, **said)


def unlike_its_grant(tables: Mapping[str, pl.DataFrame], asked: Mapping[str, Portion]) -> bool:
    """Whether the tables themselves show a column or a row that was not granted, told row by row."""
    rows = {name: frame.to_dicts() for name, frame in tables.items()}
    for name, frame in tables.items():
        filters = {column: values for column, values in asked[name].rows.items() if column in frame.columns}
        if set(frame.columns) - set(asked[name].columns) or not all(oracle.passes(row, filters) for row in rows[name]):
            return True
    for table, whole in POINTING:
        key = "incident_id" if "incident" in (table, whole) else f"{whole}_id"
        known = {row[key] for row in rows.get(whole, []) if key in row}
        shows = whole in tables and key in tables[whole].columns
        pointing = (row for row in rows.get(table, []) if key in row and not (table == "factor" and row[key] is None))
        if shows and any(row[key] not in known for row in pointing):  # an area's factor is of nobody
            return True
    return False


def exactly(out: Mapping[str, pl.DataFrame], visible: Tables, events: pl.DataFrame, parts: pl.DataFrame) -> str:
    """The released tables hold the rows that may be seen, each value as it is, and none besides."""
    for table, frame in out.items():
        if table == "incident":
            tells_of_no_more(frame, visible["event"])
            continue
        if table in CONTEXT:
            is_of_the_visible(frame, visible)
            continue
        columns = [name for name in frame.columns if name not in MADE or name == "persons"]
        expected = Counter(tuple(shown(row, column) for column in columns) for row in visible[table])
        assert Counter(frame.select(columns).rows()) == (expected if columns else Counter()), table
    visible = visible | {"incident": visible["event"]} | {table: [] for table in CONTEXT}
    every = oracle.visible(events.to_dicts(), parts.to_dicts(), {}, QUARTER.year)
    every |= {"incident": every["event"]} | {table: [] for table in CONTEXT}
    kept, all_rows = (sum(len(rows[table]) for table in out) for rows in (visible, every))
    return "emptied" if kept == 0 < all_rows else "narrowed" if kept < all_rows else "permitted"


def tells_of_no_more(incidents: pl.DataFrame, events: list[oracle.Row]) -> None:
    """Incidents are of the events that may be seen, each of one: no count, no feed and no day tells of another."""
    assert incidents.height <= len(events)
    if "events" in incidents.columns:
        assert incidents["events"].sum() == len(events)
    if "feeds" in incidents.columns:
        assert {feed for told in incidents["feeds"] for feed in told.split(", ")} == {row["feed"] for row in events}
    if "persons" in incidents.columns:
        assert incidents["persons"].sum() <= sum(row["persons"] for row in events)
    if "occurred_on" in incidents.columns:
        assert set(incidents["occurred_on"]) <= {row["occurred_on"] for row in events}


def is_of_the_visible(context: pl.DataFrame, visible: Tables) -> None:
    """Factors and interventions are of persons, events and feeds that may be seen, or of no person at all."""
    for column, rows in (("person_id", visible["person"]), ("event_id", visible["event"]), ("feed", visible["event"])):
        if column in context.columns:
            assert set(context[column].drop_nulls()) <= {shown(row, column) for row in rows}, column


def shown(row: oracle.Row, column: str) -> Any:
    """A value as the recipient sees it: ids are under the recipient's own key."""
    if column in KEYS:
        return hmac.digest(KEYS[column].encode(), row[column].encode(), "sha256").hex()[:32]
    return row.get(column)


def test_a_table_is_read_only_by_whom_and_for_what_it_is_granted() -> None:
    def decide(agreement: Agreement, random: Random) -> str:
        agreement = spoilt(agreement, random)
        recipient = mostly(random, sorted(agreement.recipients), RECIPIENTS)
        terms, day = oracle.terms_of(agreement), mostly(random, DAYS, FAR_DAYS)
        named = portions(agreement, recipient)
        table = mostly(random, sorted(named), TABLES)
        held = named.get(table, Portion(("event_id",), PURPOSES))
        columns = random.sample(held.columns, k=random.randint(1, len(held.columns)))
        columns += random.sample(PUBLISHED[table], k=random.randrange(5) == 0)
        purpose = mostly(random, held.purposes, PURPOSES)
        right = oracle.in_force(terms, agreement.signatures, day)
        right = right and oracle.may_read(terms, recipient, purpose, table, columns)
        assert permits(lambda: permit_read(agreement, recipient, purpose, table, columns, day)) is right
        hold_rows(agreement, terms, recipient, random)
        return "permitted" if right else "refused"

    found = run("read", decide)
    assert often(found, 0.2, "permitted")
    assert often(found, 0.2, "refused")


def hold_rows(agreement: Agreement, terms: oracle.Terms, recipient: str, random: Random) -> None:
    """What was released is still to be read only if it was narrowed by all that narrows it now."""
    released = {table: portion.rows for table, portion in changed(portions(agreement, recipient), random).items()}
    grants = terms["recipients"].get(recipient, {"tables": {}})["tables"]
    right = all(narrow_enough(grant.get("rows", {}), released.get(table, {})) for table, grant in grants.items())
    assert permits(lambda: permit_rows(agreement, recipient, released)) is right
