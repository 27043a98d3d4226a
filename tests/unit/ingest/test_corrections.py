"""Delivered, corrected, deleted, delivered again: what is in force afterwards, over REST and from a database."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from sqlalchemy import select

import ingest.continuing
from connectors import connect
from hub.database import transaction
from hub.feeds import load_feed
from ingest.errors import DeliveryRefused
from ingest.journey import Admission, admit, collect
from partners.layout import extract_path
from store.deliveries import find_delivery, open_delivery
from store.landing import seal_page, watermark_of
from store.models import DeliveryRow
from tests.unit.ingest.conftest import QUARTER, Hub

FIRE, EXCLUSIONS = "fire.fire_setter_referrals", "council.exclusions"
REPEATED = "ingest:delivery:decision"
BEGAN = datetime(2026, 10, 5, 9, 0)  # noqa: DTZ001  # as SQLite writes it


def delivered(hub: Hub, feed: str) -> Admission:
    return admit(hub.settings, collect(hub.settings, feed, QUARTER))


def deliveries(hub: Hub, feed: str) -> list[tuple[str, str | None]]:
    """State of each delivery, and which it continues."""
    asked = select(DeliveryRow.state, DeliveryRow.continues_id).where(DeliveryRow.feed == feed).order_by(DeliveryRow.id)
    with transaction(hub.settings) as connection:
        return [(row.state, row.continues_id) for row in connection.execute(asked)]


def in_force(hub: Hub, feed: str, column: str) -> dict[str, Any]:
    """A column of every event in force, by the event's id; the records are of the same events."""
    events, involved = hub.table(feed), hub.table(feed, kind=".involvements")
    assert events["event_id"].is_unique().all()
    assert set(involved["event_id"]) == set(events["event_id"])
    assert hub.table(feed, "records").height == involved["record_id"].n_unique()
    return dict(events.select("event_id", pl.col(column).cast(pl.String)).iter_rows())


# Over REST: each delivery is whole


def test_over_rest_a_correction_and_a_deletion_are_carried_through_and_a_redelivery_changes_nothing(hub: Hub) -> None:
    path = extract_path(hub.partners, FIRE, str(QUARTER))
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert (delivered(hub, FIRE).state, delivered(hub, FIRE).state) == ("admitted", "repeated")
    first = in_force(hub, FIRE, "deliberate")

    mended = [rows[0] | {"deliberate": not rows[0]["deliberate"]}, *rows[2:]]
    path.write_text(json.dumps(mended), encoding="utf-8")
    assert (delivered(hub, FIRE).state, delivered(hub, FIRE).state) == ("admitted", "repeated")

    second = in_force(hub, FIRE, "deliberate")
    assert len(second) == len(first) - 1
    assert sum(first[event] != value for event, value in second.items()) == 1  # under the same id as before
    assert [state for state, _ in deliveries(hub, FIRE)] == ["superseded", "repeated", "admitted", "repeated"]
    receipts = [entry["detail"] for entry in hub.log() if entry["action"] == "connectors:delivery:collection"]
    assert [receipt["rows_told"] for receipt in receipts] == [len(rows)] * 2 + [len(mended)] * 2


# From a database: the first delivery is whole, the next ones hold what was changed


@dataclass
class Council:
    """The council's table, in SQLite: the hub takes any database."""

    path: Path
    now: datetime = BEGAN

    def execute(self, statement: str, *values: Any) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute(statement, values)

    def change(self, what: str, *which: str) -> None:
        """Change rows as the council's own program does: it stamps them."""
        self.now += timedelta(hours=3)
        for key in which:
            self.execute(f"UPDATE exclusions SET {what}, changed_at = ? WHERE exclusion_id = ?", str(self.now), key)

    def copy(self, key: str, new: str) -> None:
        """Add a row like another."""
        self.execute("CREATE TABLE one AS SELECT * FROM exclusions WHERE exclusion_id = ?", key)
        self.execute("UPDATE one SET exclusion_id = ?", new)
        self.execute("INSERT INTO exclusions SELECT * FROM one")
        self.execute("DROP TABLE one")
        self.change("deleted = 0", new)

    def keys(self) -> list[str]:
        with sqlite3.connect(self.path) as connection:
            return [key for (key,) in connection.execute("SELECT exclusion_id FROM exclusions ORDER BY 1")]


