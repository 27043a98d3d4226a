"""The delivery plan's indicators: what the file says, what the charts find, and what may be told."""

import json
import shutil
from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from agreement.errors import AgreementRefusal
from assessment.control import Chart, Point, chart
from assessment.indicators import Indicators, load_indicators
from assessment.measured import measure, says
from assessment.measuring import tell_indicators
from assessment.safe import Gate
from disclosure.questions import Terms
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import PROJECT
from hub.yaml_files import read_yaml
from tests.unit.assessment.test_evaluating import command
from tests.unit.publish.small_hub import Hub

ON, LOGGED = date(2026, 11, 20), "assessment:indicators:disclosure"


def counts(*values: int | None, of: float = 1.0) -> list[Point]:
    return [Point(f"q{place}", value, of) for place, value in enumerate(values)]


def drawn(*values: int | None, of: float = 1.0, share: bool = False) -> Chart:
    return chart(counts(*values, of=of), 8, 7, 6, share=share)


# Charts --------------------------------------------------------------------------------------------------------------

EVEN = (100, 104, 97, 101, 99, 103, 98, 98)


def test_limits_are_three_standard_errors_of_the_baseline_and_stay() -> None:
    found = drawn(*EVEN, 100, 500)
    assert found.spread == 1.0  # the quarters differ less than by chance: limits are never narrower
    assert {(one.low, one.centre, one.high) for one in found.limits if one} == {(70.0, 100.0, 130.0)}
    assert found.signals == (("beyond the limits", "higher"),)


def test_limits_of_a_share_are_those_of_a_share() -> None:
    (within,) = set(drawn(*[20] * 9, of=100, share=True).limits)
    assert within is not None
    assert within.high - within.centre == pytest.approx(3 * sqrt(0.2 * 0.8 / 100))


def test_limits_are_as_wide_as_the_baselines_quarters_differ() -> None:
    wild = (60, 140, 60, 140, 140, 60, 140, 60)  # and not by the season
    found = drawn(*wild, 135)
    assert found.spread == pytest.approx(6 / 7 * 80 / sqrt(100) / 1.128)  # moving ranges (Laney)
    assert found.signals == ()
    assert drawn(*EVEN, 135).signals == (("beyond the limits", "higher"),)


def test_a_run_and_a_trend_are_no_chance_and_what_is_not_shown_ends_them() -> None:
    assert ("run on one side", "lower") in drawn(*EVEN, *[95] * 7).signals
    assert ("run on one side", "lower") not in drawn(*EVEN, *[95] * 3, None, *[95] * 3).signals
    assert drawn(*EVEN, 95, 97, 99, 101, 103, 105).signals == (("trend", "higher"),)
    assert drawn(*EVEN, 95, 97, 99, 101, 100, 105).signals == ()


def test_without_a_baseline_there_are_no_limits() -> None:
    assert set(drawn(*EVEN).limits) == {None}
    assert set(drawn(None, None, None, *EVEN).limits) == {None}


def test_chance_alone_is_seldom_called_a_change_and_a_halving_nearly_always_is() -> None:
    rng = np.random.default_rng(1)
    same = sum(bool(drawn(*rng.poisson(60, 12)).signals) for _ in range(400))
    halved = sum(bool(drawn(*rng.poisson(60, 8), *rng.poisson(30, 4)).signals) for _ in range(400))
    assert same < 0.06 * 400
    assert halved > 0.75 * 400


SEASON = (1.0, 1.3, 1.2, 0.5)


def test_each_quarter_of_the_year_has_its_own_centre_where_two_years_say_so_by_more_than_chance() -> None:
    years = [round(200 * times) for times in SEASON] * 2
    found = drawn(*years, *years[:3], 200)
    assert found.season == pytest.approx(SEASON)
    assert [one.centre for one in found.limits[8:] if one] == pytest.approx([200, 260, 240, 100])
    assert found.signals == (("beyond the limits", "higher"),)  # 200, as many as in spring: in winter that is no chance
    assert drawn(*years, *years).signals == ()
    assert drawn(*EVEN, 100).season is None
    assert chart(counts(*years[:7], 100), 7, 7, 6, share=False).season is None  # not two years


def test_a_season_is_seldom_taken_for_a_change_and_hides_none() -> None:
    rng = np.random.default_rng(2)
    mean = 200 * np.tile(SEASON, 3)
    more = mean.copy()
    more[-1] *= 1.5
    same = [drawn(*rng.poisson(mean)) for _ in range(300)]
    changed = sum(bool(drawn(*rng.poisson(more)).signals) for _ in range(300))
    assert sum(bool(one.signals) for one in same) < 0.06 * 300
    assert all(one.season for one in same)
    assert changed > 0.6 * 300
    assert sum(drawn(*rng.poisson(60, 12)).season is not None for _ in range(300)) < 0.05 * 300


