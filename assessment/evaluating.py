"""``hub evaluate``: an intervention's evaluation from a published release, permitted and logged, as JSON and a page."""

from dataclasses import asdict, dataclass
from datetime import date
from math import log2
from typing import Any

from agreement.policy import load_agreement
from assessment.ages import with_birth_year
from assessment.errors import AssessmentRefused
from assessment.evaluation import evaluate
from assessment.release import newest_release, read_tables
from assessment.safe import Counts, Gate
from assessment.shown_evaluation import LIMITS, ShownEvaluation, method, shown
from assessment.telling import estimate, log_telling
from audit.events import Action
from disclosure.questions import Terms
from documents.rendering import render
from factors.model import load_factors
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from publish.database import ANALYSTS

PURPOSE = "evaluation"
WANTED = {
    "person": ("person_id", "sex", "age_band"),
    "event": ("event_id", "feed", "occurred_on", "violence_kind"),
    "involvement": ("event_id", "person_id", "feed", "role"),
    "intervention": ("person_id", "event_id", "intervention", "feed", "offered_on", "started_on"),
}
RATINGS = {"involvement": ("reoffending_likelihood", "risk_level")}


@dataclass(frozen=True)
class Told:
    """An evaluation as it was told and logged. ``digest``: the SHA-256 of the JSON (RFC 8785), which the log holds."""

    release: str
    manifest: str
    shown: ShownEvaluation
    smallest_count: int
    round_to: int
    digest: str = ""

    def document(self) -> dict[str, Any]:
        """All that is told, for a program."""
        said = self.shown
        return {
            "intervention": said.intervention,
            "release": self.release,
            "manifest": self.manifest,
            "verdict": said.verdict,
            "sentence": said.sentence,
            "tables": {table.name: _rows(table) for table in said.tables},
            "acts_of_a_hundred_a_quarter": {"with": estimate(said.rate_with), "without": estimate(said.rate_without)},
            "ratio": {"crude": estimate(said.crude), "adjusted": estimate(said.effect)},
            "e_value": {"estimate": said.e_value.value, "interval": said.e_value_of_interval.value},
            "balance": [
                {"about": one.about, "before": one.before.value, "after": one.after.value} for one in said.balance
            ],
            "matched_on": method(),
            "limits": list(LIMITS),
            "disclosure": [asdict(one) for one in said.decisions],
        }

    def page(self) -> str:
        """The same as a page that prints, without script and network."""
        words = {"method": method(), "limits": LIMITS, "place": _place}
        return render("evaluation.html.j2", told=self, shown=self.shown, **words)


@leaving_no_values
def evaluate_intervention(
    settings: Settings, intervention: str, quarter: Quarter | None, on: date, recipient: str = ANALYSTS
) -> Told:
    """Evaluate an intervention from the newest release of a quarter (None: of the latest), for the purpose evaluation.

    1. Its tables are read as any reader reads them: the agreement permits the purpose, and each reading is logged.
    2. The release tells of the intervention; what else was typed is not repeated. Raises AssessmentRefused.
    3. Every figure passes the gate (``assessment.safe``).
    4. What is told is logged before it is told.

    Raises AssessmentRefused, ReadingRefused and AgreementRefusal.
    """
    terms = Terms.of(load_agreement(settings).disclosure)
    release = newest_release(settings, quarter, recipient)
    tables = read_tables(settings, release, PURPOSE, WANTED, on, RATINGS)  # (1)
    until = Quarter.parse(release.quarter).ends_on
    tables["person"] = with_birth_year(tables["person"], until.year)
    _require_known(intervention, tables["intervention"]["intervention"].unique().sort().to_list(), release.name)  # (2)
    usual = load_factors(settings.config).usual
    found = shown(evaluate(tables, intervention, until, usual), Gate(terms))  # (3)
    told = Told(release.name, release.manifest.hash, found, terms.smallest_count, terms.round_to)
    what = f"evaluation of {intervention}"
    digest = log_telling(settings, release, Action.EVALUATE, what, PURPOSE, told.document(), found.decisions, on)  # (4)
    return Told(release.name, release.manifest.hash, found, terms.smallest_count, terms.round_to, digest)


def _require_known(intervention: str, known: list[str], release: str) -> None:
    if intervention not in known:
        raise AssessmentRefused(
            "There is no such intervention",
            where=release,
            why=f"it tells of {', '.join(known) or 'none at all'}",
            fix="Ask for one of these; hub factors list says what each is",
        )


def _place(ratio: float) -> float:
    """Where a ratio stands in the drawing: 1 in the middle, an eighth and eight at the ends."""
    return round(320 + 90 * max(-3.0, min(3.0, log2(max(ratio, 1e-6)))), 1)


def _rows(table: Counts) -> list[dict[str, Any]]:
    return table.frame.to_dicts()