@pytest.fixture
def council(hub: Hub, tmp_path: Path) -> Iterator[Council]:
    """The council's table filled from its extract, and the hub told where it is."""
    made = Council(tmp_path / "council.db")
    with extract_path(hub.partners, EXCLUSIONS, str(QUARTER)).open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    made.execute(f"CREATE TABLE exclusions ({', '.join(names)}, changed_at, deleted)")
    marks = ", ".join("?" * (len(names) + 2))
    for number, row in enumerate(rows):
        at = BEGAN - timedelta(hours=6 * (len(rows) - 1 - number))
        made.execute(f"INSERT INTO exclusions VALUES ({marks})", *(value or None for value in row), str(at), None)
    path = hub.settings.config / "feeds" / f"{EXCLUSIONS}.yaml"
    transport = yaml.safe_load(path.read_text(encoding="utf-8"))["transport"]
    told = {"url": f"sqlite:///{made.path}", "table": "exclusions", "page_size": 20}
    own = {"changed_column": "changed_at", "deleted_column": "deleted", "password": None}
    hub.change(f"feeds/{EXCLUSIONS}.yaml", transport=transport | told | own)
    return made


def rows_told(hub: Hub) -> int:
    """How many rows the newest delivery itself holds."""
    found = [entry["detail"] for entry in hub.log() if entry["action"] == "connectors:delivery:collection"]
    return found[-1]["rows_told"]


def test_from_a_database_only_changes_are_fetched_and_what_is_in_force_is_as_the_table_stands(hub, council) -> None:
    corrected, deleted, *_, last = council.keys()
    before = delivered(hub, EXCLUSIONS)
    first = in_force(hub, EXCLUSIONS, "sessions_missed")
    council.change("sessions = 399", corrected)
    council.change("deleted = 1", deleted)
    council.copy(last, "EX-new")

    after = delivered(hub, EXCLUSIONS)

    assert rows_told(hub) == 4  # these three, and the last of those that were read before
    assert after.accepted == before.accepted
    second = in_force(hub, EXCLUSIONS, "sessions_missed")
    assert len(second) == len(first)
    assert (len(set(first) - set(second)), len(set(second) - set(first))) == (1, 1)
    assert [value for event, value in second.items() if first.get(event, value) != value] == ["399"]
    assert deliveries(hub, EXCLUSIONS) == [("superseded", None), ("admitted", before.delivery)]

    assert delivered(hub, EXCLUSIONS).delivery == after.delivery  # nothing was changed since
    assert in_force(hub, EXCLUSIONS, "sessions_missed") == second
    told = [entry["detail"]["ground"] for entry in hub.log() if entry["action"] == REPEATED]
    assert told == ["nothing_new"]


def test_changes_upon_changes_come_to_what_a_whole_delivery_would_be(hub, council) -> None:
    delivered(hub, EXCLUSIONS)
    one, two, three, *_ = council.keys()
    council.change("sessions = 398", one, two)
    delivered(hub, EXCLUSIONS)
    council.change("sessions = 397", two)
    council.change("deleted = 1", one)
    delivered(hub, EXCLUSIONS)
    council.change("deleted = 0", one)  # it stands again
    council.change("deleted = 1", three)
    continued = delivered(hub, EXCLUSIONS)
    found = in_force(hub, EXCLUSIONS, "sessions_missed")

    hub.change("agreement.yaml", version="1.1")  # under another agreement everything is fetched again
    whole = delivered(hub, EXCLUSIONS)

    assert [each[1] is None for each in deliveries(hub, EXCLUSIONS)] == [True, False, False, False, True]
    assert in_force(hub, EXCLUSIONS, "sessions_missed") == found
    assert (whole.accepted, whole.quarantined) == (continued.accepted, continued.quarantined)
    assert rows_told(hub) == len(council.keys()) - 1


