"""A later version of a release says what it has otherwise, in counts that tell of nobody; a release can be rebuilt."""

import json
import os
import subprocess
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from agreement.errors import AgreementRefusal
from audit.subjects import seen
from hub.database import transaction
from hub.errors import HubError
from publish.comparing import compare_releases
from publish.difference import Difference, Rows, difference, rows_differing
from publish.disclosed_persons import own_ids
from publish.errors import ReadingRefused
from publish.publication import publish
from publish.rebuilding import rebuild
from publish.releases import releases
from tests.unit.publish.small_hub import Q2, Hub
from tests.warm import hub as run

OLD, NEW, CANARY = "2026-Q3-v1", "2026-Q3-v2", "Canary Zebedee"
READ, REFUSED = "publish:table:consultation", "publish:table:refusal"
HIDDEN = "not told: one of the two is fewer than 8"


# Rows ----------------------------------------------------------------------------------------------------------------


def people(numbers: range, band: str = "10-17") -> pl.DataFrame:
    """A person for each number."""
    return pl.DataFrame({"person_id": [f"{n:032x}" for n in numbers], "age_band": band}).cast(pl.String)


def test_rows_are_compared_by_their_key() -> None:
    new = pl.concat([people(range(10, 30)), people(range(30, 39), "25-34"), people(range(40, 60))])
    assert rows_differing("person", people(range(40)), new, 8) == Rows(added=20, removed=11, changed=9)


@pytest.mark.parametrize(("removed", "added"), [(0, 3), (7, 8), (20, 1), (3, 3), (0, 7), (1, 7)])
def test_a_small_number_of_rows_is_not_told_nor_can_it_be_worked_out(removed: int, added: int) -> None:
    told = rows_differing("person", people(range(100)), people(range(removed, 100 + added)), 8)
    assert told == Rows(HIDDEN, HIDDEN, 0)


def test_eight_rows_are_told() -> None:
    assert rows_differing("person", people(range(100)), people(range(8, 108)), 8) == Rows(8, 8, 0)


def test_a_small_number_of_changed_rows_is_told_as_small() -> None:
    new = pl.concat([people(range(7), "unknown"), people(range(7, 50))])
    assert rows_differing("person", people(range(50)), new, 8).changed == "fewer than 8"


def test_blanks_are_values() -> None:
    """A blank key meets a blank key, and a blank that became a value is a change."""
    old = pl.DataFrame({"person_id": None, "area_code": [f"E{n}" for n in range(9)], "factor": "poverty", "feed": None})
    old = old.with_columns(pl.col("person_id", "feed").cast(pl.String), strength=pl.lit(None, pl.String))
    assert rows_differing("factor", old, old, 8) == Rows(0, 0, 0)
    assert rows_differing("factor", old, old.with_columns(strength=pl.lit("high")), 8) == Rows(0, 0, 9)


def test_rows_without_a_key_of_their_own_are_compared_whole_and_as_often_as_they_are_there() -> None:
    old = pl.DataFrame({"sex": ["male"] * 30 + ["female"] * 10})
    new = pl.DataFrame({"sex": ["male"] * 12 + ["female"] * 20 + ["unknown"] * 9})
    assert rows_differing("person", old, new, 8) == Rows(added=19, removed=18, changed=None)


def test_rows_of_areas_and_feeds_are_of_nobody_and_are_told() -> None:
    old = pl.DataFrame({"area_code": ["E1", "E2"], "population": [1500, 1600]})
    new = pl.DataFrame({"area_code": ["E2", "E3"], "population": [1601, 1700]})
    assert rows_differing("area", old, new, 8) == Rows(1, 1, 1)


# Two versions of one quarter -----------------------------------------------------------------------------------------


@pytest.fixture
def published(hub: Hub) -> Hub:
    """A hub whose release is published."""
    hub.decide(hub.build().release)
    publish(hub.settings, hub.ring, OLD)
    return hub


@pytest.fixture
def corrected(published: Hub) -> Hub:
    """A hub whose next version waits for a decision: street crime was delivered again, ten events longer."""
    more = {"event_id": [f"c{n:031x}" for n in range(10)], "feed": "police.street_crime"}
    days = [date(2026, 7, 1) + timedelta(days=n) for n in range(10)]
    longer = pl.DataFrame({**more, "event_type": "street crime", "occurred_on": days})
    published.deliver("police.street_crime", Q2, longer)
    assert published.build().release == NEW
    return published


def compare(hub: Hub, old: str = OLD, new: str = NEW) -> Difference:
    return compare_releases(hub.settings, hub.ring, old, new)


