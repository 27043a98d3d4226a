"""Risk and protective factors: how much more often those who have one are suspects of serious violence afterwards.

1. Each factor is looked at among the person-quarters of the cohort (``assessment.cohort``), all in one model, so
   that each is adjusted for the others, for age, sex, the quarter, and by which feeds a person is known.
2. The last is needed since a factor is only stated of those whom a service has looked at: without it, to be known to
   the service at all would pass for the factor.
3. A factor is told of where enough people have it and enough have not; else it is said that too few have.
4. Of all that are looked at, those count as found that the false discovery rate allows (Benjamini & Hochberg).
5. An association is no cause: what no feed states is not adjusted for (``NOT_SHOWN``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from assessment.cohort import Cohort, age_group, number
from assessment.regression import Array, Ratio, discoveries, poisson

FALSE_DISCOVERIES = 0.03  # asked for; one in twenty is then kept also where an assumption holds only nearly
FEWEST = 20  # persons with a factor, and without, below which no ratio is told
_EVERYBODY = 0.95  # of those in a feed
NOT_SHOWN = (
    "Poverty, school climate, norms about violence and other causes at the level of society: no feed states them.",
    "Whatever no authority writes down of a person, such as a temper or friends nobody knows of.",
    "Whether a factor held before it was first written down, or still held afterwards.",
    "People whom no authority knows.",
)


@dataclass(frozen=True)
class Driver:
    """What the data show of one factor. ``persons``: of the cohort, who have it; ``prevalence``: as a share of all."""

    factor: str
    level: str
    direction: str
    persons: int
    cohort: int
    violent: int
    ratio: Ratio
    found: bool

    @property
    def prevalence(self) -> float:
        """The share of the cohort that has it."""
        return self.persons / self.cohort if self.cohort else 0.0

    @property
    def says(self) -> str:
        """In one word: more or less often, no sign of a difference, or too few to tell."""
        if not self.ratio.told:
            return "too few to tell"
        if not self.found:
            return "no sign of a difference"
        return "more often" if self.ratio.ratio > 1 else "less often"


def drivers(tables: dict[str, pl.DataFrame], cohort: Cohort) -> list[Driver]:
    """Every factor of the release with what the cohort shows of it, in order of its name."""
    stated = tables["factor"].filter(pl.col("person_id").is_not_null())
    about = stated.group_by("factor").agg(pl.col("level", "direction").first()).sort("factor")
    have = _having(cohort, about["factor"].to_list())
    counts = {name: _counted(cohort, have[name]) for name in have.columns}
    told = [name for name, (persons, without, _) in counts.items() if min(persons, without) >= FEWEST]  # (3)
    ratios = dict(zip(told, _ratios(tables, cohort, have, told), strict=True))
    found = dict(
        zip(ratios, discoveries([ratio.p for ratio in ratios.values()], FALSE_DISCOVERIES), strict=True)
    )  # (4)
    everybody = cohort.rows["person_id"].n_unique()
    nothing = Ratio(1.0, 0.0, float("inf"), 1.0, told=False)
    return [
        Driver(factor, level, direction, persons=counts[factor][0], cohort=everybody, violent=counts[factor][2],
               ratio=ratios.get(factor, nothing), found=found.get(factor, False))
        for factor, level, direction in about.iter_rows()
    ]  # fmt: skip


def _having(cohort: Cohort, names: Sequence[str]) -> pl.DataFrame:
    """A column a factor: 1 in the person-quarters of those of whom it was stated before."""
    rows = cohort.rows.select("person_id", "quarter").with_row_index("row")
    pairs = rows.join(cohort.factors.rename({"quarter": "since"}), on="person_id").filter(
        pl.col("since") < pl.col("quarter")
    )
    stated = pairs.select("row", "factor").unique()
    wide = {name: np.zeros(rows.height) for name in names}
    for (name,), held in stated.group_by("factor"):
        wide[str(name)][held["row"].to_numpy()] = 1.0
    return pl.DataFrame(wide, schema=dict.fromkeys(names, pl.Float64()))


def _counted(cohort: Cohort, has: pl.Series) -> tuple[int, int, int]:
    """Persons with a factor in any person-quarter, persons without in any, and acts of violence of the first."""
    rows = cohort.rows.select("person_id", "violent").with_columns(has=has)
    persons = [rows.filter(pl.col("has") == value)["person_id"].n_unique() for value in (1.0, 0.0)]
    return persons[0], persons[1], int(rows.filter(pl.col("has") == 1.0)["violent"].sum())


def _ratios(tables: dict[str, pl.DataFrame], cohort: Cohort, have: pl.DataFrame, told: Sequence[str]) -> list[Ratio]:
    if not told or cohort.rows.is_empty():
        return []
    x = np.column_stack([have.select(told).to_numpy(), *background(tables, cohort)])  # (1)
    keep = [place for place in range(x.shape[1]) if np.ptp(x[:, place]) > 0]
    constant = np.ones((x.shape[0], 1))
    counts = cohort.rows["violent"].to_numpy().astype(float)
    ones = np.ones(len(counts))
    persons = cohort.rows["person_id"].to_numpy()
    fitted = poisson(np.hstack([constant, x[:, keep]]), counts, ones, persons, ones, few=True)
    by_place = dict(zip(keep, fitted[1:], strict=True))
    return [by_place.get(place, Ratio.of(0.0, 0.0)) for place in range(len(told))]


def background(tables: dict[str, pl.DataFrame], cohort: Cohort) -> list[Array]:
    """What each factor is adjusted for besides the others: age, sex, time, and by which feeds a person is known (2)."""
    rows = cohort.rows
    ages = rows.select(group=age_group(pl.col("age")))["group"].to_numpy()
    columns = [(ages == group).astype(float) for group in range(1, 6)]
    columns.append((rows["sex"] == "male").to_numpy().astype(float))
    quarter = rows["quarter"].to_numpy()
    columns.append((quarter - quarter.min()) / 4.0)
    columns.extend((quarter % 4 == season).astype(float) for season in range(1, 4))
    columns.extend(_known_to(tables, rows))
    return columns


def _known_to(tables: dict[str, pl.DataFrame], rows: pl.DataFrame) -> list[Array]:
    """For each feed that states factors of some of its people: whether it told of the person in an earlier quarter.

    A feed that states one factor of everybody in it, as the feed of exclusions does, is that factor itself.
    """
    first = tables["involvement"].join(tables["event"].select("event_id", "occurred_on"), on="event_id")
    first = first.group_by("person_id", "feed").agg(number(pl.col("occurred_on")).min().alias("since"))
    found: list[Array] = []
    for feed in _stating_of_some(tables["factor"], first):
        known = rows.join(first.filter(pl.col("feed") == feed), on="person_id", how="left", maintain_order="left")
        found.append((known["since"] < rows["quarter"]).fill_null(value=False).to_numpy().astype(float))
    return found


def _stating_of_some(factor: pl.DataFrame, known: pl.DataFrame) -> list[str]:
    stated = (
        factor.filter(pl.col("person_id").is_not_null())
        .group_by("feed", "factor")
        .agg(pl.col("person_id").n_unique().alias("with"))
    )
    most = stated.group_by("feed").agg(pl.col("with").max())
    everybody = known.group_by("feed").agg(pl.col("person_id").n_unique().alias("all"))
    some = most.join(everybody, on="feed").filter(pl.col("with") < _EVERYBODY * pl.col("all"))
    return some["feed"].sort().to_list()
