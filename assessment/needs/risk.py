"""Which people known to services are at risk, and who of them was reached by help. Pure.

1. At risk is who has risk factors that services state, by how many. What the police and the hospital state rests on
   the very events that are counted, and counts for none; nor do factors that are violence itself or its forecast
   (``restates`` in config/factors.yaml). That nobody states a factor does not mean that it is not there.
2. Reached is who was offered any intervention, at whatever time; the level is the highest, as the release states it.
3. That a group is more often in violence is said where the false discovery rate allows it.
4. Who needs to be reached: everybody aged 10 to 24 with a risk factor, or with a part in the violence told of.
"""

from math import log

import polars as pl

from assessment.drivers import FALSE_DISCOVERIES
from assessment.needs.charts import bars
from assessment.needs.people import ROLES
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, crossed
from assessment.needs.source import HOSPITAL, POLICE, Source
from assessment.needs.words import named, percent
from assessment.regression import Ratio, discoveries
from assessment.safe import Counts, Gate, share
from disclosure.dimensions import Dimension

MANY = ("none", "1", "2", "3 or more")
YOUNG, OTHERS = ("10-17", "18-24"), "others"
LEVELS = ("none", "primary", "secondary", "tertiary")
_TITLE = {"none": "Not reached", "primary": "Primary", "secondary": "Secondary", "tertiary": "Tertiary"}
_MANY, _YOUNG = Dimension.flat("factors", MANY), Dimension.flat("young", (*YOUNG, OTHERS))
KNOWN = (
    "Only people whom some authority knows are in these tables. Counted are factors that services state; what the "
    "police and the hospital state rests on the violence itself. A factor is known of those alone who were looked at."
)


def _known(source: Source) -> pl.DataFrame:
    """Everybody of the release: number of risk factors, young or not, and whether a victim or a suspect (1)."""
    stated = source.tables["factor"].filter(pl.col("person_id").is_not_null(), pl.col("direction") == "risk")
    services = ~pl.col("feed").is_in([POLICE, HOSPITAL]) & ~pl.col("factor").is_in(source.factors.restating)
    stated = stated.filter(services)
    many = stated.group_by("person_id").agg(pl.col("factor").n_unique().alias("many"))
    held = source.people.join(many, on="person_id", how="left").with_columns(pl.col("many").fill_null(0))
    some = pl.when(pl.col("many") == 0).then(pl.lit(MANY[0])).when(pl.col("many") >= 3).then(pl.lit(MANY[3]))
    young = pl.when(pl.col("age_band").is_in(YOUNG)).then("age_band").otherwise(pl.lit(OTHERS))
    return held.with_columns(
        some.otherwise(pl.col("many").cast(pl.String)).alias("factors"),
        young.alias("young"),
        *(_took(source, role).alias(role) for role in ROLES),
    )


def _took(source: Source, role: str) -> pl.Expr:
    return pl.col("person_id").is_in(source.parts.filter(pl.col("role") == role)["person_id"].unique().implode())


def cohorts(source: Source, gate: Gate) -> Section:
    """Who is known to services, by age and number of risk factors, and which of them were in violence."""
    held = _known(source)
    every = gate.counts("persons by risk factors", held, [_YOUNG, _MANY], "person_id")
    rows: list[tuple[Cell, ...]] = []
    says: list[str] = []
    for role, title in ROLES.items():
        those = gate.counts(f"{role}s by risk factors", held.filter(role), [_YOUNG, _MANY], "person_id")
        cells = [(age, number) for age in (*YOUNG, OTHERS) for number in MANY]
        rows += [(title, *cell, those.at(*cell), share(those.at(*cell), every.at(*cell))) for cell in cells]
        says.append(_more_often(role, those, every))
    heads = (Column("Who"), Column("Age"), Column("Risk factors"), Column("Number", "count"))
    part = Column("Part of those known", "share")
    sheets = (
        crossed("known-persons", "Persons known, by age and number of risk factors stated", every, "Age", MANY),
        Sheet("cohorts", "Victims and suspects among those known", (*heads, part), tuple(rows)),
    )
    return Section("cohorts", "Cohorts most at risk", (*reversed(says), KNOWN), sheets)


