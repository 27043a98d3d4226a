"""Which people known to services are at risk, and who of them was reached by help. Pure.

1. At risk is who has risk factors that feeds state, by how many; factors that are violence itself or its forecast count
   for none (``restates`` in config/factors.yaml). That nobody states a factor does not mean that it is not there.
2. Reached is who was offered any intervention, at whatever time; the level is the highest, as the release states it.
3. Who needs to be reached: everybody aged 10 to 24 with a risk factor, or with a part in the violence told of.
"""

import polars as pl

from assessment.needs.charts import bars
from assessment.needs.people import ROLES
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, crossed
from assessment.needs.source import Source
from assessment.needs.words import percent
from assessment.safe import Counts, Gate, share
from disclosure.dimensions import Dimension

MANY = ("none", "1", "2", "3 or more")
YOUNG, OTHERS = ("10-17", "18-24"), "others"
LEVELS = ("none", "primary", "secondary", "tertiary")
_TITLE = {"none": "Not reached", "primary": "Primary", "secondary": "Secondary", "tertiary": "Tertiary"}
_MANY, _YOUNG = Dimension.flat("factors", MANY), Dimension.flat("young", (*YOUNG, OTHERS))
KNOWN = (
    "Only people whom some authority knows are in these tables; a factor is known of those alone who were looked at."
)


def _known(source: Source) -> pl.DataFrame:
    """Everybody of the release: number of risk factors, young or not, and whether a victim or a suspect (1)."""
    stated = source.tables["factor"].filter(pl.col("person_id").is_not_null(), pl.col("direction") == "risk")
    stated = stated.filter(~pl.col("factor").is_in(source.factors.restating))
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
    for role, title in ROLES.items():
        those = gate.counts(f"{role}s by risk factors", held.filter(role), [_YOUNG, _MANY], "person_id")
        cells = [(age, number) for age in (*YOUNG, OTHERS) for number in MANY]
        rows += [(title, *cell, those.at(*cell), share(those.at(*cell), every.at(*cell))) for cell in cells]
    heads = (Column("Who"), Column("Age"), Column("Risk factors"), Column("Number", "count"))
    part = Column("Part of those known", "share")
    sheets = (
        crossed("known-persons", "Persons known, by age and number of risk factors stated", every, "Age", MANY),
        Sheet("cohorts", "Victims and suspects among those known", (*heads, part), tuple(rows)),
    )
    return Section("cohorts", "Cohorts most at risk", (_most_at_risk(rows), KNOWN), sheets)


def _most_at_risk(rows: list[tuple[Cell, ...]]) -> str:
    """The group with risk factors of which most are suspects, of those that a share is told of."""
    told = [row for row in rows if row[0] == ROLES["suspect"] and row[2] != MANY[0] and isinstance(row[4], float)]
    if not told:
        return "No group with risk factors is large enough that it can be said how many are suspects."
    _, age, many, _, part = max(told, key=lambda row: float(row[4] or 0))
    who = f"aged {age}" if age != OTHERS else "of other ages"
    return (
        f"Among those known {who}, with {many} risk factors stated, {percent(float(part or 0))} were suspects of "
        "serious violence in the time told of: the most of any such group."
    )


def services(source: Source, gate: Gate) -> Section:
    """Who of those at risk was reached, at which prevention level, and where the gaps are (2, 3)."""
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
    named = pl.col("rank").fill_null(0).replace_strict(dict(enumerate(LEVELS)), return_dtype=pl.String)
    return held.with_columns(level=named)


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
