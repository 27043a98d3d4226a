"""The public's tables of a year beside those of four successive quarters: an exact attacker learns no small count."""

from dataclasses import replace

import polars as pl
import pytest

from assessment.needs.report import assess
from assessment.public.tables import Values, quarter_tables
from assessment.safe import Gate
from benchmarks.published import published
from definition.model import load_definition
from hub.periods import Quarter
from hub.settings import PROJECT
from schemas.offences import load_offences
from tests.cases import takes_long
from tests.unit.assessment.test_needs import TERMS, UNTIL, release_of, source_of
from tests.unit.assessment.test_public import together

QUARTERS = tuple(Quarter(UNTIL.year, number) for number in (1, 2, 3, 4))
DRAWN = [(1, 1), *(pytest.param(4, seed, marks=takes_long) for seed in range(1, 11))]


def values_of(tables: dict[str, pl.DataFrame], wards_told: int) -> Values:
    wards = tables["area"].filter(pl.col("kind") == "ward")["area_code"].sort().head(wards_told)
    groups = load_offences(PROJECT / "config")["group"].unique().sort()
    kinds = sorted(load_definition(PROJECT / "config").kinds)
    return {"ward": tuple(wards), "offence_group": tuple(groups), "violence_kind": tuple(kinds)}


@pytest.mark.parametrize(("releases", "seed"), DRAWN)
def test_an_exact_attacker_learns_of_no_protected_count_of_quarters_and_their_year(releases: int, seed: int) -> None:
    """As they go out: each quarter by itself, and the year with the last one, held against those before."""
    tables = release_of(published(1500, seed, UNTIL))
    event, groups, values = (
        tables["event"],
        load_offences(PROJECT / "config"),
        values_of(tables, 19 if releases > 1 else 4),
    )
    year = Gate(TERMS)
    for quarter in QUARTERS[-releases:]:
        alone = Gate(TERMS)
        out = quarter_tables(event, groups, values, quarter, alone)
        beside = quarter_tables(event, groups, values, quarter, year)
        assert [one.csv() for one in beside] == [one.csv() for one in out]  # the year changes nothing of what is out
    quarters = len(year.let)
    assess(replace(source_of(tables), terms=TERMS), year)
    assert (quarters, len(year.let) > quarters + 20) == (6 * releases, True)
    assert sum(one.small for one in year.decisions) > 50
    assert together(year).learnt() == []
