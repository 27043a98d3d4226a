"""Grants narrowed to rows: what goes with a filtered row, and that no count tells of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from agreement.errors import AgreementRefusal
from agreement.grants import Portion, portions
from agreement.policy import read_agreement
from hub.database import transaction
from hub.periods import Quarter
from keys.purposes import Purpose
from publish.candidate import build_candidate
from publish.errors import CandidateRefused, PublicationRefused
from publish.granted import Filters, passing, permit_tables, seen
from publish.manifest import TableEntry
from publish.parquet import to_parquet
from publish.publication import publish
from publish.tables import persons
from tests.unit.publish.small_hub import Q3, Hub
from tests.unit.publish.test_candidate import manifest_of, tables_of
from tests.unit.publish.test_tables import linked

QUARTER = Quarter(2026, 3)
ANALYSTS = "partnership_analysts"


@pytest.mark.parametrize(
    ("filters", "events", "parts", "people"),
    [
        ({}, "e1 e2 e3", "A@e1 B@e1 A@e2", {"A": 2, "B": 1}),
        ({"event": {"event_type": ("crime",)}}, "e1", "A@e1 B@e1", {"A": 1, "B": 1}),
        ({"event": {"event_type": ("street crime",)}}, "e3", "", {}),
        ({"involvement": {"role": ("victim", "patient")}}, "e1 e2 e3", "A@e1 A@e2", {"A": 2}),
        ({"person": {"sex": ("male",)}}, "e1 e2 e3", "B@e1", {"B": 1}),
        ({"person": {"authorities": ("2",)}}, "e1 e2 e3", "A@e1 A@e2", {"A": 2}),
        ({"event": {"event_type": ("crime",)}, "person": {"authorities": ("2",)}}, "e1", "", {}),
        ({"event": {"occurred_on": ("2026-07-02",)}}, "e2", "A@e2", {"A": 1}),
        ({"event": {"shoe_size": ("43",)}}, "", "", {}),
    ],
    ids=[
        "no filter, everything",
        "the events of one kind, and who took part in them",
        "events without persons",
        "a part in an event: the event stays, and counts who is left",
        "persons of one sex, and their parts",
        "persons whom two authorities know",
        "persons are known by what is left of the events",
        "a day",
        "a column that is not there is blank",
    ],
)
def test_what_a_recipient_sees(filters: Filters, events: str, parts: str, people: dict[str, int]) -> None:
    left = seen(linked(), QUARTER, filters)
    assert left.events["event_id"].sort().to_list() == events.split()
    assert [f"{row['person_id']}@{row['event_id']}" for row in left.involvements.to_dicts()] == parts.split()
    assert dict(persons(left, QUARTER).select("person_id", "events").rows()) == people


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "true"), (12, "12"), (date(2026, 7, 4), "2026-07-04"), ("KT1", "KT1"), (None, "")],
)
def test_values_are_compared_as_the_agreement_writes_them(value: object, written: str) -> None:
    frame = pl.DataFrame({"column": [value]})
    assert passing(frame, {"column": (written,)}).height == (value is not None)
    assert passing(frame, {"column": ("other", "None", "null")}).is_empty()


# The very bytes of a release -----------------------------------------------------------------------------------------


def bytes_are_permitted(hub: Hub, tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether tables with these rows and columns may be given, under a manifest that says all is as it is granted."""
    agreement = read_agreement(hub.settings.agreement_path)
    granted = portions(agreement, ANALYSTS)
    files = {f"{name}.parquet": to_parquet(frame) for name, frame in tables.items()}
    entries = [entry(name, granted[name], files[f"{name}.parquet"]) for name in tables]
    try:
        permit_tables(agreement, ANALYSTS, entries, files, date(2026, 10, 5))
    except AgreementRefusal:
        return False
    return True


def entry(name: str, portion: Portion, content: bytes) -> TableEntry:
    said: dict[str, Any] = {"columns": portion.columns, "purposes": portion.purposes, "narrowed_by": portion.rows}
    digest = hashlib.sha256(content).hexdigest()
    return TableEntry(name=name, file=f"{name}.parquet", sha256=digest, bytes=len(content), rows=1, **said)


