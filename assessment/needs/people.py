"""Who suffers serious violence and who is suspected of it, who again and again, and which young people are known. Pure.

1. A person counts once, in whatever number of events. Patients after an assault are victims.
2. Repeats: by incidents, so that what police and hospital both tell of counts once; how much of all that is suffered
   (done) falls to the few who suffer (do) most. A point of the curve is told where as many persons as the threshold
   are on either side of it. Some are hit twice by chance alone.
3. Cohorts: persons known to services, by how many risk factors feeds state of them. That nobody states a factor does
   not mean that it is not there.
"""

from collections.abc import Sequence

import polars as pl

from assessment.ages import BANDS
from assessment.needs.charts import bars, curve
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, counted, crossed, grouped
from assessment.needs.source import UNKNOWN, Source
from assessment.needs.words import most, percent
from assessment.safe import Counts, Gate, share
from disclosure.dimensions import Dimension

ROLES = {"victim": "Victims", "suspect": "Suspects"}
SEXES = ("female", "male", "unknown", UNKNOWN)
_TIMES = ("1", "2", "3 or more")
_STEPS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
FACTORS = ("none", "1", "2", "3 or more")


def people(source: Source, gate: Gate) -> Section:
    """Victims and suspects by age and sex, and how many are both."""
    bands = (*BANDS, *sorted(set(source.people["age_band"]) - set(BANDS)))
    sheets, says, charts, totals = [], [], [], {}
    for role, title in ROLES.items():
        those = source.people.join(_with(source, role), on="person_id", how="semi")
        band, sex = Dimension.flat("age_band", bands), Dimension.flat("sex", SEXES)
        ages = gate.counts(f"{role}s by age", those, [band], "person_id")
        both = gate.counts(f"{role}s by age and sex", those, [band, sex], "person_id")
        shown = [name for name in SEXES if both.at("all", name) != 0]
        sheets.append(crossed(f"{role}s", f"{title} by age and sex", both, "Age", shown))
        charts.append(Chart(f"{title} by age", bars(_bars(ages), f"{title} by age")))
        says.append(most(f"{role}s, by age", ages, {}, 2))
        totals[role] = ages.total
    overlap = _overlap(source, gate)
    both_ways = overlap.at("Both")
    part = share(both_ways, overlap.at("Suspects"))
    if part is not None:
        says.append(f"Of suspects, {percent(part)} were victims of serious violence as well in the same time.")
    sheets.append(grouped("overlap", "Victims, suspects, and who is both", overlap, "Persons"))
    return Section("people", "Victims and suspects", tuple(says), tuple(sheets), tuple(charts))


def _with(source: Source, role: str) -> pl.DataFrame:
    return source.parts.filter(pl.col("role") == role).select("person_id").unique().sort("person_id")


def _bars(counts: Counts) -> list[tuple[str, float | None, str]]:
    return [
        (name, count, "c" if count is None else f"{count:,}")
        for name, count in counts.parts().iter_rows()
        if count != 0
    ]


def _overlap(source: Source, gate: Gate) -> Counts:
    victims, suspects = _with(source, "victim"), _with(source, "suspect")
    both = victims.join(suspects, on="person_id", how="semi")
    groups = {"Victims": victims["person_id"], "Suspects": suspects["person_id"], "Both": both["person_id"]}
    return gate.groups("overlap", "persons", groups, "person_id")


def repeats(source: Source, gate: Gate) -> Section:
    """Who suffers or does it again and again, and how much falls to them (2)."""
    sheets: list[Sheet] = []
    says: list[str] = []
    charts: list[Chart] = []
    for role, title in ROLES.items():
        each = (
            source.parts.filter(pl.col("role") == role).unique().group_by("person_id").len("events").sort("person_id")
        )
        times = pl.when(pl.col("events") >= 3).then(pl.lit(_TIMES[2])).otherwise(pl.col("events").cast(pl.String))
        counts = gate.counts(
            f"{role}s by events", each.with_columns(times=times), [Dimension.flat("times", _TIMES)], "person_id"
        )
        sheets.append(counted(f"{role}s-again", f"{title} by how many incidents", counts, "Incidents"))
        points = _lorenz(each["events"].to_list(), gate)
        rows = tuple((few, much) for few, much in points)
        heads = (Column(f"The {role}s with most incidents", "share"), Column("Part of all that they have", "share"))
        sheets.append(Sheet(f"{role}s-concentration", f"How much falls to the few, {role}s", heads, rows))
        if points:
            few, much = points[0]
            again = [counts.at(_TIMES[1]), counts.at(_TIMES[2])]
            part = share(sum(n for n in again if n), counts.total) if any(again) else None
            says.append(f"{percent(few)} of {role}s have {percent(much)} of what {role}s take part in.")
            if part:
                says.append(f"{percent(part)} of the {role}s shown have two incidents or more.")
            drawn = curve([(1 - few_, 1 - much_) for few_, much_ in reversed(points)] + [(1.0, 1.0)],
                          f"Lorenz curve of {role}s", f"{title}, those with fewest first",
                          "Part of events")  # fmt: skip
            charts.append(Chart(f"{title}: how unequal it falls (Lorenz curve)", drawn))
        else:
            says.append(f"Of {role}s there are too few to tell how much falls to a few.")
    return Section("repeats", "Repeats", (*says, CHANCE), tuple(sheets), tuple(charts))


