"""What contracts can state beyond types, and the quick ways to it beside the slow ones."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from test_validation import crimes

from hub.periods import Quarter
from schemas import local_time, readings
from schemas.ages import full_years
from schemas.areas import GRID, load_areas
from schemas.columns import Rows, column, derived
from schemas.contract import Contract
from schemas.errors import ContractError, WrongPeriod
from schemas.formats import ROW_NUMBER
from schemas.police import RECORDED_CRIME
from schemas.quarantine import summary
from schemas.readings import nhs_number, text
from schemas.validation import Checking, validate
from schemas.wards import WARD, load_wards

QUARTER = Quarter(2026, 3)
CANARY = "Quillfeather"


class Numbered(Rows):
    """A key, an NHS number of either kind, a ward of either vintage, and a column that had another name."""

    key: str = column("key", text(), "A key", formerly=("id", "ref"))
    strict: str = column("strict", nhs_number(strict=True), "A number that must check", nullable=True)
    given: str = column("given", nhs_number(), "A number that is kept as given", nullable=True, may_be_missing=True)
    ward_code: str = column("ward", text(), "A ward", nullable=True, may_be_missing=True)
    ward_vintage: int = derived(None, "From which year the ward's boundaries held")


NUMBERED = Contract(feed="a.b", model=Numbered, event_type="c", event_key=("key",), place=WARD)


def checked(policy: Any = "refuse", **columns: list[str]) -> Checking:
    with Checking(NUMBERED, QUARTER, drift=policy) as checking:
        checking.batch(pl.DataFrame(columns).with_row_index(ROW_NUMBER, 1))
        checking.settle()
        return checking


@pytest.mark.parametrize(("number", "right"), [("943 476 5919", True), ("9434765919", True), ("9434765918", False)])
def test_an_nhs_number_keeps_its_check_digit_as_a_rule_or_as_a_remark(number: str, right: bool) -> None:
    frame = pl.DataFrame({"key": ["1"], "strict": [number], "given": [number]})
    found = validate(frame, NUMBERED, QUARTER)
    assert [count.reason.value for count in summary(found.quarantined)] == ([] if right else ["wrong_check_digit"])
    kept = validate(frame.with_columns(strict=pl.lit("")), NUMBERED, QUARTER)
    assert [remark.remark.value for remark in kept.remarks] == ([] if right else ["wrong_check_digit"])
    assert kept.valid["given"].to_list() == [number]


def test_an_old_ward_becomes_a_new_one_only_where_nearly_all_of_it_lies_in_one() -> None:
    frame = pl.DataFrame(
        {"key": list("1234"), "strict": [""] * 4, "ward": ["E05000404", "E05000400", "E05013928", "E0"]}
    )
    found = validate(frame, NUMBERED, QUARTER)
    assert found.valid["ward_code"].to_list() == ["E05013935", None, "E05013928", None]
    assert found.valid["ward_vintage"].to_list() == [2002, 2002, 2022, None]
    assert [(remark.remark.value, remark.column, remark.rows) for remark in found.remarks] == [
        ("unknown_area", "ward", 2)
    ]
    assert load_wards().group_by("vintage").len().sort("vintage").rows() == [(2002, 16), (2022, 19)]


def test_a_feed_of_the_borough_alone_takes_no_place_elsewhere() -> None:
    frame = crimes(3).with_columns(
        Easting=pl.Series(["518100", "400000", ""]), Northing=pl.Series(["169200", "300000", ""])
    )
    strict = replace(RECORDED_CRIME, place=replace(GRID, must_be_near=True))
    found = validate(frame, strict, QUARTER)
    assert found.quarantined["reasons"].to_list() == [["outside_area"]]
    assert validate(frame, RECORDED_CRIME, QUARTER).quarantined.is_empty()


def test_columns_that_changed_are_refused_by_name() -> None:
    with pytest.raises(ContractError, match=r"renamed: id \(now key\)"):
        checked(id=["1"], strict=[""])
    with pytest.raises(ContractError, match="undeclared: extra"):
        checked(key=["1"], strict=[""], extra=[CANARY])
    with pytest.raises(ContractError, match="missing: strict") as refusal:
        checked("report", key=["1"], extra=[CANARY])
    assert CANARY not in str(refusal.value)


def test_columns_that_changed_are_told_where_the_feed_says_so() -> None:
    told = checked("report", id=["1"], ref=[CANARY], strict=[""], extra=[CANARY])
    (drift,) = told.drift
    assert (drift.new, drift.renamed, drift.absent) == (("extra", "ref"), (("id", "key"),), ("given", "ward"))
    assert CANARY not in str(drift)
    assert not checked(key=["1"], strict=[""]).drift


def test_a_file_of_another_quarter_is_refused_and_its_quarter_named() -> None:
    with pytest.raises(WrongPeriod, match="seems to be that of 2026-Q3, not of 2026-Q4") as refusal:
        validate(crimes(12), RECORDED_CRIME, Quarter(2026, 4))
    assert "12 of 12 rows lie in 2026-Q3" in str(refusal.value)
    assert "Example" not in str(refusal.value)
    few = validate(crimes(9), RECORDED_CRIME, Quarter(2026, 4))
    assert few.quarantined["reasons"].to_list() == [["outside_period"]] * 9


def test_squares_and_distances_name_the_same_nearest_point() -> None:
    chance, areas = np.random.default_rng(1), load_areas()
    x, y = chance.integers(512_000, 528_000, 60_000) * 1.0, chance.integers(155_000, 177_000, 60_000) * 1.0
    x[:9] = np.nan
    assert (areas.by_grid.of(x, y) == areas.by_grid._exactly(x, y)).all()
    assert (areas.by_grid.of(x, y)[:9] == -1).all()


def test_london_time_is_the_same_by_table_and_by_the_rules_of_the_zone() -> None:
    chance = np.random.default_rng(2)
    changes = [np.datetime64(day, "us").astype(int) for day in ("2026-03-29", "2026-10-25", "1941-05-04", "1968-10-27")]
    near = [change + chance.integers(-100_000, 200_000, 300) * 1_000_000 for change in changes]
    moments = np.concatenate([*near, chance.integers(-3 * 10**15, 4 * 10**15, 20_000)])
    local = pl.Series("at", moments).cast(pl.Datetime("us")).append(pl.Series([None], dtype=pl.Datetime("us")))
    instant = local.dt.replace_time_zone("UTC")
    for quick, slow, values in (
        (readings.to_utc, local_time._to_utc, local),
        (readings.second_reading, local_time._second_reading, instant),
        (readings.local_day, local_time._local_day, instant),
    ):
        assert values.to_frame().select(quick(pl.col("at")))["at"].equals(slow(values))


def test_years_of_life_are_full_ones() -> None:
    born = [date(2001, 3, 17), date(2001, 3, 17), date(2001, 3, 17), None, date(1850, 1, 1)]
    on = [date(2026, 3, 16), date(2026, 3, 17), date(2001, 3, 17), date(2026, 1, 1), date(2026, 1, 1)]
    days = pl.DataFrame({"born": born, "on": on})
    assert days.select(full_years(pl.col("born"), pl.col("on"))).to_series().to_list() == [24, 25, 0, None, 176]