def _more_often(role: str, those: Counts, every: Counts) -> str:
    """Which groups are more often victims (suspects) than people of their age without a factor, of shown counts (3)."""
    cells = [(age, number) for age in (*YOUNG, OTHERS) for number in MANY[1:]]
    ratios = [_against_none(those, every, age, number) for age, number in cells]
    found = discoveries([ratio.p for ratio in ratios], FALSE_DISCOVERIES)
    told = [
        f"those {f'aged {age}' if age != OTHERS else 'of other ages'} with {number} ({ratio.ratio:.2g} times)"
        for (age, number), ratio, real in zip(cells, ratios, found, strict=True)
        if real and ratio.ratio > 1
    ]
    return named(
        told,
        f"More often {role}s than those of their age without a risk factor, beyond what chance would give: {{names}}.",
        f"No group with risk factors is more often among {role}s than those of its age without, beyond what chance "
        "would give.",
    )


def _against_none(those: Counts, every: Counts, age: str, number: str) -> Ratio:
    """The ratio of two shares of shown counts, with its interval (Katz et al., Biometrics 34 (1978) 469-474)."""
    a, of_a, b, of_b = (counts.at(age, n) for n in (number, MANY[0]) for counts in (those, every))
    if not (a and of_a and b and of_b):
        return Ratio(1.0, 0.0, float("inf"), 1.0, told=False)
    a, b = min(a, of_a), min(b, of_b)
    return Ratio.of(log((a / of_a) / (b / of_b)), max(1 / a - 1 / of_a + 1 / b - 1 / of_b, 1e-6) ** 0.5)


def services(source: Source, gate: Gate) -> Section:
    """Who of those at risk was reached, at which prevention level, and where the gaps are (2, 4)."""
    given = source.tables["intervention"].filter(pl.col("intervention").is_in(list(source.factors.interventions)))
    held, level = _reached(source, given), Dimension.flat("level", LEVELS)
    by_age = gate.counts("reached by age", held, [Dimension.flat("age_band", YOUNG), level], "person_id")
    by_need = gate.counts("reached by risk factors", held, [_MANY, level], "person_id")
    sheets = (
        crossed("reached-by-age", "Reached, by age and highest level of prevention", by_age, "Age", LEVELS),
        crossed("reached-by-need", "Reached, by number of risk factors stated", by_need, "Risk factors", LEVELS),
        _interventions(gate, given),
    )
    rows = [(_TITLE[name], by_age.at("all", name), str(by_age.at("all", name) or "c")) for name in LEVELS]
    drawn = bars([row for row in rows if row[1] != 0], "Reached at which level")
    charts = (Chart("Reached at which level", drawn),)
    return Section("services", "Services and gaps", _of_gaps(by_age, by_need), sheets, charts)


def _reached(source: Source, given: pl.DataFrame) -> pl.DataFrame:
    """Those who need to be reached, with the highest level at which they were."""
    rank = {name: place for place, name in enumerate(LEVELS)}
    offered = given.select("person_id", pl.col("prevention").replace_strict(rank, return_dtype=pl.Int64).alias("rank"))
    held = _known(source).filter(pl.col("young") != OTHERS)
    held = held.filter((pl.col("many") > 0) | pl.any_horizontal(list(ROLES)))
    held = held.join(offered.group_by("person_id").max(), on="person_id", how="left")
    level = pl.col("rank").fill_null(0).replace_strict(dict(enumerate(LEVELS)), return_dtype=pl.String)
    return held.with_columns(level=level)


def _interventions(gate: Gate, given: pl.DataFrame) -> Sheet:
    by = ("intervention", "provider", "prevention")
    groups = {f"{name} ({who}, {at})": rows["person_id"] for (name, who, at), rows in sorted(given.group_by(by))}
    each = gate.groups("interventions", "intervention", groups, "person_id")
    heads = (Column("Intervention"), Column("Persons", "count"))
    return Sheet("interventions", "Interventions, by provider and level", heads, tuple(each.frame.rows()))


def _of_gaps(by_age: Counts, by_need: Counts) -> tuple[str, ...]:
    missed = share(by_age.at("all", "none"), by_age.total)
    many = share(by_need.at(MANY[3], "none"), by_need.at(MANY[3], "all"))
    who = "aged 10 to 24 with a risk factor or in serious violence"
    said = [
        f"Whether anybody {who} was reached cannot be told."
        if missed is None
        else f"Of those {who}, {percent(missed)} were offered nothing that the feeds tell of."
    ]
    if many is not None:
        said.append(f"Of those with three risk factors or more, {percent(many)} were offered nothing.")
    return (*said, "Primary prevention is for everybody: no feed tells of it by person.")
