"""How much serious violence there is, how it changes over the years and within the year, and of which kinds. Pure.

1. The change a year is the ratio of rates of a Poisson regression of monthly counts on time, adjusted for the season,
   with errors that hold where months vary more than chance has it (``assessment.regression``).
2. It is told of two years or more: below that, season and change cannot be told apart.
3. The season is the ratio of each quarter of the year to January to March in the same regression; that one stands out
   is said where the interval leaves out none at all.
4. A kind is compared with the year before by its shown counts, so that the ratio tells no more than they do.
5. Crimes are recorded late: the last quarter may still grow.
"""

from math import log

import numpy as np
import polars as pl

from assessment.drivers import FALSE_DISCOVERIES
from assessment.needs.charts import columns
from assessment.needs.sheet import ESTIMATE, Cell, Chart, Column, Section, Sheet, counted, grouped, interval
from assessment.needs.source import Source
from assessment.needs.source import named as quarter_named
from assessment.needs.words import direction, most, named
from assessment.regression import Ratio, discoveries, poisson
from assessment.safe import Counts, Estimate, Gate, significant
from disclosure.dimensions import Dimension

_MONTHS = 24  # (2)
_SEASONS = {1: "April to June", 2: "July to September", 3: "October to December"}


def scale(source: Source, gate: Gate) -> Section:
    """Scale, trend with interval and seasonality."""
    quarters = [quarter_named(number) for number in source.watched]
    by_quarter = source.violence.with_columns(when=pl.col("quarter").map_elements(quarter_named, pl.String))
    counts = gate.counts("violence by quarter", by_quarter, [Dimension.flat("when", quarters or ["none"])], "event_id")
    months = _months(source)
    yearly, seasons = _fitted(months, gate)
    rows: list[tuple[Cell, ...]] = [("each year", *interval(yearly))]
    rows += [(f"{_SEASONS[n]}, beside January to March", *interval(one)) for n, one in seasons.items()]
    heads = (Column("Ratio of rates"), *ESTIMATE)
    sheets = (
        counted("violence-by-quarter", "Events of serious violence by quarter", counts, "Quarter", note=LATE),
        Sheet("trend", "Change from year to year, and within the year", heads, tuple(rows)),
    )
    parts = counts.parts()
    drawn = columns([(q, n, "") for q, n in parts.iter_rows()], "Events of serious violence by quarter", 4)
    first = f"The police told of about {counts.total:,} events of serious violence in {_span(quarters)}."
    says = (first, direction("serious violence", yearly, "from year to year"), *_of_season(seasons))
    return Section("scale", "Scale and trend", says, sheets, (Chart("Events by quarter", drawn),))


def _span(quarters: list[str]) -> str:
    if not quarters:
        return "no quarter"
    return quarters[0] if len(quarters) == 1 else f"{quarters[0]} to {quarters[-1]}"


LATE = "The police record some crimes late: the last quarter may still grow."