def test_a_row_that_was_quarantined_and_is_mended_at_the_source_leaves_quarantine(hub, council) -> None:
    key = council.keys()[0]
    council.change("category = 'NONE OF THESE'", key)
    before = delivered(hub, EXCLUSIONS)
    council.change("category = 'SUSP'", key)
    after = delivered(hub, EXCLUSIONS)
    assert (after.accepted - before.accepted, before.quarantined - after.quarantined) == (1, 1)


def test_a_row_that_stays_at_fault_is_quarantined_once_however_often_it_is_read(hub, council) -> None:
    """Within the overlap it comes with each delivery of changes, though nobody changed it."""
    faulty, *_, last = council.keys()
    council.change("category = 'NONE OF THESE'", faulty)
    before = delivered(hub, EXCLUSIONS)
    for sessions in (3, 4):
        council.execute("UPDATE exclusions SET sessions = ?, changed_at = ? WHERE exclusion_id = ?",
                        sessions, str(council.now + timedelta(minutes=sessions)), last)  # fmt: skip
        after = delivered(hub, EXCLUSIONS)
        assert (after.accepted, after.quarantined) == (before.accepted, before.quarantined)
        assert after.reasons == before.reasons


def test_a_row_that_goes_without_a_mark_while_another_comes_is_noticed_and_mended(hub, council) -> None:
    """There are as many rows as before, and only what stands after the changes tells."""
    delivered(hub, EXCLUSIONS)
    gone, *_, last = council.keys()
    council.execute("DELETE FROM exclusions WHERE exclusion_id = ?", gone)
    council.copy(last, "EX-new")
    with pytest.raises(DeliveryRefused, match="removed without a mark"):
        delivered(hub, EXCLUSIONS)
    done = delivered(hub, EXCLUSIONS)
    assert [state for state, _ in deliveries(hub, EXCLUSIONS)] == ["superseded", "refused", "admitted"]
    assert (done.received, rows_told(hub)) == (len(council.keys()), len(council.keys()))


@pytest.mark.parametrize("lost", ["pages", "rows without a mark"])
def test_what_cannot_be_continued_is_fetched_whole(hub, council, lost) -> None:
    first = delivered(hub, EXCLUSIONS)
    council.change("sessions = 396", council.keys()[0])
    if lost == "pages":
        next((hub.settings.home / "zones" / "landing" / EXCLUSIONS / first.delivery).iterdir()).unlink()
    else:
        council.execute("DELETE FROM exclusions WHERE exclusion_id = ?", council.keys()[1])
    delivered(hub, EXCLUSIONS)
    assert deliveries(hub, EXCLUSIONS) == [("superseded", None), ("admitted", None)]
    assert rows_told(hub) == len(council.keys())


def test_a_run_that_is_killed_while_it_fetches_changes_goes_on_with_them(hub, council) -> None:
    first = delivered(hub, EXCLUSIONS)
    council.change("sessions = 395", *council.keys()[:25])
    feed = load_feed(hub.settings.config, EXCLUSIONS)
    with transaction(hub.settings) as connection:  # what a run leaves that is killed after its first page
        before = find_delivery(connection, first.delivery)
        changes = connect(hub.settings, feed).continuing(watermark_of(connection, hub.ring, before))
        page = next(iter(changes.pages(QUARTER)))
        killed = open_delivery(connection, hub.ring, feed, QUARTER, continues=first.delivery)
        seal_page(hub.settings, connection, hub.ring, killed, page.body, cursor=page.cursor)
    done = delivered(hub, EXCLUSIONS)
    assert done.delivery == killed.id
    assert list(in_force(hub, EXCLUSIONS, "sessions_missed").values()).count("395") == 25
    assert rows_told(hub) == 26


def test_after_many_deliveries_of_changes_one_is_whole_again(hub, council, monkeypatch) -> None:
    monkeypatch.setattr(ingest.continuing, "LONGEST_CHAIN", 2)
    for sessions in ("391", "392", "393"):
        council.change(f"sessions = {sessions}", council.keys()[0])
        delivered(hub, EXCLUSIONS)
    assert [continues is None for _, continues in deliveries(hub, EXCLUSIONS)] == [True, False, True]
    assert "393" in in_force(hub, EXCLUSIONS, "sessions_missed").values()
