"""What goes with serious violence, at which level, and who of those at risk was reached by help. Pure.

1. Drivers of persons and of small areas are those of ``assessment.drivers`` and ``assessment.areas``: adjusted ratios,
   the false discovery rate held. A factor that is violence itself or its forecast (``restates`` in
   config/factors.yaml) is left out, and named.
2. A ratio is told where the persons with the factor, those without it, and those of the first who were violent
   are as many as the threshold; and for areas likewise areas and events.
3. It is said of a driver that it goes with more or less violence only where it is found; that it is a cause is never
   said: what the data cannot show is listed.
4. Reached is who was offered any intervention; the level is the highest that was offered, as the release states it.
"""

from collections.abc import Mapping
from math import log

import polars as pl

from assessment.areas import area_drivers
from assessment.cohort import Cohort, cohort
from assessment.drivers import Driver, drivers
from assessment.needs.charts import bars, intervals
from assessment.needs.people import FACTORS
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, crossed, interval
from assessment.needs.source import Source
from assessment.needs.words import named, percent
from assessment.safe import Counts, Gate, share
from disclosure.dimensions import Dimension

YOUNG = ("10-17", "18-24")
LEVELS = ("none", "primary", "secondary", "tertiary")
_TITLE = {"none": "Not reached", "primary": "Primary", "secondary": "Secondary", "tertiary": "Tertiary"}


def causes(source: Source, gate: Gate) -> Section:
    """Risk and protective factors by level, with adjusted effect, interval and prevalence (1 to 3)."""
    titles = {name: rule.title for name, rule in source.factors.all_factors.items()}
    left_out = source.factors.restating
    known = pl.col("factor").is_in(list(source.factors.all_factors))
    factor = source.tables["factor"].filter(known & ~pl.col("factor").is_in(left_out))
    tables = {**source.tables, "factor": factor, "person": source.people}
    young = cohort(tables, source.quarter)
    having, everybody = _having(young, gate, [str(name) for name in factor["factor"].unique().sort()])
    of_persons = drivers(tables, young) if young.rows.height else []
    rows = [_row(one, gate, titles, having.at(one.factor), everybody) for one in of_persons]
    rows += [
        _row(one, gate, titles, None, None, of_areas=True) for one in area_drivers({**tables, "event": source.now})
    ]
    rows.sort(key=lambda row: (_LEVEL.get(str(row[1]), 9), str(row[0])))
    sheets = (
        Sheet("drivers", "Risk and protective factors, adjusted for one another", _HEADS, tuple(rows), ADJUSTED),
        Sheet("not-shown", "What the data cannot show", (Column("What"), Column("Level"), Column("Why")),
              tuple((one.title, one.level, one.why) for one in source.factors.not_shown)),
    )  # fmt: skip
    told = [(str(r[0]), *(float(r[n] or 0) for n in (4, 5, 6))) for r in rows if r[4] is not None]
    charts = (Chart("Adjusted ratio of violence with and without each factor", intervals(told, "Adjusted ratios")),)  # type: ignore[arg-type]
    says = (
        _cohort_sentence(everybody),
        *(_found(rows, way) for way in ("more often", "less often")),
        "That one goes with the other does not say that it is its cause.",
        named([titles.get(name, name) for name in left_out],
              "Left out, since they are violence itself or its forecast: {names}.", "Nothing is left out."),
    )  # fmt: skip
    return Section("drivers", "Drivers", says, sheets, charts if told else ())


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


def _found(rows: list[tuple[Cell, ...]], way: str) -> str:
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


def _row(
    one: Driver,
    gate: Gate,
    titles: Mapping[str, str],
    having: int | None,
    everybody: int | None,
    *,
    of_areas: bool = False,
) -> tuple[Cell, ...]:
    """A driver's row; its verdict is as narrow as its ratio (2)."""
    behind = [one.persons, one.cohort - one.persons, one.violent] if one.ratio.told else []
    told = gate.estimate(one.ratio.ratio, one.ratio.low, one.ratio.high, behind=behind)
    says = one.says if told.told else "too few to tell"
    common = None if of_areas else share(having, everybody)
    return (titles.get(one.factor, one.factor), one.level, one.direction, common, *interval(told), says)