def test_a_candidate_is_compared_with_what_it_corrects_and_the_log_says_so(corrected: Hub) -> None:
    found = compare(corrected)
    event = next(one for one in found.tables if one.table == "event")
    assert (event.old_rows, event.new_rows, event.rows) == (7, 17, Rows(10, 0, 0))
    (change,) = found.inputs
    assert (change.what, change.old) == ("police.street_crime.2026-Q2", "not stated")
    assert change.new.startswith("10 of 11 rows, ")
    assert (found.made_by, found.ids) == ((), None)
    said = {(one["release"], one["table"], one["justification"]) for one in corrected.said(action=READ)}
    read = {(OLD, f"compared with {NEW}"), (NEW, f"compared with {OLD}")}
    assert said == {(release, table, why) for release, why in read for table in ("event", "involvement", "person")}
    assert corrected.unsigned() == 0
    with transaction(corrected.settings) as connection:
        girl = own_ids(connection, corrected.ring, "partnership_analysts")["own_id"][0]
        acts = [(act.said["action"], act.said["release"]) for act in seen(connection, girl)]
    assert acts == [(READ, NEW), (READ, OLD), ("publish:release:disclosure", OLD)]


def test_other_names_are_refused_and_the_refusal_logged(corrected: Hub) -> None:
    asked = {
        (NEW, OLD): "it is candidate",
        (OLD, OLD): "no later version",
        (OLD, "2026-Q4-v1"): "no candidate",
        (OLD, CANARY): "such as 2026-Q3-v1",
        (CANARY, NEW): "such as 2026-Q3-v1",
    }
    for names, why in asked.items():
        with pytest.raises(HubError, match=why):
            compare(corrected, *names)
    assert (corrected.logged(READ), corrected.logged(REFUSED)) == (0, len(asked))
    assert CANARY not in json.dumps(corrected.said())


def test_what_is_not_as_built_or_not_granted_today_is_not_compared(corrected: Hub) -> None:
    corrected.agree(lambda terms: tables(terms)["event"]["columns"].remove("knife"))
    with pytest.raises(AgreementRefusal, match="knife is not granted"):
        compare(corrected)
    with transaction(corrected.settings) as connection:
        by_hand = "UPDATE hub.release SET manifest = replace(manifest, 'strategy', 'other') WHERE state = 'candidate'"
        connection.exec_driver_sql(by_hand)
    with pytest.raises(ReadingRefused, match="built last"):
        compare(corrected)
    assert (corrected.logged(READ), corrected.logged(REFUSED)) == (0, 2)


def tables(terms: dict[str, Any]) -> dict[str, Any]:
    granted: dict[str, Any] = terms["recipients"]["partnership_analysts"]["tables"]
    return granted


def test_ids_under_another_key_are_not_compared(published: Hub) -> None:
    old = releases(published.settings)[0].manifest
    key = "recipient/partnership_analysts"
    found = difference(old, old.model_copy(update={"key_versions": {**old.key_versions, key: 2}}), ({}, {}), 8)
    assert found.ids == f"their ids are made under other versions of the key {key} (1, then 2)"
    assert {(one.rows, one.why_not) for one in found.tables} == {(None, "its ids cannot be compared")}
    assert [(one.what, one.old, one.new) for one in found.made_by] == [(f"key_versions.{key}", "1", "2")]


# A release is built again --------------------------------------------------------------------------------------------


def test_built_again_it_is_the_same_until_what_is_stored_was_corrected(corrected: Hub) -> None:
    kept = releases(corrected.settings)
    old, new = (rebuild(corrected.settings, corrected.ring, name) for name in (OLD, NEW))
    assert (old.same, old.different, set(old.equal)) == (False, ("event",), {"involvement", "person"})
    assert [change.what for change in old.changes] == ["police.street_crime.2026-Q2"]
    assert new.same
    assert releases(corrected.settings) == kept
    said = corrected.said(action="publish:rebuild:combination")
    assert [(one["release"], one["detail"]["tables_differ"]) for one in said] == [(OLD, 1), (NEW, 0)]
    with pytest.raises(ReadingRefused, match="such as 2026-Q3-v1"):
        rebuild(corrected.settings, corrected.ring, CANARY)
    assert corrected.logged("publish:release:refusal") == 1
    assert CANARY not in json.dumps(corrected.said())
    assert corrected.unsigned() == 0


# The commands --------------------------------------------------------------------------------------------------------


def command(hub: Hub, *words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    own |= {"HUB_HOME": str(hub.settings.home), "HUB_CONFIG": str(hub.settings.config), "COLUMNS": "120"}
    own |= {"HUB_DATABASE_URL": str(hub.settings.database_url), "HUB_COMMIT": str(hub.settings.commit)}
    return run(["release", *words], own)


def test_the_commands_print_the_difference_and_whether_it_is_the_same(corrected: Hub) -> None:
    said = command(corrected, "difference", OLD, NEW)
    assert said.returncode == 0, said.stderr
    assert ["event", "7", "17", "10", "0", "0"] in [line.split() for line in said.stdout.splitlines()]
    assert "Made by: the same." in said.stdout
    told = json.loads(command(corrected, "difference", OLD, NEW, "--json").stdout)
    assert next(one for one in told["tables"] if one["table"] == "event")["rows"] == {
        "added": 10,
        "removed": 0,
        "changed": 0,
    }
    again = command(corrected, "rebuild", NEW)
    assert (again.returncode, "byte for byte" in again.stdout) == (0, True), (again.stdout, again.stderr)
    other = command(corrected, "rebuild", OLD)
    assert (other.returncode, "police.street_crime.2026-Q2" in other.stdout) == (1, True), other.stderr
