"""The published tables, from hand-made linked events."""

import hmac
from datetime import date
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from hub.periods import Quarter
from hub.settings import PROJECT
from publish.recipient_ids import RecipientIds
from publish.tables import Linked, Stated, age_band, each_once, each_table, modal

QUARTER = Quarter(2026, 3)
IDS = RecipientIds(person="p" * 64, event="e" * 64, incident="i" * 64)
STATED = Stated.of(PROJECT / "config")


def linked() -> Linked:
    """Two persons: A seen by police and health in one event each, B a suspect beside A."""
    events = pl.DataFrame(
        {
            "event_id": ["e1", "e2", "e3"],
            "feed": ["police.recorded_crime", "health.emergency_care", "police.street_crime"],
            "event_type": ["crime", "emergency attendance", "street crime"],
            "occurred_on": [date(2026, 8, 1), date(2026, 7, 2), date(2026, 9, 1)],
        }
    )
    involvements = pl.DataFrame(
        {
            "event_id": ["e1", "e1", "e2"],
            "record_id": ["r1", "r2", "r3"],
            "person_id": ["A", "B", "A"],
            "feed": ["police.recorded_crime", "police.recorded_crime", "health.emergency_care"],
            "authority": ["police", "police", "health"],
            "role": ["victim", "suspect", "patient"],
            "sex": ["female", "male", "unknown"],
            "ethnic_group": ["white", "unknown", "white"],
            "birth_year": [2001, None, 2001],
        }
    )
    return Linked(events, involvements)


def made(ids: RecipientIds = IDS) -> dict[str, pl.DataFrame]:
    return {name: table.text for name, table in each_table(linked(), QUARTER, ids, STATED)}


def test_a_person_is_described_by_all_records_of_all_authorities() -> None:
    person = made()["person"].sort("events").drop("person_id")
    assert person.select(
        "authorities", "events", "first_seen_on", "last_seen_on", "sex", "ethnic_group", "age_band"
    ).rows() == [
        (1, 1, date(2026, 8, 1), date(2026, 8, 1), "male", "unknown", "unknown"),
        (2, 2, date(2026, 7, 2), date(2026, 8, 1), "female", "white", "25-34"),
    ]


def test_ids_are_the_recipients_own_and_join_the_tables() -> None:
    tables = made()
    expected = hmac.digest(b"p" * 64, b"A", "sha256").hex()[:32]
    assert expected in tables["person"]["person_id"]
    assert set(tables["involvement"]["person_id"]) == set(tables["person"]["person_id"])
    assert set(tables["involvement"]["event_id"]) < set(tables["event"]["event_id"])
    other = made(RecipientIds(person="q" * 64, event="f" * 64, incident="j" * 64))
    for table, column in (("person", "person_id"), ("event", "event_id"), ("incident", "incident_id")):
        assert not set(tables[table][column]) & set(other[table][column])


def test_no_id_of_the_hubs_own_comes_out() -> None:
    tables = made()
    values = {str(value) for frame in tables.values() for row in frame.rows() for value in row}
    assert not values & {"A", "B", "e1", "e2", "e3", "r1", "r2", "r3"}
    assert all("record_id" not in frame.columns for frame in tables.values())


def test_an_event_without_persons_counts_none() -> None:
    event = made()["event"]
    assert dict(event.select("event_type", "persons").rows()) == {
        "crime": 2,
        "emergency attendance": 1,
        "street crime": 0,
    }


def test_involvements_come_once_each_in_order_of_all_their_columns() -> None:
    random = Random(1)
    drawn = [
        (
            random.randrange(9),
            random.randrange(9),
            random.choice("vs"),
            random.choice(["f", "m", None]),
            random.randrange(2),
        )
        for _ in range(400)
    ]
    kinds = {"event_id": pl.UInt32, "person_id": pl.UInt32, "role": pl.String, "sex": pl.String, "birth_year": pl.Int64}
    rows = pl.DataFrame(drawn, schema=kinds, orient="row")
    assert rows.is_duplicated().any()
    expected = rows.unique().sort("event_id", "person_id", "role", "birth_year", "sex", nulls_last=True)
    assert_frame_equal(each_once(rows), expected)
    assert_frame_equal(each_once(rows[:0]), rows[:0])


@pytest.mark.parametrize(
    ("votes", "winner"),
    [
        ([("r1", "female"), ("r2", "female"), ("r3", "male")], ["female"]),
        ([("r1", "female"), ("r2", "male")], []),
        ([("r1", "unknown"), ("r2", "unknown"), ("r3", "male")], ["male"]),
        ([("r1", "female"), ("r1", "female"), ("r2", "male")], []),
        ([("r1", None), ("r2", "unknown")], []),
    ],
    ids=["the commonest wins", "a tie is nobody's", "unknown has no vote", "one record votes once", "never known"],
)
def test_modal(votes: list[tuple[str, str | None]], winner: list[str]) -> None:
    rows = [("A", record, value) for record, value in votes]
    frame = pl.DataFrame(rows, schema={"person_id": pl.String, "record_id": pl.String, "sex": pl.String}, orient="row")
    assert modal(frame, "sex")["sex"].to_list() == winner


@pytest.mark.parametrize(
    ("birth_year", "band"),
    [
        (2026, "0-9"), (2017, "0-9"), (2016, "10-17"), (2009, "10-17"), (2008, "18-24"), (2002, "18-24"),
        (2001, "25-34"), (1992, "25-34"), (1991, "35-49"), (1977, "35-49"), (1976, "50-64"), (1962, "50-64"),
        (1961, "65+"), (1906, "65+"), (1905, "unknown"), (2027, "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_age_band(birth_year: int | None, band: str) -> None:
    frame = pl.DataFrame({"birth_year": [birth_year]}, schema={"birth_year": pl.Int32})
    assert frame.select(age_band(pl.col("birth_year"), 2026).alias("band"))["band"].to_list() == [band]