def services(source: Source, gate: Gate) -> Section:
    """Who of the cohort was reached, at which prevention level, and where the gaps are (4)."""
    given = source.tables["intervention"].filter(pl.col("intervention").is_in(list(source.factors.interventions)))
    held, offered = _at_risk(source), given.select("person_id", "prevention").unique()
    rank = {name: place for place, name in enumerate(LEVELS)}
    highest = (
        offered.with_columns(pl.col("prevention").replace_strict(rank, return_dtype=pl.Int64))
        .group_by("person_id")
        .max()
    )
    held = held.join(highest, on="person_id", how="left").with_columns(
        level=pl.col("prevention").fill_null(0).replace_strict(dict(enumerate(LEVELS)), return_dtype=pl.String)
    )
    level, factors = Dimension.flat("level", LEVELS), Dimension.flat("factors", FACTORS)
    young = Dimension.flat("age_band", YOUNG)
    by_age = gate.counts("reached by age", held, [young, level], "person_id")
    by_need = gate.counts("reached by risk factors", held, [factors, level], "person_id")
    groups = {f"{name} ({by}, {at})": rows["person_id"] for (name, by, at), rows in sorted(
        given.group_by("intervention", "provider", "prevention"))}  # fmt: skip
    each = gate.groups("interventions", "intervention", groups, "person_id")
    missed = share(by_age.at("all", "none"), by_age.total)
    many = share(by_need.at(FACTORS[3], "none"), by_need.at(FACTORS[3], "all"))
    says = (
        "Whether anybody aged 10 to 24 with a risk factor or in serious violence was reached cannot be told."
        if missed is None
        else f"Of those aged 10 to 24 with a risk factor or in serious violence, {percent(missed)} were offered "
        "nothing that the feeds tell of.",
        *(
            (f"Of those with three risk factors or more, {percent(many)} were offered nothing.",)
            if many is not None
            else ()
        ),
        "Primary prevention is for everybody: no feed tells of it by person.",
    )
    sheets = (
        crossed("reached-by-age", "Reached, by age and highest level of prevention", by_age, "Age", LEVELS),
        crossed("reached-by-need", "Reached, by number of risk factors stated", by_need, "Risk factors", LEVELS),
        Sheet("interventions", "Interventions, by provider and level",
              (Column("Intervention"), Column("Persons", "count")),
              tuple((str(name), count) for name, count in each.frame.iter_rows())),
    )  # fmt: skip
    rows = [(_TITLE[name], by_age.at("all", name), str(by_age.at("all", name) or "c")) for name in LEVELS]
    charts = (Chart("Reached at which level", bars([row for row in rows if row[1] != 0], "Reached at which level")),)
    return Section("services", "Services and gaps", says, sheets, charts)


def _at_risk(source: Source) -> pl.DataFrame:
    """Everybody aged 10 to 24 with a risk factor, or a part in the violence told of, and how many factors."""
    stated = source.tables["factor"].filter(pl.col("person_id").is_not_null(), pl.col("direction") == "risk")
    many = (
        stated.filter(~pl.col("factor").is_in(source.factors.restating))
        .group_by("person_id")
        .agg(pl.col("factor").n_unique().alias("many"))
    )
    held = source.people.filter(pl.col("age_band").is_in(list(YOUNG))).join(many, on="person_id", how="left")
    held = held.with_columns(pl.col("many").fill_null(0))
    in_violence = pl.col("person_id").is_in(source.parts["person_id"].unique().implode())
    held = held.filter((pl.col("many") > 0) | in_violence)
    factors = pl.when(pl.col("many") >= 3).then(pl.lit(FACTORS[3])).when(pl.col("many") == 0).then(pl.lit(FACTORS[0]))
    return held.with_columns(factors=factors.otherwise(pl.col("many").cast(pl.String)))
