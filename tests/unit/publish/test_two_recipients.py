"""Two recipients of the same rows lay their copies side by side, and find nobody by an id, an order or a file's form.

What is left to them are the attributes that both were granted: two rows alike in enough of them are of one event or of
one person. That is measured here too, so that nobody thinks it away: the agreement's columns prevent it, ids cannot.
"""

import io
import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import polars as pl
import pyarrow.parquet as pq
import pytest

from hub.database import transaction
from publish.candidate import build_candidate
from publish.database import schema_name
from publish.disclosed_persons import own_ids
from publish.files import open_candidate
from publish.manifest import Manifest
from publish.parquet import from_parquet
from publish.publication import publish
from publish.recipient_ids import RecipientIds, keyed
from publish.releases import find
from tests.unit.publish.small_hub import Q3, Hub, an_id

OURS, THEIRS = "partnership_analysts", "health_board"
PERSONS, EVENTS = 300, 500
NOW_AND_THEN = 8  # more rows in one place by chance than this come once in a million times (Poisson, mean 1)


@dataclass(frozen=True)
class Copy:
    """What one recipient has: the files, and what PostgreSQL gives."""

    manifest: Manifest
    files: dict[str, bytes]
    tables: dict[str, pl.DataFrame]
    selected: dict[str, list[str]]


@dataclass(frozen=True)
class Both:
    """Both copies, and which of their ids stand for the same, as nobody but the hub knows."""

    ours: Copy
    theirs: Copy
    same: dict[str, dict[str, str]]


def crowd() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Crimes and who took part in them, as random as small."""
    dice, first = random.Random(7), date(2026, 7, 1)
    events = pl.DataFrame(
        {
            "event_id": [an_id("e", n) for n in range(EVENTS)],
            "feed": "police.recorded_crime",
            "event_type": "crime",
            "occurred_on": [first + timedelta(days=dice.randrange(90)) for _ in range(EVENTS)],
            "offence_code": [dice.choice(("005/01", "008/06", "034/10")) for _ in range(EVENTS)],
            "lsoa_code": [dice.choice(("E01002915", "E01002916", None)) for _ in range(EVENTS)],
            "knife": [dice.random() < 0.2 for _ in range(EVENTS)],
        }
    )
    parts = pl.DataFrame(
        {
            "event_id": [an_id("e", n % EVENTS) for n in range(2 * EVENTS)],
            "record_id": [an_id("a", dice.randrange(PERSONS)) for _ in range(2 * EVENTS)],
            "feed": "police.recorded_crime",
            "role": [dice.choice(("victim", "suspect")) for _ in range(2 * EVENTS)],
            "sex": "unknown",
            "ethnic_group": "unknown",
            "birth_year": [None] * (2 * EVENTS),
        },
        schema_overrides={"birth_year": pl.Int32},
    )
    return events, parts.unique(["event_id", "record_id", "role"], maintain_order=True)


@pytest.fixture
def both(empty_hub: Hub) -> Both:
    """The same quarter, released to two recipients with the same grants."""
    hub = empty_hub
    hub.agree(lambda terms: terms["recipients"].update({THEIRS: terms["recipients"][OURS]}))
    events, parts = crowd()
    hub.deliver("police.recorded_crime", Q3, events, parts)
    named = parts["record_id"].unique().sort()  # their numbers are decimal digits
    hub.link({name: [f"a{int(name[1:], 16)}"] for name in named}, ("police.recorded_crime",))
    ours, theirs = (released(hub, recipient) for recipient in (OURS, THEIRS))
    return Both(ours, theirs, {"person_id": same_persons(hub), "event_id": same_events(hub, events)})


def released(hub: Hub, recipient: str) -> Copy:
    release = build_candidate(hub.settings, hub.ring, Q3, recipient=recipient).release
    hub.decide(release)
    with transaction(hub.settings) as connection:
        found = find(connection, release)
        files = open_candidate(hub.settings, hub.ring, connection, found)
    publish(hub.settings, hub.ring, release)
    tables = {name: from_parquet(files[f"{name}.parquet"]) for name in ("person", "event", "involvement")}
    return Copy(found.manifest, files, tables, {name: selected(hub, release, name) for name in tables})


def selected(hub: Hub, release: str, table: str) -> list[str]:
    """A table's first ids as PostgreSQL has them when it is not asked for an order."""
    column = "person_id" if table == "person" else "event_id"
    return [row[0] for row in hub.rows(f'SELECT {column} FROM {schema_name(release)}."{table}"')]


