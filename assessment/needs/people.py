"""Who suffers serious violence, who is suspected of it, and who again and again. Pure.

1. A person counts once, in whatever number of events. Patients after an assault are victims.
2. Repeats: by incidents, so that what police and hospital both tell of counts once; how much of all that is suffered
   (done) falls to the few who suffer (do) most. A point of the curve is told where as many persons as the threshold
   are on either side of it. Some are hit twice by chance alone.
"""

from collections.abc import Sequence

import polars as pl

from assessment.ages import BANDS
from assessment.needs.charts import bars, curve
from assessment.needs.sheet import Chart, Column, Section, Sheet, counted, crossed, grouped
from assessment.needs.source import UNKNOWN, Source
from assessment.needs.words import most, percent
from assessment.safe import Counts, Gate, share
from disclosure.dimensions import Dimension

ROLES = {"victim": "Victims", "suspect": "Suspects"}
SEXES = ("female", "male", "unknown", UNKNOWN)
_TIMES = ("1", "2", "3 or more")
_STEPS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75)


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
    says: list[str] = []
    sheets: list[Sheet] = []
    charts: list[Chart] = []
    for role, title in ROLES.items():
        counts, points = _again(source, gate, role)
        says += _of_the_few(role, counts, points)
        sheets.append(counted(f"{role}s-again", f"{title} by how many incidents", counts, "Incidents"))
        heads = (Column(f"The {role}s with most incidents", "share"), Column("Part of all that they have", "share"))
        sheets.append(Sheet(f"{role}s-concentration", f"How much falls to the few, {role}s", heads, tuple(points)))
        if points:
            line = [*((1 - few, 1 - much) for few, much in reversed(points)), (1.0, 1.0)]
            drawn = curve(line, f"Lorenz curve of {role}s", f"{title}, those with fewest first", "Part of incidents")
            charts.append(Chart(f"{title}: how unequal it falls (Lorenz curve)", drawn))
    return Section("repeats", "Repeats", (*says, CHANCE), tuple(sheets), tuple(charts))


def _again(source: Source, gate: Gate, role: str) -> tuple[Counts, list[tuple[float, float]]]:
    """Persons by how many incidents they have, and the points of the Lorenz curve."""
    mine = source.parts.filter(pl.col("role") == role).select("person_id", "incident").unique()
    each = mine.group_by("person_id").len("many").sort("person_id")
    times = pl.when(pl.col("many") >= 3).then(pl.lit(_TIMES[2])).otherwise(pl.col("many").cast(pl.String))
    dimension = Dimension.flat("times", _TIMES)
    counts = gate.counts(f"{role}s by incidents", each.with_columns(times=times), [dimension], "person_id")
    return counts, _lorenz(each["many"].to_list(), gate)


def _of_the_few(role: str, counts: Counts, points: Sequence[tuple[float, float]]) -> list[str]:
    if not points:
        return [f"Of {role}s there are too few to tell how much falls to a few."]
    few, much = points[0]
    said = [f"{percent(few)} of {role}s have {percent(much)} of what {role}s take part in."]
    once = counts.share(_TIMES[0])
    if once is not None:
        said.append(f"{percent(once)} of the {role}s shown have one incident alone.")
    return said


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
