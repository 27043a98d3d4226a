"""A rule that rests on what no feed has is refused, with its place; one that rests on what is not kept is told."""

import json
from typing import Any

import pytest
import yaml

from agreement.policy import read_agreement
from factors.checking import faults, require_sound, resting_on_nothing
from factors.errors import FactorsRefused
from factors.model import FACTORS, FactorRules, load_factors
from hub.errors import ConfigurationError
from hub.settings import PROJECT

CONFIG = PROJECT / "config"


def shipped() -> Any:
    """The shipped rules, to be changed."""
    return yaml.load((CONFIG / FACTORS).read_text(encoding="utf-8"), yaml.CSafeLoader)


def changed(**evidence: Any) -> FactorRules:
    """The shipped rules, but that one factor rests on this."""
    stated = shipped()
    stated["factors"]["substance misuse"]["evidence"] = [evidence]
    return FactorRules.model_validate(stated)


def test_the_shipped_rules_hold_and_rest_on_what_the_shipped_agreement_keeps() -> None:
    own = load_factors(CONFIG)
    assert list(faults(own)) == []
    assert list(resting_on_nothing(own, read_agreement(CONFIG / "agreement.yaml"))) == []
    levels = {rule.level for rule in (*own.factors.values(), *own.area_factors.values())}
    assert levels == {"individual", "relationship", "community"}
    assert {hidden.level for hidden in own.not_shown} >= {"societal"}  # said plainly, since no data show it
    assert {rule.prevention for rule in own.interventions.values()} == {"secondary", "tertiary"}


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"feed": "yot.case"}, "no feed yot.case has rows about persons"),
        ({"feed": "police.street_crime"}, "no feed police.street_crime has rows about persons"),
        ({"feed": "yot.cases", "where": {"substances": ["high"]}}, "yot.cases has no column substances"),
        ({"feed": "yot.cases", "where": {"surname": ["Quill"]}}, "yot.cases has no column surname that may be"),
        ({"feed": "yot.cases", "where": {"case_id": ["1"]}}, "yot.cases has no column case_id that may be"),
        ({"feed": "yot.cases", "where": {"education": ["some"]}}, "education never holds some; it holds full, none"),
        ({"feed": "yot.cases", "where": {"special_needs": ["yes"]}}, "special_needs never holds yes; it holds false"),
        ({"feed": "yot.cases", "where": {"occurred_on": ["2026-07-01"]}}, "occurred_on never holds"),
        ({"feed": "yot.cases", "roles": ["suspect"]}, "yot.cases states no part suspect; it has child"),
        ({"feed": "yot.cases", "strength": "education"}, "education says none of low, medium, high, very high"),
    ],
)
def test_what_no_feed_has_is_refused_with_its_place(evidence: dict[str, Any], said: str) -> None:
    with pytest.raises(FactorsRefused, match=r"factors\.substance misuse\.evidence 1") as refusal:
        require_sound(changed(**evidence))
    assert said in str(refusal.value)


def test_an_interventions_columns_are_dates_and_outcomes() -> None:
    stated = shipped()
    wrong = {
        "started_on": "disposal",
        "ended_on": "nothing",
        "outcome": "education",
        "kind": "surname",
        "provider": "army",
    }
    stated["interventions"]["mentoring"]["evidence"] = [{"feed": "yot.cases"} | wrong]
    found = [why for place, why in faults(FactorRules.model_validate(stated))]
    assert len(found) == len(wrong)
    assert any("disposal holds no dates" in why for why in found)
    assert any("army is none of police" in why for why in found)


def test_what_the_agreement_drops_is_told() -> None:
    agreement = read_agreement(CONFIG / "agreement.yaml")
    found = list(resting_on_nothing(changed(feed="yot.cases", where={"out_of_court": ["completed"]}), agreement))
    assert found == [("factors.substance misuse.evidence 1", "the agreement does not keep out_of_court of yot.cases")]
    unlinked = changed(feed="council.children_in_need_census")
    assert "is not linked" in next(resting_on_nothing(unlinked, agreement))[1]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("factors", "weapon", "sources"), ["nobody"], "a rule names no source of the list: nobody"),
        (("factors", "weapon", "sources"), [], "sources"),
        (("factors", "weapon", "level"), "galactic", "level"),
        (("area_factors", "deprived neighbourhood", "at_most"), None, "every area would have it"),
        (("interventions", "weapon"), "the same", "interventions.weapon"),
    ],
)
def test_a_rule_says_its_level_its_source_and_its_bounds(
    path: tuple[str, ...], value: Any, said: str, tmp_path
) -> None:
    stated = shipped()
    part = stated
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    (tmp_path / FACTORS).write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load_factors(tmp_path)