def same_persons(hub: Hub) -> dict[str, str]:
    with transaction(hub.settings) as connection:
        ours, theirs = (own_ids(connection, hub.ring, recipient) for recipient in (OURS, THEIRS))
    joined = ours.join(theirs, on="own_id", suffix="_theirs")
    return dict(joined.select("person_id", "person_id_theirs").iter_rows())


def same_events(hub: Hub, events: pl.DataFrame) -> dict[str, str]:
    made = (keyed(events, "event_id", RecipientIds.of(hub.ring, who).event)["event_id"] for who in (OURS, THEIRS))
    return dict(zip(*made, strict=True))


def texts(frame: pl.DataFrame) -> dict[str, set[str]]:
    """The values of each column that tells more than a few things apart."""
    found = {name: set(frame[name].drop_nulls().cast(pl.String)) for name in frame.columns}
    return {name: values for name, values in found.items() if name.endswith("_id")}


def test_no_id_and_no_order_leads_from_one_copy_to_the_other(both: Both) -> None:
    ours, theirs = both.ours, both.theirs
    assert len(both.same["person_id"]) > 250
    for mine, other in product(ours.tables.values(), theirs.tables.values()):  # any column against any other
        for (_, one), (_, two) in product(texts(mine).items(), texts(other).items()):
            assert not one & two
            assert not {value[:12] for value in one} & {value[:12] for value in two}
            assert not {value[-12:] for value in one} & {value[-12:] for value in two}
    for table, column in (("person", "person_id"), ("event", "event_id"), ("involvement", "event_id")):
        for before, after in (
            (ours.tables[table][column].to_list(), theirs.tables[table][column].to_list()),
            (ours.selected[table], theirs.selected[table]),
        ):
            assert len(before) == len(after)
            assert in_one_place(before, after, both.same[column]) <= NOW_AND_THEN * (2 if table == "involvement" else 1)
            assert abs(rank_correlation(before, after, both.same[column])) < 0.25


def in_one_place(ours: list[str], theirs: list[str], same: dict[str, str]) -> int:
    """How many rows a recipient finds right who believes that the n-th row is the n-th row."""
    return sum(same[mine] == other for mine, other in zip(ours, theirs, strict=True))


def rank_correlation(ours: list[str], theirs: list[str], same: dict[str, str]) -> float:
    """Whether what comes early in one copy comes early in the other (Spearman)."""
    first = {value: place for place, value in reversed(list(enumerate(theirs)))}
    places = pl.DataFrame(
        [(place, first[same[value]]) for place, value in enumerate(dict.fromkeys(ours))], orient="row"
    )
    return float(places.select(pl.corr("column_0", "column_1", method="spearman")).item())


def test_the_files_forms_tell_of_the_release_and_of_no_row(both: Both) -> None:
    for name in ("person", "event", "involvement"):
        ours, theirs = (both_files[f"{name}.parquet"] for both_files in (both.ours.files, both.theirs.files))
        assert ours != theirs
        for content in (ours, theirs):
            parquet = pq.ParquetFile(io.BytesIO(content))
            assert parquet.metadata.metadata is None
            assert parquet.metadata.num_row_groups == 1


def test_each_release_names_its_domain_and_the_version_of_its_key(both: Both) -> None:
    for copy, recipient in ((both.ours, OURS), (both.theirs, THEIRS)):
        stated = copy.manifest.model_dump(mode="json")["domain"]
        assert stated == {
            "name": f"recipient/{recipient}",
            "key": f"recipient/{recipient}/1",
            "ids": ["event_id", "person_id"],
        }
        assert copy.manifest.key_versions[f"recipient/{recipient}"] == 1


def test_what_both_are_granted_can_still_be_laid_side_by_side(both: Both) -> None:
    """The honest remainder: rows alone of their kind in both copies. The agreement's columns decide how many."""
    attributes = ["events", "first_seen_on", "last_seen_on", "age_band", "sex", "authorities"]
    found = alone(both.ours.tables["person"], attributes).join(
        alone(both.theirs.tables["person"], attributes), on=attributes, suffix="_theirs", nulls_equal=True
    )
    right = sum(
        both.same["person_id"][mine] == other for mine, other in found[["person_id", "person_id_theirs"]].rows()
    )
    assert right == found.height > 0.5 * len(both.same["person_id"])
    coarse = ["age_band", "sex", "authorities"]
    assert alone(both.ours.tables["person"], coarse).is_empty()


def alone(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """The rows that no other is like, in these columns."""
    return frame.filter(pl.len().over(columns) == 1).select("person_id", *columns)