def test_a_manifest_does_not_cover_what_its_bytes_hold_besides(empty_hub: Hub) -> None:
    empty_hub.agree(only_knives)
    event = pl.DataFrame({"event_id": ["e1"], "knife": [True]})
    part = pl.DataFrame({"event_id": ["e1"], "person_id": ["p1"]})
    assert bytes_are_permitted(empty_hub, {"event": event, "involvement": part})
    assert not bytes_are_permitted(empty_hub, {"event": event.with_columns(ward_code=pl.lit("E05"))})  # a column
    assert not bytes_are_permitted(empty_hub, {"event": event.with_columns(knife=pl.lit(value=False))})  # a row
    assert not bytes_are_permitted(empty_hub, {"event": event.with_columns(knife=pl.lit(None, pl.Boolean))})  # a blank
    elsewhere = part.with_columns(event_id=pl.lit("e2"))
    assert not bytes_are_permitted(empty_hub, {"event": event, "involvement": elsewhere})


# End to end ----------------------------------------------------------------------------------------------------------


def only_knives(terms: dict[str, Any]) -> None:
    """Grant the analysts events with knives alone."""
    terms["recipients"][ANALYSTS]["tables"]["event"]["rows"] = {"knife": ["true"]}


def test_a_narrowed_release_tells_nothing_of_the_rest(hub: Hub) -> None:
    hub.agree(only_knives)
    made = hub.build()
    tables = tables_of(hub, made.release)
    assert tables["event"]["knife"].to_list() == [True, True]
    assert set(tables["involvement"]["event_id"]) == set(tables["event"]["event_id"])
    assert tables["person"].select("sex", "authorities", "events").sort("events").rows() == [
        ("female", 1, 1),  # the girl, without her other crime and her attendance
        ("male", 1, 2),
    ]
    assert (manifest_of(hub, made.release).linkage.records, manifest_of(hub, made.release).linkage.persons) == (3, 2)


def test_the_manifest_states_purposes_and_filters(hub: Hub) -> None:
    def narrow(terms: dict[str, Any]) -> None:
        only_knives(terms)
        terms["recipients"][ANALYSTS]["tables"]["person"]["purposes"] = ["strategy"]

    hub.agree(narrow)
    said = json.loads(manifest_of(hub, hub.build().release).canonical())
    told = {table["name"]: (table["purposes"], table["narrowed_by"]) for table in said["tables"]}
    every = ["needs-assessment", "strategy", "evaluation"]
    assert told == {"event": (every, {"knife": ["true"]}), "involvement": (every, {}), "person": (["strategy"], {})}


def test_rows_are_narrowed_by_a_column_that_the_recipient_does_not_get(hub: Hub) -> None:
    def hidden(terms: dict[str, Any]) -> None:
        only_knives(terms)
        terms["recipients"][ANALYSTS]["tables"]["event"]["columns"].remove("knife")

    hub.agree(hidden)
    event = tables_of(hub, hub.build().release)["event"]
    assert "knife" not in event.columns
    assert sorted(event["offence_code"]) == ["005/01", "034/10"]


@pytest.mark.parametrize("column", ["event_id", "persons", "shoe_size"])
def test_rows_cannot_be_narrowed_by(hub: Hub, column: str) -> None:
    tables = ["recipients", ANALYSTS, "tables", "event"]

    def change(terms: dict[str, Any]) -> None:
        grant = terms
        for name in tables:
            grant = grant[name]
        grant["rows"] = {column: ["1"]}

    hub.agree(change)
    with pytest.raises((AgreementRefusal, CandidateRefused), match=column):
        hub.build()
    assert hub.rows("SELECT count(*) FROM hub.release") == [(0,)]


def test_an_unnamed_recipient_has_no_key_made_for_it(hub: Hub) -> None:
    with pytest.raises(AgreementRefusal):
        build_candidate(hub.settings, hub.ring, Q3, "somebody_else")
    assert not hub.ring.has(Purpose.RECIPIENT, "somebody_else")


def test_a_release_that_others_could_read_in_the_database_is_not_published(hub: Hub) -> None:
    hub.decide(hub.build().release)
    change = "ALTER DEFAULT PRIVILEGES {} SELECT ON TABLES {} PUBLIC"
    run(hub, change.format("GRANT", "TO"))
    with pytest.raises(PublicationRefused, match="everybody"):
        publish(hub.settings, hub.ring, "2026-Q3-v1")
    assert hub.rows("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'release%%'") == [(0,)]
    run(hub, change.format("REVOKE", "FROM"))
    publish(hub.settings, hub.ring, "2026-Q3-v1")


def run(hub: Hub, statement: str) -> None:
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql(statement)