CHANCE = "Some have two incidents by chance alone: that few have many is no sign by itself that they are singled out."


def _lorenz(events: Sequence[int], gate: Gate) -> list[tuple[float, float]]:
    """The part of persons who have most, and the part of events that is theirs, where it may be told."""
    ranked, points = sorted(events, reverse=True), []
    for few in _STEPS:
        number = round(few * len(ranked))
        first, rest = sum(ranked[:number]), sum(ranked[number:])
        told = gate.estimate(first / max(first + rest, 1), behind=[number, len(ranked) - number, first, rest])
        if told.value is not None:
            points.append((few, told.value))
    return points


def cohorts(source: Source, gate: Gate) -> Section:
    """Who is known to services, by age and number of risk factors, and which of them were in violence (3)."""
    stated = source.tables["factor"].filter(pl.col("person_id").is_not_null(), pl.col("direction") == "risk")
    stated = stated.filter(~pl.col("factor").is_in(source.factors.restating))
    many = stated.group_by("person_id").agg(pl.col("factor").n_unique().alias("many"))
    held = source.people.join(many, on="person_id", how="left").with_columns(pl.col("many").fill_null(0))
    held = held.with_columns(
        factors=pl.when(pl.col("many") == 0).then(pl.lit(FACTORS[0])).when(pl.col("many") >= 3).then(pl.lit(FACTORS[3]))
        .otherwise(pl.col("many").cast(pl.String)),
        young=pl.when(pl.col("age_band").is_in(["10-17", "18-24"])).then("age_band").otherwise(pl.lit("others")),
    )  # fmt: skip
    for role in ROLES:
        held = held.with_columns(pl.col("person_id").is_in(_with(source, role)["person_id"].implode()).alias(role))
    factors, young = Dimension.flat("factors", FACTORS), Dimension.flat("young", ("10-17", "18-24", "others"))
    every = gate.counts("persons by risk factors", held, [young, factors], "person_id")
    sheets = [
        crossed("known-persons", "Persons known, by age and number of risk factors stated", every, "Age", FACTORS)
    ]
    says: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    for role, title in ROLES.items():
        those = gate.counts(f"{role}s by risk factors", held.filter(role), [young, factors], "person_id")
        rows += [
            (title, age, number, those.at(age, number), share(those.at(age, number), every.at(age, number)))
            for age in ("10-17", "18-24", "others") for number in FACTORS
        ]  # fmt: skip
    heads = (Column("Who"), Column("Age"), Column("Risk factors"), Column("Number", "count"),
             Column("Part of those known", "share"))  # fmt: skip
    sheets.append(Sheet("cohorts", "Victims and suspects among those known", heads, tuple(rows)))
    best = [row for row in rows if row[0] == "Suspects" and isinstance(row[4], float) and row[2] != FACTORS[0]]
    if best:
        top = max(best, key=lambda row: float(row[4] or 0))
        age = f"aged {top[1]}" if top[1] != "others" else "of other ages"
        says.append(f"Among those known {age}, with {top[2]} risk factors stated, {percent(float(top[4] or 0))} were "
                    "suspects of serious violence in the time told of: the most of any such group.")  # fmt: skip
    else:
        says.append("No group with risk factors has a count of suspects that can be shown.")
    return Section("cohorts", "Cohorts most at risk", (*says, KNOWN), tuple(sheets))


KNOWN = (
    "Only people whom some authority knows are in these tables; a factor is known of those alone who were looked at."
)
