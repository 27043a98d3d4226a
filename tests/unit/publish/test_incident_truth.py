"""``hub incident truth``: found incidents beside what truly happened, without a reference or an id in the open."""

from pathlib import Path

import polars as pl
import pytest

from incidents.errors import IncidentTruthRefused
from keys.home import open_ring
from keys.services import Service
from pseudonymise.references import both_stages
from pseudonymise.scheme_keys import scheme_keys
from publish.incident_truth import COLUMNS, evaluate_incidents
from tests.unit.publish.small_hub import ATTENDANCES, CRIMES, PARTS, PATIENTS, Q3, Hub

CANARY = "CANARY/4711"
REFERENCES = {
    "police.recorded_crime": [CANARY, "01/2", "01/3", "01/4"],
    "health.emergency_care": ["ED1"],
}


def filled(hub: Hub) -> Hub:
    """The small hub's crimes and attendance, under the ids that their references give."""
    keys = scheme_keys(open_ring(hub.settings, Service.EVALUATION))
    for (feed, told), events, parts in zip(REFERENCES.items(), (CRIMES, ATTENDANCES), (PARTS, PATIENTS), strict=True):
        ids = pl.DataFrame({"event_id": events["event_id"], "new": both_stages(pl.Series(told), feed, "event", keys)})
        named = [
            frame.join(ids, on="event_id", maintain_order="left").drop("event_id").rename({"new": "event_id"})
            for frame in (events, parts)
        ]
        hub.deliver(feed, Q3, *named)
    hub.link()
    return hub


def truth(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    path = folder / "incidents.csv"
    pl.DataFrame(rows, schema=list(COLUMNS), orient="row").write_csv(path)
    return path


def test_incidents_are_held_against_what_happened(
    empty_hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub = filled(empty_hub)
    rows = [(feed, reference, reference) for feed, told in REFERENCES.items() for reference in told]
    rows = [(feed, told, CANARY if told == "ED1" else true) for feed, told, true in rows]
    found = evaluate_incidents(hub.settings, Q3, truth(tmp_path, rows))
    assert (found.events, found.incidents_true, found.incidents_found) == (5, 4, 4)
    assert (found.of_several_true, found.of_several_found) == (1, 1)
    assert (found.precision, found.recall, found.whole) == (1.0, 1.0, 1.0)
    other = [(feed, told, "01/2" if told == "ED1" else true) for feed, told, true in rows]
    wrong = evaluate_incidents(hub.settings, Q3, truth(tmp_path, other))
    assert (wrong.precision, wrong.recall) == (0.0, 0.0)
    assert CANARY not in caplog.text + repr(found) + str(hub.said())


def test_a_truth_of_another_borough_is_refused(empty_hub: Hub, tmp_path: Path) -> None:
    hub = filled(empty_hub)
    with pytest.raises(IncidentTruthRefused, match="no event in common") as refused:
        evaluate_incidents(hub.settings, Q3, truth(tmp_path, [("police.recorded_crime", "CANARY/1", "x")]))
    assert "CANARY" not in str(refused.value)
    (tmp_path / "incidents.csv").write_text("who,what\nCANARY,2\n", encoding="utf-8")
    with pytest.raises(IncidentTruthRefused, match="true_incident_id") as refused:
        evaluate_incidents(hub.settings, Q3, tmp_path / "incidents.csv")
    assert "CANARY" not in str(refused.value)
