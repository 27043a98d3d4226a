"""The indicators of a release, counted quarter by quarter: every figure through the gate, the rest made of those. Pure.

1. A quarter is told of if the feed told of events in it as of others (``assessment.cohort``): else nobody knows.
2. Counts pass the gate; rates, centres and limits are made of the counts that it shows, so that they tell nothing more.
3. What it says is chosen by rule: better or worse than chance allows, as the plan wishes it; else no sign of a change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from assessment.cohort import number
from assessment.control import Chart, Point, chart
from assessment.indicators import Counted, Indicator, Indicators
from assessment.safe import Decision, Gate, significant
from disclosure.dimensions import Dimension
from hub.periods import Quarter

_MOST = 20  # quarters shown
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Measured:
    """One indicator as it may be told. ``unit``: of a rate, in words; ``says``: in one sentence."""

    name: str
    priority: str
    wished: str
    unit: str
    scale: float
    chart: Chart
    says: str

    def rows(self) -> list[dict[str, object]]:
        """A row a quarter, for a file."""
        return [
            {
                "priority": self.priority,
                "indicator": self.name,
                "quarter": point.quarter,
                "count": point.count,
                "value": self.value(point.rate),
                "low": self.value(limits.low) if limits else None,
                "centre": self.value(limits.centre) if limits else None,
                "high": self.value(limits.high) if limits else None,
                "unit": self.unit,
            }
            for point, limits in zip(self.chart.points, self.chart.limits, strict=True)
        ]

    def value(self, rate: float | None) -> float | None:
        """A rate in its unit, in three significant digits."""
        return None if rate is None else significant(rate * self.scale, 3)


def measure(
    tables: Tables, stated: Indicators, until: Quarter, gate: Gate
) -> tuple[list[Measured], tuple[Decision, ...]]:
    """Every indicator up to a quarter, in the order of the file, and what the gate decided."""
    found = [_measured(name, one, tables, stated, until, gate) for name, one in stated.indicators.items()]
    return found, gate.decisions


def _measured(
    name: str, one: Indicator, tables: Tables, stated: Indicators, until: Quarter, gate: Gate
) -> Measured:  # fmt: skip
    rows = _rows(one.counts, tables)
    quarters = _quarters(one.counts, tables, until)
    counts = _counts(name, one.counts, rows, quarters, gate)
    share = one.per is not None and one.per.of is not None
    unit, scale, of = "a quarter", 1.0, dict.fromkeys(quarters, 1.0)
    if one.per is not None and one.per.of is not None:
        whole = _counts(f"{name}, of", one.per.of, _rows(one.per.of, tables), quarters, gate)
        unit, scale, of = "per cent", 100.0, {q: float(n) if n else 0.0 for q, n in whole.items()}
    elif one.per is not None and one.per.population is not None:
        people = float(tables["area"].filter(pl.col("kind") == "lsoa")[one.per.population].sum() or 0)
        unit, scale, of = f"of {one.per.each:,} residents", float(one.per.each), dict.fromkeys(quarters, people)
    points = [Point(quarter, counts[quarter], of[quarter] or None) for quarter in quarters]
    drawn = chart(points, stated.baseline, stated.runs.side, stated.runs.trend, share=share)
    return Measured(name, one.priority, one.wished, unit, scale, drawn, says(one.wished, drawn, stated.baseline))


def _rows(counted: Counted, tables: Tables) -> pl.DataFrame:
    """The rows that count, each with its quarter."""
    rows = tables[counted.table]
    day = pl.col("occurred_on" if counted.table == "event" else "offered_on")
    holds = [pl.lit(value=True)]
    if counted.feed:
        holds.append(pl.col("feed") == counted.feed)
    if counted.violent:
        holds.append(pl.col("violence_kind").is_not_null())
    if counted.clauses:
        met = pl.format(", {}, ", pl.col("definition_clauses").fill_null(""))
        holds.append(pl.any_horizontal(met.str.contains(f", {one}, ", literal=True) for one in counted.clauses))
    for column, values in counted.where.items():
        here = pl.col(column).cast(pl.String).is_in(list(values)) if column in rows.columns else pl.lit(value=False)
        holds.append(here.fill_null(value=False))
    kept = rows.filter(pl.all_horizontal(holds)).with_columns(number(day)).drop_nulls("quarter")
    named = pl.format("{}-Q{}", pl.col("quarter") // 4, pl.col("quarter") % 4 + 1)
    return kept.with_columns(named.alias("quarter"))


def _quarters(counted: Counted, tables: Tables, until: Quarter) -> list[str]:
    """Rule 1: the quarters of which the feed, or all of the table, tells, up to the release's; the newest of them."""
    day = "occurred_on" if counted.table == "event" else "offered_on"
    told = tables[counted.table]
    told = told.filter(pl.col("feed") == counted.feed) if counted.feed else told
    many = told.with_columns(number(pl.col(day))).drop_nulls("quarter").group_by("quarter").len()
    last = until.year * 4 + until.number - 1
    usual = many.filter(pl.col("quarter") <= last, pl.col("len") * 3 >= pl.col("len").max())["quarter"].sort()
    first = max(int(usual[0]) if len(usual) else last, last - _MOST + 1)
    return [f"{quarter // 4}-Q{quarter % 4 + 1}" for quarter in range(first, last + 1)]


def _counts(
    name: str, counted: Counted, rows: pl.DataFrame, quarters: Sequence[str], gate: Gate
) -> dict[str, int | None]:
    """Rule 2. A person may be in several quarters, an event is in one."""
    within = rows.filter(pl.col("quarter").is_in(list(quarters)))
    if counted.unit == "persons":
        units = {quarter: within.filter(pl.col("quarter") == quarter)["person_id"] for quarter in quarters}
        shown = gate.groups(name, "quarter", units, "person_id")
    else:
        shown = gate.counts(name, within, [Dimension.flat("quarter", quarters)], "event_id")
    return {quarter: shown.at(quarter) for quarter in quarters}


def says(wished: str, drawn: Chart, baseline: int) -> str:
    """Rule 3."""
    newest = drawn.points[-1]
    if newest.rate is None:
        return f"{newest.quarter} is not shown: too few, or not told of."
    if drawn.limits[-1] is None:
        return (
            f"Limits need {baseline} quarters before it that are shown; until then no change can be told from chance."
        )
    if not drawn.signals:
        return f"{newest.quarter} is as the baseline: no sign of a change."
    way = drawn.signals[0][1]
    better = {"fewer": "lower", "more": "higher"}.get(wished)
    word = "a change" if better is None else "better" if way == better else "worse"
    signs = " and ".join(f"{signal} ({to})" for signal, to in drawn.signals)
    return f"{newest.quarter} is no chance: {signs}. As the plan wishes it, this is {word}."