def _months(source: Source) -> pl.DataFrame:
    """Events by month of the quarters told of, months without any included."""
    months = [
        pl.date(number // 4, number % 4 * 3 + 1 + more, 1).alias("month")
        for number in source.watched
        for more in range(3)
    ]
    if not months:
        return pl.DataFrame(schema={"month": pl.Date, "events": pl.UInt32})
    every = pl.concat([pl.select(month) for month in months])
    return every.join(source.violence.group_by("month").len("events"), on="month", how="left").fill_null(0)


def _fitted(months: pl.DataFrame, gate: Gate) -> tuple[Estimate, dict[int, Estimate]]:
    """Rules 1 to 3."""
    if months.height < _MONTHS or not months["events"].sum():
        return Estimate(None, why="fewer than two years are told of"), {}
    counts = months["events"].to_numpy().astype(float)
    season = (months["month"].dt.month().to_numpy() - 1) // 3
    years = np.arange(len(counts)) / 12
    x = np.column_stack([np.ones(len(counts)), years, *((season == n).astype(float) for n in _SEASONS)])
    ones = np.ones(len(counts))
    fitted = poisson(x, counts, ones, np.arange(len(counts)).tolist(), ones)
    behind = [int(counts.sum())]
    return _told(fitted[1], gate, behind), {n: _told(fitted[n + 1], gate, behind) for n in _SEASONS}


def _told(ratio: Ratio, gate: Gate, behind: list[int]) -> Estimate:
    return gate.estimate(ratio.ratio, ratio.low, ratio.high, behind=behind if ratio.told else [])


def _of_season(seasons: dict[int, Estimate]) -> tuple[str, ...]:
    if not seasons:
        return ("What the season does cannot be told yet.",)
    out = [
        n for n, one in seasons.items() if one.low is not None and one.high is not None and not one.low <= 1 <= one.high
    ]
    if not out:
        return ("No season stands out beside January to March.",)
    told = [f"{_SEASONS[n]} has {'more' if (seasons[n].low or 0) > 1 else 'less'}" for n in out]
    return ("Beside January to March, " + ", ".join(told) + ".",)


def kinds(source: Source, gate: Gate) -> Section:
    """Which kinds of serious violence, and under which circumstances, beside the year before."""
    titles = {name: kind.title for name, kind in source.definition.kinds.items()}
    kind = Dimension.flat("violence_kind", titles)
    now = gate.counts("kinds", source.now, [kind], "event_id")
    if source.before.height:
        before = gate.counts("kinds, the year before", source.before, [kind], "event_id")
        sheet, changed = _beside(now, before, titles)
    else:
        sheet = counted("kinds", "Kinds of serious violence", now, "Kind", titles)
        changed = ["There is no whole year before to compare with."]
    says = (most("events, by kind", now, titles), *changed)
    return Section("kinds", "Kinds", says, (sheet, _circumstances(source, gate, now.total)))


def _beside(now: Counts, before: Counts, titles: dict[str, str]) -> tuple[Sheet, list[str]]:
    """Each kind beside the year before (4)."""
    compared = _compared(now, before, list(titles))
    rows = [
        (title, now.at(k), now.share(k), before.at(k), *interval(compared[k][0]))
        for k, title in titles.items()
        if now.at(k) != 0 or before.at(k) != 0
    ]
    heads = (Column("Kind"), Column("Number", "count"), Column("Part of what is shown", "share"))
    more = (Column("The year before", "count"), Column("Ratio", "figure"), *ESTIMATE[1:])
    return Sheet("kinds", "Kinds of serious violence", (*heads, *more), tuple(rows)), _changed(compared, titles)


def _compared(now: Counts, before: Counts, names: list[str]) -> dict[str, tuple[Estimate, bool]]:
    """Each kind's ratio to the year before, of shown counts, and whether it may be called a finding."""
    ratios = {name: _ratio(now.at(name), before.at(name)) for name in names}
    real = discoveries([ratio.p for ratio in ratios.values()], FALSE_DISCOVERIES)
    told = (
        Estimate(significant(one.ratio), significant(one.low), significant(one.high)) if one.told else Estimate(None)
        for one in ratios.values()
    )
    return {name: (estimate, found) for name, estimate, found in zip(names, told, real, strict=True)}


def _ratio(now: int | None, before: int | None) -> Ratio:
    if not now or not before:
        return Ratio(1.0, 0.0, float("inf"), 1.0, told=False)
    return Ratio.of(log(now / before), (1 / now + 1 / before) ** 0.5)


def _changed(compared: dict[str, tuple[Estimate, bool]], titles: dict[str, str]) -> list[str]:
    """Which kinds rose and which fell, beyond what chance would give."""
    more = [titles[name] for name, (one, found) in compared.items() if found and (one.low or 0) >= 1]
    less = [titles[name] for name, (one, found) in compared.items() if found and (one.high or 2) <= 1]
    return [
        named(more, "More than in the year before, beyond what chance would give: {names}.",
              "No kind rose beyond what chance would give."),
        named(less, "Less: {names}.", "No kind fell beyond it."),
    ]  # fmt: skip


def _circumstances(source: Source, gate: Gate, whole: int) -> Sheet:
    areas = {name: one.title for name, one in source.definition.areas.items()}
    clauses = areas | {name: one.title for name, one in source.definition.circumstances.items()}
    held = {title: source.now.filter(_meets(name))["event_id"] for name, title in clauses.items()}
    counts = gate.groups("circumstances", "circumstance", held, "event_id", whole=source.now["event_id"])
    note = "One event may meet several. Which they are, the definition says."
    return grouped("circumstances", "Whom it affects, and where", counts, "By the definition", whole or None, note)


def _meets(clause: str) -> pl.Expr:
    return (", " + pl.col("definition_clauses").fill_null("") + ", ").str.contains(f", {clause}, ", literal=True)
