"""``hub indicators``: the delivery plan's indicators from a published release, permitted and logged. Edge."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from agreement.policy import load_agreement
from assessment.control import Chart
from assessment.indicators import Indicators, load_indicators
from assessment.measured import Measured, measure
from assessment.release import newest_release, read_tables
from assessment.safe import HIDDEN, Decision, Gate, significant
from assessment.telling import log_telling
from audit.events import Action
from disclosure.questions import Terms
from documents.rendering import render
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from publish.database import ANALYSTS

PURPOSE = "strategy"
WANTED = {
    "event": ("event_id", "feed", "occurred_on", "violence_kind", "definition_clauses"),
    "intervention": ("person_id", "feed", "offered_on", "prevention"),
    "area": ("kind", "population", "population_10_24"),
}
_WIDE, _HIGH, _LEFT = 640, 150, 8
_SCHEMA = {
    "priority": pl.String(), "indicator": pl.String(), "quarter": pl.String(), "count": pl.Int64(),
    "value": pl.Float64(), "low": pl.Float64(), "centre": pl.Float64(), "high": pl.Float64(), "unit": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """The indicators as they were told and logged. ``digest``: the SHA-256 of the JSON (RFC 8785), as in the log."""

    release: str
    manifest: str
    quarter: str
    stated: Indicators
    measured: tuple[Measured, ...]
    decisions: tuple[Decision, ...]
    terms: Terms
    digest: str = ""

    def document(self) -> dict[str, Any]:
        """All that is told, for a program."""
        return {
            "plan": self.stated.plan,
            "release": self.release,
            "manifest": self.manifest,
            "indicators_hash": self.stated.hash,
            "baseline": self.stated.baseline,
            "indicators": [
                {"name": one.name, "priority": one.priority, "wished": one.wished, "says": one.says,
                 "spread": round(one.chart.spread, 2) if one.chart.spread else None,
                 "season": [significant(times) for times in one.chart.season] if one.chart.season else None,
                 "signals": [list(signal) for signal in one.chart.signals], "quarters": one.rows()}
                for one in self.measured
            ],
            "disclosure": [asdict(one) for one in self.decisions],
        }  # fmt: skip

    def csv(self) -> bytes:
        """A row for each indicator and quarter; a count that is not shown is c."""
        rows = [row for one in self.measured for row in one.rows()]
        frame = pl.DataFrame(rows, schema=_SCHEMA)
        return frame.with_columns(pl.col("count").cast(pl.String).fill_null(HIDDEN)).write_csv().encode()

    def page(self) -> str:
        """The same as a page that prints, without script and network."""
        by_priority = [
            (priority, [one for one in self.measured if one.priority == name])
            for name, priority in self.stated.priorities.items()
        ]
        return render("indicators.html.j2", told=self, by_priority=by_priority, drawn=drawn)


@leaving_no_values
def tell_indicators(settings: Settings, quarter: Quarter | None, on: date, recipient: str = ANALYSTS) -> Told:
    """The indicators up to a quarter, from its newest release (None: the latest), for the purpose strategy.

    1. Its tables are read as any reader reads them: the agreement permits the purpose, and each reading is logged.
    2. Every count passes the gate (``assessment.measured``).
    3. What is told is logged before it is told.

    Raises ConfigurationError, AssessmentRefused, ReadingRefused and AgreementRefusal.
    """
    stated, terms = load_indicators(settings.config), Terms.of(load_agreement(settings).disclosure)
    release = newest_release(settings, quarter, recipient)
    asked = tuple(dict.fromkeys(column for one in stated.counted if one.table == "event" for column in one.where))
    tables = read_tables(settings, release, PURPOSE, WANTED, on, {"event": asked})  # (1)
    measured, decisions = measure(tables, stated, Quarter.parse(release.quarter), Gate(terms))  # (2)
    parts = (release.name, release.manifest.hash, release.quarter, stated, tuple(measured), decisions, terms)
    document = Told(*parts).document()
    digest = log_telling(
        settings, release, Action.MEASURE, "indicators of the delivery plan", PURPOSE, document, decisions, on
    )  # (3)
    return Told(*parts, digest)


@dataclass(frozen=True)
class Drawn:
    """Where a chart's lines and dots stand, for the page."""

    dots: tuple[tuple[float, float, bool], ...]
    line: str
    low: str
    centre: str
    high: str
    top: float


def drawn(found: Chart) -> Drawn:
    """The places of a chart's quarters, from left to right, and of its limits."""
    ends = [one.high for one in found.limits if one]
    top = max([one.rate or 0.0 for one in found.points] + ends, default=1.0) or 1.0
    step = (_WIDE - 2 * _LEFT) / max(len(found.points) - 1, 1)

    def at(place: int, value: float) -> tuple[float, float]:
        return round(_LEFT + place * step, 1), round(_HIGH - value / top * (_HIGH - 10), 1)

    def joined(values: list[tuple[int, float]]) -> str:
        return " ".join(f"{x},{y}" for x, y in (at(place, value) for place, value in values))

    shown = [(n, one.rate) for n, one in enumerate(found.points) if one.rate is not None]
    out = [
        n
        for n, one in enumerate(found.limits)
        if one and not one.low <= (found.points[n].rate or one.centre) <= one.high
    ]
    limits = [(n, one) for n, one in enumerate(found.limits) if one]
    return Drawn(
        dots=tuple((*at(n, rate), n in out) for n, rate in shown),
        line=joined(shown),
        low=joined([(n, one.low) for n, one in limits]),
        centre=joined([(n, one.centre) for n, one in limits]),
        high=joined([(n, one.high) for n, one in limits]),
        top=top,
    )
