"""The strategic needs assessment as a whole: its sections in order, and the files it is written as. Pure.

The same release, configuration and code give the same bytes: there is no clock and no chance in it.
Source: PCSC Act 2022 s.8(3); Home Office, Serious Violence Duty: statutory guidance, 2022 (strategic needs assessment).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessment.needs.causes import causes
from assessment.needs.limits import gaps, methods, population, priorities, scope
from assessment.needs.people import people, repeats
from assessment.needs.place import place, time
from assessment.needs.risk import cohorts, services
from assessment.needs.scale import kinds, scale
from assessment.needs.sheet import Section
from assessment.needs.source import Source
from assessment.safe import Decision, Gate
from documents.rendering import render

PAGE = "needs-assessment.html"


@dataclass(frozen=True)
class Report:
    """The sections, and what was decided on the way of every table."""

    source: Source
    sections: tuple[Section, ...]
    decisions: tuple[Decision, ...]


def assess(source: Source, gate: Gate | None = None) -> Report:
    """Every section of the assessment of one release; what a given gate let through before is held against it too."""
    gate = gate or Gate(source.terms)
    made = (scale, kinds, place, time, people, repeats, cohorts, causes, services, priorities, gaps)
    middle = [section(source, gate) for section in made]
    sections = (scope(source), population(source), *middle, methods(source, gate))
    return Report(source, sections, gate.decisions)


def files(report: Report, stated: Mapping[str, str]) -> dict[str, bytes]:
    """The page, and each table as CSV, by their names.

    ``stated``: what it was made from, for the foot of the page.
    """
    made = {f"{sheet.slug}.csv": sheet.csv() for section in report.sections for sheet in section.sheets}
    page = render(
        "needs-assessment.html.j2",
        quarter=str(report.source.quarter),
        release=report.source.release,
        period=report.source.period,
        title=report.source.definition.title,
        terms=report.source.terms,
        sections=report.sections,
        summary=_summary(report.sections),
        stated=stated,
    )
    return {PAGE: page.encode(), **dict(sorted(made.items()))}


_IN_SHORT = ("scale", "kinds", "place", "time", "people", "cohorts", "drivers", "services", "gaps")


def _summary(sections: Sequence[Section]) -> list[tuple[Section, str]]:
    """The first sentence of those sections that say something of the place."""
    return [(section, section.says[0]) for section in sections
            if section.slug in _IN_SHORT and section.says]  # fmt: skip
