"""Counts by the interface: small ones are hidden, others rounded, and nobody is counted one by one."""

from typing import Any

import polars as pl
import pytest

from agreement.model import Disclosure
from api.counting import told
from tests.agreed import agree
from tests.unit.api.conftest import ANALYSTS, RELEASE, Served


def counts(served: Served, table: str, **asked: Any) -> dict[str, Any]:
    answer = served.ask(
        f"/v1/releases/{RELEASE}/tables/{table}/counts", method="POST", json={"purpose": "strategy"} | asked
    )
    return {"status": answer.status_code} | answer.json()


def test_small_counts_are_hidden_and_others_rounded() -> None:
    terms = Disclosure(smallest_count=8, round_to=5, smallest_group=5)
    shown = told(pl.DataFrame({"count": [1, 7, 8, 12, 13, 100]}), terms)
    assert shown["count"].to_list() == [None, None, 10, 10, 15, 100]


def test_a_small_hub_tells_nothing_and_a_lower_level_tells_persons_not_rows(served: Served, kept: Any) -> None:
    hidden = counts(served, "person", by=["sex"])
    assert hidden["hidden"] == len(hidden["cells"]) == 3
    assert all(cell[-1] is None for cell in hidden["cells"])
    assert served.hub.said(action="publish:counts:consultation")[-1]["columns"] == ["sex"]
    agree(kept, lambda terms: terms["disclosure"].update(smallest_count=2, round_to=1))
    assert counts(served, "involvement", by=["role"])["cells"] == [["patient", None], ["suspect", None], ["victim", 2]]
    assert counts(served, "involvement")["counted"] == "person_id"
    assert counts(served, "event", by=["event_type"], where={"knife": [True]})["cells"] == [["crime", 2]]
    assert counts(served, "event", where={"lsoa_code": ["E01002915"]})["cells"] == [[2]]


@pytest.mark.parametrize(
    ("table", "asked", "status"),
    [
        ("event", {"by": ["event_id"]}, 422),
        ("event", {"by": ["occurred_at"]}, 422),
        ("person", {"by": [], "where": {"person_id": ["x"]}}, 422),
        ("event", {"by": ["weapon"]}, 404),
        ("event", {"where": {"weapon": ["x"]}}, 404),
        ("event", {"by": ["feed", "knife", "event_type", "lsoa_code"]}, 422),
        ("event", {"by": ["knife"], "purpose": "evaluation"}, 403),
    ],
)
def test_refused(served: Served, table: str, asked: dict[str, Any], status: int) -> None:
    assert counts(served, table, **asked)["status"] == status


def test_counts_need_their_scope(served: Served) -> None:
    token = served.issue(scopes=["rows"], recipient=ANALYSTS).token
    asked = {"method": "POST", "json": {"purpose": "strategy"}}
    assert served.ask(f"/v1/releases/{RELEASE}/tables/event/counts", token, **asked).status_code == 403
