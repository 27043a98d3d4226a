"""Planted drivers and interventions: what the assessment says of a borough whose truth is known."""

import polars as pl
import pytest

from assessment.areas import area_drivers, at_least, hot_spots
from assessment.cohort import Cohort, cohort
from assessment.drivers import drivers
from assessment.evaluation import evaluate
from benchmarks.drivers import planted
from benchmarks.published import published
from hub.periods import Quarter

UNTIL = Quarter(2025, 4)
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return published(4000, 1, UNTIL)


@pytest.fixture(scope="module")
def young(tables: Tables) -> Cohort:
    return cohort(tables, UNTIL)


def test_what_is_called_a_driver_was_planted_and_several_are_found(tables: Tables, young: Cohort) -> None:
    """A small borough shows the strong ones; all of them take a larger one (benchmarks.drivers)."""
    found = {one.factor: one.says for one in drivers(tables, young) if one.found}
    truth = planted()
    assert len(found) >= 2
    assert sum(truth.get(factor) == says for factor, says in found.items()) >= len(found) - 1


def test_a_factor_counts_only_after_it_was_stated(tables: Tables, young: Cohort) -> None:
    """Stated of everybody in the last quarter, it can have led to nothing: it is told of nobody."""
    late = tables["factor"].filter(pl.col("person_id").is_not_null()).with_columns(known_from=pl.lit(UNTIL.ends_on))
    said = drivers(tables | {"factor": late}, cohort(tables | {"factor": late}, UNTIL))
    assert {one.says for one in said} == {"too few to tell"}


def test_a_person_begins_after_the_quarter_in_which_a_service_first_told_of_them(tables: Tables, young: Cohort) -> None:
    services = tables["factor"]["feed"].drop_nulls().unique().to_list()
    told = tables["involvement"].filter(pl.col("feed").is_in(services)).select("event_id", "person_id")
    first = told.join(tables["event"].select("event_id", "occurred_on"), on="event_id").group_by("person_id").min()
    rows = young.rows.join(first, on="person_id")
    year, month = pl.col("occurred_on").dt.year(), pl.col("occurred_on").dt.month()
    assert rows.height == young.rows.height
    assert rows.filter(pl.col("quarter") <= year * 4 + (month - 1) // 3).is_empty()


def test_mentoring_is_found_to_help_where_a_crude_comparison_of_a_small_borough_shows_less(tables: Tables) -> None:
    told = evaluate(tables, "mentoring", UNTIL.ends_on)
    before = {one.about: one.before for one in told.balance}
    after = {one.about: one.after for one in told.balance}
    assert before["rating"] > 0.25
    assert abs(after["rating"]) < 0.01
    assert told.effect.ratio < told.crude.ratio < 1.2  # those at greater risk are chosen for it


def test_hot_spots_are_where_people_go_out_and_their_number_is_no_accident(tables: Tables) -> None:
    spots = hot_spots(tables)
    assert spots[0].hot
    assert spots[0].events > 2 * spots[0].expected
    assert 0 < sum(spot.hot for spot in spots) < len(spots) / 2
    assert sum(spot.expected for spot in spots) == pytest.approx(sum(spot.events for spot in spots))


def test_each_factor_of_small_areas_is_told_of(tables: Tables) -> None:
    assert {one.factor for one in area_drivers(tables)} == {"deprived neighbourhood", "poor environment"}


def test_the_chance_of_so_many_events_is_poissons() -> None:
    assert at_least(3, 1.0) == pytest.approx(0.0803014)
    assert at_least(0, 1.0) == 1.0
