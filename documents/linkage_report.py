"""The report on a link as a page: how right it is, for whom it is less so, and what changed. No script, no network."""

from collections.abc import Sequence
from datetime import datetime

from documents.rendering import render
from linkage.assessed.report import Group, Missing, Report, Share

_KINDS = (
    ("authorities", "Authorities that supplied the two records"),
    ("sex", "Sex"),
    ("age_band", "Age"),
    ("ethnic_group", "Ethnic group"),
    ("name", "Length of the name"),
)
_FIELDS = ("nhs_number", "pnc_id", "upn", "crn", "forename", "surname", "date_of_birth", "sex", "postcode", "uprn")
"""Those that others are made of."""
_LEAST = 0.5
_STEPS = (0.5, 0.8, 0.9, 0.95, 0.98)


def linkage_page(report: Report, number: int, at: datetime, levels: dict[str, float] | None) -> str:
    """The page; ``levels``: precision, recall and subgroup_gap that the agreement asks for."""
    return render(
        "linkage-report.html.j2",
        report=report,
        number=number,
        at=at,
        levels=levels,
        kinds=[(words, [group for group in report.groups if group.kind == kind]) for kind, words in _KINDS],
        scale=_scale(report),
        most=max((bar.joined + bar.apart for bar in report.weights), default=0) or 1,
        missing=_missing(report),
        fields=[name for name in _FIELDS if name in {it.field for it in report.missing}],
    )


def _scale(report: Report) -> float:
    """Where the axis of all shares begins: low enough for every share, and for the intervals of the whole.

    A group of few pairs has an interval that would press all others together; it runs out of the axis.
    """
    lows = [report.precision.low, report.recall.low, *(it.value for group in report.groups for it in _shares(group))]
    return max((step for step in _STEPS if step <= min(lows)), default=_LEAST)


def _shares(group: Group) -> Sequence[Share]:
    return [share for share in (group.precision, group.recall) if share is not None]


def _missing(report: Report) -> dict[str, dict[str, Missing]]:
    found: dict[str, dict[str, Missing]] = {}
    for it in report.missing:
        found.setdefault(it.feed, {})[it.field] = it
    return found
