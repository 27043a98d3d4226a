"""What goes with serious violence, and at which level. Pure.

1. Drivers of persons and of small areas are those of ``assessment.drivers`` and ``assessment.areas``: adjusted ratios,
   the false discovery rate held. A factor that is violence itself or its forecast (``restates`` in
   config/factors.yaml) is left out, and named.
2. A ratio is told where the persons with the factor, those without it, and those of the first who were violent
   are as many as the threshold; and for areas likewise areas and events.
3. It is said of a driver that it goes with more or less violence only where it is found; that it is a cause is never
   said: what the data cannot show is listed.
"""

from collections.abc import Mapping, Sequence
from math import log

import polars as pl

from assessment.areas import area_drivers
from assessment.cohort import Cohort, cohort
from assessment.drivers import Driver, drivers
from assessment.needs.charts import intervals
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, interval
from assessment.needs.source import Source
from assessment.needs.words import named
from assessment.safe import Counts, Gate, share
from documents.words import listed


def causes(source: Source, gate: Gate) -> Section:
    """Risk and protective factors by level, with adjusted effect, interval and prevalence (1 to 3)."""
    titles = {name: rule.title for name, rule in source.factors.all_factors.items()}
    rows, everybody = _rows(source, gate, titles)
    cannot = tuple((one.title, one.level, one.why) for one in source.factors.not_shown)
    heads = (Column("What"), Column("Level"), Column("Why"))
    sheets = (
        Sheet("drivers", "Risk and protective factors, adjusted for one another", _HEADS, rows, ADJUSTED),
        Sheet("not-shown", "What the data cannot show", heads, cannot),
    )
    says = (
        _cohort_sentence(everybody),
        *(_found(rows, way) for way in _MUCH),
        "That one goes with the other does not say that it is its cause.",
        "Left out, since they are violence itself or its forecast: "
        f"{listed([titles[name] for name in source.factors.restating])}.",
    )
    told = [(str(row[0]), *(float(row[n] or 0) for n in (4, 5, 6))) for row in rows if row[4] is not None]
    drawn = intervals(told, "Adjusted ratios")  # type: ignore[arg-type]  # a text and three numbers
    charts = (Chart("Adjusted ratio of violence with and without each factor", drawn),) if told else ()
    return Section("drivers", "Drivers", says, sheets, charts)


def _rows(source: Source, gate: Gate, titles: Mapping[str, str]) -> tuple[tuple[tuple[Cell, ...], ...], int | None]:
    """A row a factor, by level, and how many persons are followed; what restates violence is left out (1)."""
    asked = [name for name in titles if name not in source.factors.restating]
    factor = source.tables["factor"].filter(pl.col("factor").is_in(asked))
    tables = {**source.tables, "factor": factor, "person": source.people}
    young = cohort(tables, source.quarter)
    having, everybody = _having(young, gate, [str(name) for name in factor["factor"].unique().sort()])
    of_persons = drivers(tables, young) if young.rows.height else []
    of_areas = area_drivers({**tables, "event": source.now})
    rows = [_row(one, gate, titles, share(having.at(one.factor), everybody)) for one in of_persons]
    rows += [_row(one, gate, titles, None) for one in of_areas]
    return tuple(sorted(rows, key=lambda row: (_LEVEL.get(str(row[1]), 9), str(row[0])))), everybody


ADJUSTED = (
    "Of persons: ratio of quarters in which those aged 10 to 24 whom services know are suspects of serious violence, "
    "adjusted for the other factors, age, sex, time, and by whom they are known. Age is known in bands. Of small "
    "areas: ratio of events in public by day."
)
_MUCH = {"more often": "More", "less often": "Less"}
_LEVEL = {"individual": 0, "relationship": 1, "community": 2, "societal": 3}
_HEADS = (Column("Factor"), Column("Level"), Column("Direction expected"), Column("Prevalence", "share"),
          Column("Adjusted ratio", "figure"), Column("From", "figure"), Column("To", "figure"),
          Column("Violence is found"))  # fmt: skip


def _found(rows: Sequence[tuple[Cell, ...]], way: str) -> str:
    """The factors with which violence goes one way, the strongest first (3)."""
    those = sorted((row for row in rows if row[7] == way), key=lambda row: -abs(log(float(row[4] or 1))))
    return named([f"{row[0]} (ratio {row[4]:.2g})" for row in those],
                 f"{_MUCH[way]} violence, beyond what chance would give, goes with: {{names}}.",
                 f"No factor is found with which {_MUCH[way].lower()} violence goes.")  # fmt: skip


def _cohort_sentence(everybody: int | None) -> str:
    if not everybody:
        return (
            "No factor of persons can be told of yet: it takes a quarter in which a service tells of a person, and a "
            "later one in which that person is followed."
        )
    return f"Followed are {everybody:,} people aged 10 to 24, from the quarter after a service first told of them."


def _having(young: Cohort, gate: Gate, names: list[str]) -> tuple[Counts, int | None]:
    """Who of the cohort has which factor before a quarter that is followed, and how many the cohort is."""
    rows, since = young.rows.select("person_id", "quarter"), young.factors.rename({"quarter": "since"})
    pairs = rows.join(since, on="person_id").filter(pl.col("since") < pl.col("quarter"))
    pairs = pairs.select("person_id", "factor").unique().sort("person_id")
    everybody = rows["person_id"].unique().sort()
    groups = {"everybody": everybody}
    groups |= {name: pairs.filter(pl.col("factor") == name)["person_id"] for name in names}
    counts = gate.groups("factors of the cohort", "factor", groups, "person_id", whole=everybody)
    return counts, counts.at("everybody")


def _row(one: Driver, gate: Gate, titles: Mapping[str, str], prevalence: float | None) -> tuple[Cell, ...]:
    """A driver's row; its verdict is as narrow as its ratio (2)."""
    behind = [one.persons, one.cohort - one.persons, one.violent] if one.ratio.told else []
    told = gate.estimate(one.ratio.ratio, one.ratio.low, one.ratio.high, behind=behind)
    says = one.says if told.told else "too few to tell"
    return (titles.get(one.factor, one.factor), one.level, one.direction, prevalence, *interval(told), says)
