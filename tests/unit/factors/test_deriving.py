"""Factors and interventions: what feeds must say for one to be there, and what it is then."""

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from factors.deriving import area_factors, interventions, person_factors
from factors.meeting import Told
from factors.model import FactorRules
from hub.settings import PROJECT
from schemas.area_figures import load_area_table

SUBSTANCES = {
    "title": "Substances",
    "level": "individual",
    "direction": "risk",
    "sources": ["who"],
    "evidence": [{"feed": "yot.cases", "where": {"substance_misuse": ["low", "high"]}, "strength": "substance_misuse"}],
}


def rules(**parts: Any) -> FactorRules:
    """Rules as they stand in the file; what is not stated is empty."""
    empty = {"sources": {"who": "The report"}, "factors": {}, "area_factors": {}, "interventions": {}, "not_shown": []}
    return FactorRules.model_validate(yaml.safe_load(yaml.safe_dump(empty | parts)))


def told(*rows: dict[str, Any]) -> Told:
    """What feeds tell, a row a part: event, person, feed, day, and more of the event or of the person."""
    of_event = ("violence_kind", "knife", "disposal", "supervision_ended_on", "exclusion_type")
    events = [
        {"event_id": row["event"], "feed": row["feed"], "occurred_on": date(2026, 7, row["day"])}
        | {name: row.get(name) for name in of_event}
        for row in rows
    ]
    parts = [
        {"event_id": row["event"], "person_id": row["person"], "feed": row["feed"], "role": row.get("role", "child")}
        | {
            name: value
            for name, value in row.items()
            if name not in {"event", "person", "feed", "day", "role", *of_event}
        }
        for row in rows
    ]
    dates = {"supervision_ended_on": pl.Date()} | dict.fromkeys(of_event[:1] + of_event[2:3], pl.String())
    unlike = pl.concat([pl.DataFrame([part]) for part in parts], how="diagonal_relaxed")
    return Told.of(pl.DataFrame(events, schema_overrides=dates).unique("event_id", maintain_order=True), unlike)


def case(event: str, day: int, **more: Any) -> dict[str, Any]:
    return {"event": event, "person": "A", "feed": "yot.cases", "day": day} | more


def test_a_factor_is_known_from_the_first_statement_and_as_strong_as_the_last_says() -> None:
    found = person_factors(
        told(
            case("e1", 3, substance_misuse="low"),
            case("e2", 9, substance_misuse="high"),
            case("e3", 20, substance_misuse="none"),
            case("e4", 1, substance_misuse=None),
            case("e5", 2, substance_misuse="none", person="B"),
        ),
        rules(factors={"substances": SUBSTANCES}),
    )
    assert found.to_dicts() == [
        {
            "person_id": "A", "area_code": None, "factor": "substances", "level": "individual", "direction": "risk",
            "strength": "high", "known_from": date(2026, 7, 3), "last_stated_on": date(2026, 7, 9), "statements": 2,
            "feed": "yot.cases", "event_id": "e2",
        }
    ]  # fmt: skip


def test_what_is_asked_for_several_times_is_known_from_the_last_of_these() -> None:
    victim = {"feed": "police.recorded_crime", "role": "victim", "violence_kind": "homicide", "person": "A"}
    rows = [{"event": f"e{day}", "day": day} | victim for day in (4, 8, 15)]
    once = {"event": "f1", "day": 2} | victim | {"person": "B"}
    mild = {"event": "g1", "day": 1} | victim | {"violence_kind": None}
    other = {"event": "h1", "day": 1} | victim | {"role": "suspect"}
    evidence = {"feed": "police.recorded_crime", "roles": ["victim"], "violent": True, "at_least": 2}
    found = person_factors(
        told(*rows, once, mild, other), rules(factors={"again": SUBSTANCES | {"evidence": [evidence]}})
    )
    assert found.select("person_id", "known_from", "last_stated_on", "statements").rows() == [
        ("A", date(2026, 7, 8), date(2026, 7, 15), 3)
    ]


def test_two_records_of_one_person_in_one_event_state_it_once() -> None:
    found = person_factors(
        told(case("e1", 3, substance_misuse=None), case("e1", 3, substance_misuse="high")),
        rules(factors={"substances": SUBSTANCES}),
    )
    assert found.select("statements", "strength").rows() == [(1, "high")]


def test_a_column_that_is_not_kept_evidences_nothing() -> None:
    assert person_factors(told(case("e1", 3)), rules(factors={"substances": SUBSTANCES})).is_empty()


def test_each_feed_states_for_itself() -> None:
    both = SUBSTANCES | {"evidence": [{"feed": "council.marac"}, {"feed": "yot.cases"}]}
    found = person_factors(told(case("e1", 3), case("m1", 5, feed="council.marac")), rules(factors={"any": both}))
    assert sorted(found.select("feed", "known_from").rows()) == [
        ("council.marac", date(2026, 7, 5)),
        ("yot.cases", date(2026, 7, 3)),
    ]


def test_an_intervention_has_its_dates_its_outcome_and_the_feeds_word_for_it() -> None:
    programme = {
        "title": "Programme",
        "prevention": "tertiary",
        "sources": ["who"],
        "evidence": [
            {
                "feed": "yot.cases", "where": {"intervention_kind": ["mentoring"]}, "kind": "disposal",
                "started_on": "intervention_started_on", "ended_on": "intervention_ended_on",
                "outcome": "intervention_outcome",
            },
            {"feed": "council.marac", "prevention": "secondary", "provider": "health", "started_on": "occurred_on"},
        ],
    }  # fmt: skip
    found = interventions(
        told(
            case("e1", 3, intervention_kind="mentoring", disposal="referral order", intervention_outcome="completed",
                 intervention_started_on=date(2026, 7, 5), intervention_ended_on=date(2026, 9, 1)),
            case("e2", 4, intervention_kind="sports programme"),
            case("m1", 6, feed="council.marac"),
        ),
        rules(interventions={"mentoring": programme}),
    )  # fmt: skip
    assert [tuple(row.values()) for row in found.to_dicts()] == [
        ("A", "mentoring", "referral order", "tertiary", "yot", date(2026, 7, 3), date(2026, 7, 5), date(2026, 9, 1),
         "completed", "yot.cases", "e1"),
        ("A", "mentoring", None, "secondary", "health", date(2026, 7, 6), date(2026, 7, 6), None, None,
         "council.marac", "m1"),
    ]  # fmt: skip


def test_a_factor_of_areas_is_there_within_its_bounds() -> None:
    areas = load_area_table(PROJECT / "config")
    poor = {
        "title": "Poor", "direction": "risk", "sources": ["who"], "column": "deprivation_decile", "at_least": 2,
        "at_most": 3,
    }  # fmt: skip
    found = area_factors(areas, rules(area_factors={"poor": poor}))
    expected = areas.filter(pl.col("deprivation_decile").is_in([2, 3]))["area_code"]
    assert found["area_code"].to_list() == expected.to_list()
    assert found["known_from"].unique().to_list() == [date(2025, 1, 1)]
    assert found["person_id"].null_count() == found.height > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    rows = [case(f"e{n}", 1 + n % 5, person="AB"[n % 2], substance_misuse=("low", "high")[n % 3 % 2]) for n in range(9)]
    stated = rules(factors={"substances": SUBSTANCES})
    shuffled = pl.Series(range(9)).shuffle(seed).to_list()
    first, second = (person_factors(told(*(rows[n] for n in order)), stated) for order in (range(9), shuffled))
    assert first.sort("person_id").equals(second.sort("person_id"))
