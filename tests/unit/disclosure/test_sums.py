"""Sums of which one or two give nearly all: whoever gave the second most would know the first."""

import polars as pl
import pytest

from disclosure.dimensions import Dimension
from disclosure.protecting import protect
from disclosure.rules import Rule
from disclosure.tables import summed

RULE = Rule(smallest_count=3)
AREA = Dimension.flat("area", ("east", "west", "north"))
EVEN = [10.0] * 10
OTHERS_ALONE = Rule(smallest_count=3, dominance=1.0, p_ratio=0.1)
"""With the shares that are proposed, a sum of which others give too little is dominated by two as well."""
CASES = {
    "the two largest give 90 %": (RULE, [50.0, 40.0, 5.0, 5.0], False),
    "the two largest give more than 90 %": (RULE, [50.0, 41.0, 5.0, 4.0], True),
    "all others give a tenth of the largest": (OTHERS_ALONE, [50.0, 30.0, 2.5, 2.5], False),
    "all others give less than a tenth of the largest": (OTHERS_ALONE, [50.0, 30.0, 2.5, 2.4], True),
    "two give the whole": (RULE, [50.0, 50.0], True),
    "many give alike": (RULE, EVEN, False),
}


def given(**areas: list[float]) -> pl.DataFrame:
    """A row for what each contributor gives in an area."""
    rows = [(area, f"{area}{n}", value) for area, values in areas.items() for n, value in enumerate(values)]
    return pl.DataFrame(rows, schema=["area", "provider", "days"], orient="row")


@pytest.mark.parametrize(("rule", "values", "hidden"), CASES.values(), ids=CASES)
def test_a_sum_is_hidden_that_one_or_two_dominate(rule: Rule, values: list[float], hidden: bool) -> None:
    table = summed(given(east=values, west=EVEN, north=EVEN), [AREA], "days", "provider")
    assert (protect(table, rule).reasons.get(("east",)) == "dominated") is hidden


def test_what_one_gives_in_two_rows_is_one_contribution() -> None:
    rows = given(east=[50.0, 30.0, 6.0, 6.0], west=EVEN, north=EVEN)
    assert ("east",) not in protect(summed(rows, [AREA], "days", "provider"), RULE).reasons
    one = rows.with_columns(pl.col("provider").replace({"east1": "east0"}))
    assert protect(summed(one, [AREA], "days", "provider"), RULE).reasons[("east",)] == "dominated"


def test_a_dominated_sum_is_not_the_total_less_the_others() -> None:
    table = summed(given(east=[90.0, 1.0, 1.0], west=EVEN, north=EVEN), [AREA], "days", "provider")
    done = protect(table, RULE)
    assert sorted(done.reasons.values()) == ["dominated", "protects another"]
    assert set(done.frame().filter(pl.col("value").is_null())["area"]) == {place for (place,) in done.reasons}
