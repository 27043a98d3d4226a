"""Comparing incidents with a known truth, for boroughs that are synthetic."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from agreement.policy import load_agreement
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from incidents.errors import IncidentTruthRefused
from incidents.finding import find_incidents
from incidents.rules import IncidentRules, load_incident_rules
from keys.home import open_ring, tell
from keys.services import Service
from linkage.evaluation import Quality, evaluate
from pseudonymise.references import both_stages
from pseudonymise.scheme_keys import SchemeKeys, scheme_keys
from publish.inputs import read_inputs
from publish.numbered import EVENT, Numbered
from publish.tables import Linked

COLUMNS = ("feed", "source_reference", "true_incident_id")


@dataclass(frozen=True)
class IncidentQuality:
    """How right the incidents of one quarter's release are, over pairs of events. All shares are 0 to 1.

    ``events``: those that the truth tells of and that are there; ``of_several``: incidents that more than one of them
    tells of, as found and as true; ``whole``: the share of all true incidents that were found exactly as they are.
    """

    events: int
    incidents_true: int
    incidents_found: int
    of_several_true: int
    of_several_found: int
    precision: float
    recall: float
    f1: float
    whole: float


@leaving_no_values
def evaluate_incidents(settings: Settings, quarter: Quarter, path: Path) -> IncidentQuality:
    """How right the incidents among all events up to a quarter are, by a CSV file of COLUMNS.

    A reference of several parts is joined by U+001F. References become event ids in memory, by the home's own keys,
    and are stored nowhere; neither are the events. Raises IncidentTruthRefused, and what ``read_inputs`` raises.
    """
    truth, rules = _read(path), load_incident_rules(settings.config)
    ring = open_ring(settings, Service.EVALUATION)
    with transaction(settings) as connection:
        linked, _ = read_inputs(settings, connection, ring, quarter, load_agreement(settings))
    known = _event_ids(truth, scheme_keys(ring))
    tell(settings, ring)
    return compare(known, linked, rules)


def compare(known: pl.DataFrame, linked: Linked, rules: IncidentRules) -> IncidentQuality:
    """The incidents found among these events, held against ``known`` (event_id, true_incident_id)."""
    numbers = find_incidents(linked.events, linked.involvements, rules)
    found = Numbered(numbers, dict.fromkeys((EVENT, "incident"), linked.names[EVENT])).text
    both = known.join(found, on="event_id")
    if both.is_empty():
        raise IncidentTruthRefused(
            "Incidents cannot be compared",
            where="the truth and the events of the quarter",
            why="they have no event in common",
            fix="Give the truth of this very borough, and collect and link its feeds first",
        )
    true = both.select(record_id="event_id", true_person_id="true_incident_id")
    return _quality(evaluate(true, both.select(record_id="event_id", person_id="incident")), both)


def _quality(found: Quality, both: pl.DataFrame) -> IncidentQuality:
    several = {name: int((both[name].value_counts()["count"] > 1).sum()) for name in ("true_incident_id", "incident")}
    return IncidentQuality(
        events=found.records,
        incidents_true=found.persons_true,
        incidents_found=found.persons_found,
        of_several_true=several["true_incident_id"],
        of_several_found=several["incident"],
        precision=found.precision,
        recall=found.recall,
        f1=found.f1,
        whole=found.cluster_recall,
    )


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False).select(COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise IncidentTruthRefused(
            "The truth about incidents cannot be read",
            where=str(path),
            why=f"it is not a CSV file with the columns {', '.join(COLUMNS)} ({type(error).__name__})",
            fix="Give the file truth/incidents.csv that was made with the synthetic borough",
        ) from None


def _event_ids(truth: pl.DataFrame, keys: SchemeKeys) -> pl.DataFrame:
    return pl.concat(
        rows.select("true_incident_id", event_id=both_stages(rows["source_reference"], str(feed), "event", keys))
        for (feed,), rows in truth.partition_by("feed", as_dict=True).items()
    )
