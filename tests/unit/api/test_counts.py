"""Counts by the interface: small ones are hidden, others rounded, and nobody is counted one by one."""

import json
from typing import Any

import pytest

from audit.log import checkpoint
from hub.database import transaction
from keys.home import log_signer
from publish.candidate import build_candidate
from publish.publication import publish
from publish.withdrawing import withdraw
from tests.agreed import agree
from tests.unit.api.conftest import ANALYSTS, RELEASE, Served
from tests.unit.publish.small_hub import Q3

CANARY = "Zyxwvutsria"


def counts(served: Served, table: str, release: str = RELEASE, **asked: Any) -> dict[str, Any]:
    answer = served.ask(
        f"/v1/releases/{release}/tables/{table}/counts", method="POST", json={"purpose": "strategy"} | asked
    )
    return {"status": answer.status_code} | answer.json()


def test_a_small_hub_tells_nothing(served: Served) -> None:
    refused = counts(served, "person", by=["sex"])
    assert (refused["status"], "fewer than 8" in refused["detail"]) == (422, True)


def test_a_count_is_told_logged_and_held_against_those_before(served: Served, kept: Any) -> None:
    """Who is told of 4 crimes and of 3 of these would know of the one that is left."""
    agree(kept, lambda terms: terms["disclosure"].update(smallest_count=2, round_to=1))
    for asked_before in (False, True):
        first = counts(served, "event", where={"offence_code": ["005/01", "008/06", "034/10"]})
        assert (first["cells"], first["counted"], first["hidden"]) == ([[4]], "event_id", 0)
        said = served.hub.said(action="publish:counts:consultation")[-1]
        assert (said["columns"], said["actor"]) == (["offence_code"], "reader:anna")
        assert said["detail"]["asked_before"] is asked_before
    second = counts(served, "event", where={"offence_code": ["005/01", "034/10"]})
    assert (second["status"], "beside what was answered before" in second["detail"]) == (422, True)
    assert served.hub.unsigned() == 0


def test_the_log_holds_a_count_s_hash_and_numbers_and_no_value_that_was_asked_for(served: Served, kept: Any) -> None:
    agree(kept, lambda terms: terms["disclosure"].update(smallest_count=2, round_to=1))
    asked = {"by": ["knife"], "where": {"lsoa_code": [CANARY, "E01002915"]}}
    assert counts(served, "event", **asked)["status"] == 200
    assert counts(served, "event", where={"lsoa_code": [CANARY]}, by=["offence_code"])["status"] == 200
    said = served.hub.said(action="publish:counts:consultation")
    for detail in (entry["detail"] for entry in said[-2:]):
        assert len(bytes.fromhex(detail["question"])) == 32
        assert (type(detail["hidden"]), type(detail["asked_before"])) == (int, bool)
    assert CANARY not in json.dumps(served.hub.said())


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


def test_after_a_withdrawal_the_next_release_is_counted_beside_what_was_told_of_the_one_before(
    served: Served, kept: Any
) -> None:
    """It is the last here, since the release is gone. Who was told of 4 crimes is not told of 3 of these later."""
    hub = served.hub
    agree(kept, lambda terms: terms["disclosure"].update(smallest_count=2, round_to=1))
    assert counts(served, "event", where={"offence_code": ["005/01", "008/06", "034/10"]})["cells"] == [[4]]
    with transaction(hub.settings) as connection:
        withdraw(hub.settings, connection, RELEASE, "officer", "It was wrong")
        checkpoint(connection, log_signer(hub.settings, hub.ring))
    assert hub.said(action="publish:release:erasure")[-1]["detail"]["answers"] > 0
    assert counts(served, "event")["status"] == 410
    built = build_candidate(hub.settings, hub.ring, Q3, ANALYSTS)
    hub.decide(built.release)
    publish(hub.settings, hub.ring, built.release)
    again = counts(served, "event", built.release, where={"offence_code": ["005/01", "008/06", "034/10"]})
    assert (again["cells"], again["hidden"]) == ([[4]], 0)
    fewer = counts(served, "event", built.release, where={"offence_code": ["005/01", "034/10"]})
    assert (fewer["status"], "beside what was answered before" in fewer["detail"]) == (422, True)
    with transaction(hub.settings) as connection:  # what is remembered gets lost: then nothing is told
        connection.exec_driver_sql("DELETE FROM hub.remembered_release")
    lost = counts(served, "event", built.release, by=["knife"])
    assert (lost["status"], "cannot be read any more" in lost["detail"]) == (422, True)
