"""Data contracts keep the standard's schema, come back whole, and say what the contracts and the agreement say."""

import json
from functools import cache

import pytest
import yaml
from jsonschema import validators
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from documents.odcs import VERSION
from documents.odcs_columns import date_form
from documents.odcs_feed import feed_contract
from documents.odcs_published import published_contract, published_tables
from documents.sources import Sources
from schemas.published import MODELS
from schemas.registry import CONTRACTS
from tests.unit.documents.conftest import changed

_SCHEMA = json.loads(OpenDataContractStandard.json_schema())
STANDARD = validators.validator_for(_SCHEMA)(_SCHEMA)


@pytest.fixture(scope="module")
def every(shipped: Sources) -> dict[str, str]:
    """All contracts that are made of what is shipped."""
    return _all(shipped)


def _all(sources: Sources) -> dict[str, str]:
    feeds = {name: feed_contract(sources, name) for name in sources.agreement.feeds}
    return feeds | {table: published_contract(sources, table) for table in published_tables(sources)}


@cache
def _read(text: str) -> OpenDataContractStandard:
    return OpenDataContractStandard.from_string(text)


def _columns(text: str) -> dict[str, SchemaProperty]:
    return {str(each.name): each for each in _read(text).schema_[0].properties}


def _custom(stated) -> dict[str, object]:
    return {each.property: each.value for each in stated.customProperties}


def test_every_contract_keeps_the_standard(every: dict[str, str], shipped: Sources) -> None:
    stated = {name: yaml.load(text, yaml.CSafeLoader) for name, text in every.items()}  # no types of our own
    broken = {name: [e.message for e in STANDARD.iter_errors(said)] for name, said in stated.items()}
    assert {name: errors for name, errors in broken.items() if errors} == {}
    assert set(broken) == set(shipped.agreement.feeds) | set(MODELS)
    assert VERSION in _SCHEMA["properties"]["apiVersion"]["enum"]


def test_the_schema_that_they_are_held_against_finds_what_is_wrong(shipped: Sources) -> None:
    made = yaml.safe_load(feed_contract(shipped, "yot.cases"))
    made["schema"][0]["properties"][0]["logicalType"] = "text"
    made["surprise"] = 1
    assert len(list(STANDARD.iter_errors(made))) >= 2


def test_they_come_back_whole_through_the_library(every: dict[str, str]) -> None:
    for text in every.values():
        assert _read(text).to_yaml() == text


@pytest.mark.parametrize("feed", list(CONTRACTS))
def test_a_feeds_contract_has_each_column_with_source_class_and_treatment(
    feed: str, every: dict[str, str], shipped: Sources
) -> None:
    ours, terms = CONTRACTS[feed], shipped.agreement.feeds[feed]
    columns = _columns(every[feed])
    assert list(columns) == list(ours.columns)
    for name, stated in terms.fields.items():
        assert columns[name].classification == stated.classification
        assert _custom(columns[name])["treatment"] == stated.treat
        assert columns[name].physicalName == (ours.source_name(name) if name in ours.readings else None)
    keys = {each.name: each.primaryKeyPosition for each in columns.values() if each.primaryKey}
    assert sorted(keys, key=keys.get) == list(ours.row_key)


def test_types_forms_codes_and_limits_are_stated(shipped: Sources) -> None:
    police = _columns(feed_contract(shipped, "police.recorded_crime"))
    assert police["date_of_birth"].logicalType == "date"
    assert police["date_of_birth"].logicalTypeOptions == {"format": "dd/MM/yyyy"}
    assert police["committed_from"].logicalTypeOptions == {"format": "dd/MM/yyyy HH:mm"}
    health = _columns(feed_contract(shipped, "health.emergency_care"))
    assert health["site_code"].logicalTypeOptions == {"pattern": r"^[A-Z][A-Z0-9]{4}$"}
    assert {(code.value, code.label) for code in police["role"].enum} == {("VICTIM", "victim"), ("SUSPECT", "suspect")}
    assert _custom(police["knife"])["writtenAs"] == {"Y": "yes", "N": "no"}
    assert (police["offence_code"].required, police["forename"].required) == (True, False)
    yot = _columns(feed_contract(shipped, "yot.cases"))
    assert yot["offence_gravity"].logicalTypeOptions == {"minimum": 1, "maximum": 8}
    assert date_form("%+") == "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX"


def test_rules_across_columns_are_quality_checks(shipped: Sources) -> None:
    said = [check.description for check in _read(feed_contract(shipped, "yot.cases")).schema_[0].quality]
    assert "A case is not disposed of before the offence." in said
    counted = [c for c in _read(feed_contract(shipped, "yot.cases")).schema_[0].quality if c.metric == "rowCount"]
    assert counted[0].mustBeBetween == [1, 2000]


def test_the_law_the_hash_and_the_levels_are_stated(every: dict[str, str], shipped: Sources) -> None:
    agreement = shipped.agreement
    for name, terms in agreement.feeds.items():
        made = _read(every[name])
        said = _custom(made)
        assert said["gateway"] == terms.gateway
        assert said["conditions"] == list(terms.conditions)
        assert said["purposes"] == list(terms.purposes)
        assert said.get("dpia") == terms.dpia
        assert said["agreementHash"] == agreement.hash
        assert said["retentionDays"] == dict(agreement.retention_days)
        assert made.version == agreement.version
        levels = {level.property: level.value for level in made.slaProperties}
        assert levels["latency"] == shipped.feeds[name].late_after_days
        assert levels["errorRate"] == shipped.feeds[name].rejection_threshold * 100
        kept = {level.element: level.value for level in made.slaProperties if level.property == "retention"}
        assert kept == dict(agreement.retention_days)


def test_a_published_table_has_the_columns_that_somebody_is_granted_and_no_other(
    every: dict[str, str], shipped: Sources
) -> None:
    recipients = shipped.agreement.recipients
    for table in MODELS:
        granted = {column for r in recipients.values() if table in r.tables for column in r.tables[table].columns}
        made = every[table]
        assert set(_columns(made)) == granted
        assert [role.role for role in _read(made).roles] == [key for key, r in recipients.items() if table in r.tables]


def test_a_published_column_says_what_it_is_made_from(shipped: Sources) -> None:
    sex = _columns(published_contract(shipped, "person"))["sex"]
    assert "police.recorded_crime.sex" in sex.transformSourceObjects
    assert {code.value for code in sex.enum} == {"female", "male", "other", "unknown"}
    points = [each.to for each in _columns(published_contract(shipped, "involvement"))["person_id"].relationships]
    assert points == ["person.person_id"]


def test_a_new_recipient_appears_and_a_table_that_nobody_has_has_no_contract() -> None:
    def change(terms):
        first = next(iter(terms["recipients"].values()))
        tables = {"event": {"columns": ["event_id"], "rows": {"feed": ["yot.cases"]}, "purposes": ["strategy"]}}
        terms["recipients"] = {"lamplighters": first | {"title": "Lamplighters", "tables": tables}}

    sources = changed(change)
    assert published_tables(sources) == ["event"]
    made = _read(published_contract(sources, "event"))
    assert [each.name for each in made.schema_[0].properties] == ["event_id"]
    assert _custom(made.roles[0])["event"]["rows"] == {"feed": ["yot.cases"]}
    assert _custom(made)["purposes"] == ["strategy"]


def test_it_is_active_only_while_data_may_flow(shipped: Sources, agreed: Sources) -> None:
    assert _read(feed_contract(shipped, "yot.cases")).status == "draft"
    assert _read(feed_contract(agreed, "yot.cases")).status == "active"