def test_what_it_says_is_better_or_worse_as_the_plan_wishes_it() -> None:
    more = drawn(*EVEN, 200)
    assert "this is worse" in says("fewer", more, 8)
    assert "this is better" in says("more", more, 8)
    assert "this is a change" in says("none", more, 8)
    assert "no sign of a change" in says("fewer", drawn(*EVEN, 100), 8)
    assert "Limits need 8 quarters" in says("fewer", drawn(100), 8)
    assert "not shown" in says("fewer", drawn(*EVEN, None), 8)


# The file ------------------------------------------------------------------------------------------------------------


def test_every_priority_of_the_plan_has_an_indicator() -> None:
    stated = load_indicators(PROJECT / "config")
    assert {one.priority for one in stated.indicators.values()} == set(stated.priorities)
    assert len(stated.priorities) == 7


@pytest.mark.parametrize(
    ("line", "instead", "why"),
    [
        ("feed: council.exploitation}", "feed: council.exploitations}", "no feed council.exploitations"),
        ("clauses: [over 25]", "clauses: [over 52]", "no clause over 52"),
        ("where: {repeat_case:", "where: {repeated:", "no column repeated"),
        ("priority: over-25s", "priority: over-30s", "no such priority: over-30s"),
        ("wished: more}", "wished: most}", "wished"),
    ],
)
def test_a_slip_of_the_pen_is_told(tmp_path: Path, line: str, instead: str, why: str) -> None:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    file = config / "indicators.yaml"
    text = file.read_text(encoding="utf-8")
    assert line in text
    file.write_text(text.replace(line, instead), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=why):
        load_indicators(config)


# From a release ------------------------------------------------------------------------------------------------------


def test_a_planted_fall_is_found_and_every_count_is_rounded() -> None:
    rng = np.random.default_rng(3)
    first, days = date(2023, 10, 1), []
    for quarter in range(12):
        many = 60 if quarter < 11 else 20
        days += [first + timedelta(days=91 * quarter + int(day)) for day in rng.integers(0, 89, many)]
    event = pl.DataFrame(
        {
            "event_id": [f"{n}" for n in range(len(days))],
            "feed": "police.recorded_crime",
            "occurred_on": days,
            "violence_kind": "robbery",
            "definition_clauses": "over 25, public space",
        }
    )
    stated = Indicators.model_validate(read_yaml(PROJECT / "config" / "indicators.yaml"))
    empty = {"person_id": pl.String(), "feed": pl.String(), "offered_on": pl.Date(), "prevention": pl.String()}
    tables = {
        "event": event,
        "intervention": pl.DataFrame(schema=empty),
        "area": pl.DataFrame({"kind": ["lsoa"], "population": [9000], "population_10_24": [2000]}),
    }
    gate = Gate(Terms(8, 5))
    found = {one.name: one for one in measure(tables, stated, Quarter(2026, 3), gate)[0]}
    assert "this is better" in found["violence against over-25s"].says
    assert "not shown" in found["people reached early"].says or "Limits" in found["people reached early"].says
    told = [point.count for one in found.values() for point in one.chart.points if point.count]
    assert all(count % 5 == 0 for count in told)
    assert gate.learnt() == 0


def test_the_command_tells_what_it_logged_and_holds_nobodys_id(assessed: Hub, tmp_path: Path) -> None:
    page, csv = tmp_path / "plan.html", tmp_path / "plan.csv"
    said = command(assessed, "indicators", "2026-Q3", "--page", str(page), "--csv", str(csv), "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    (entry,) = assessed.said(action=LOGGED)
    assert (entry["purpose"], entry["detail"]["sha256"]) == ("strategy", told["sha256"])
    rows = pl.read_csv(csv, infer_schema=False)
    assert set(rows["indicator"]) == {one["name"] for one in told["indicators"]}
    ids = [row[0] for row in assessed.rows("SELECT person_id FROM release_2026_q3_v1.person")]
    for text in (page.read_text(encoding="utf-8"), csv.read_text(encoding="utf-8"), said.stdout):
        assert not any(one in text for one in ids)
    assert "<script" not in page.read_text(encoding="utf-8")


def test_the_same_release_gives_the_same_bytes_and_another_purpose_nothing(assessed: Hub) -> None:
    first, again = (tell_indicators(assessed.settings, None, ON) for _ in range(2))
    assert (first.page(), first.csv()) == (again.page(), again.csv())
    assessed.agree(lambda terms: terms["recipients"]["partnership_analysts"].update(purposes=["evaluation"]))
    with pytest.raises(AgreementRefusal, match="another purpose"):
        tell_indicators(assessed.settings, None, ON)
    assert assessed.logged(LOGGED) == 2
