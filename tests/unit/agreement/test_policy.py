"""The agreement as shipped, its hash, and how it is loaded."""

import pickle
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from agreement.check import check_agreement
from agreement.errors import AgreementRefusal
from agreement.model import Agreement, FieldClass, How, Treat, Treatment
from agreement.policy import (
    load_agreement,
    looked_at,
    permit_collection,
    permit_fields,
    permit_linkage,
    read_agreement,
)
from agreement.rules import in_force
from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from schemas.published import MODELS, meanings, published_schema
from schemas.registry import CONTRACTS
from tests.agreed import signed

CONFIG = PROJECT / "config"
COLUMNS = {name: contract.columns for name, contract in CONTRACTS.items()}
TABLES = {table: meanings(table) for table in MODELS}
DAY = date(2026, 10, 5)


@pytest.fixture(scope="module")
def shipped() -> Agreement:
    return read_agreement(CONFIG / "agreement.yaml")


@pytest.fixture(scope="module")
def in_effect(signed_agreement: Path) -> Agreement:
    return read_agreement(signed_agreement)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Settings]:
    """Settings of a configuration whose agreement has one text replaced."""

    def edit(old: str, new: str) -> Settings:
        config = tmp_path / "config"
        shutil.copytree(CONFIG, config)
        path = config / "agreement.yaml"
        said = path.read_text(encoding="utf-8")
        assert old in said
        path.write_text(said.replace(old, new, 1), encoding="utf-8")
        return Settings(home=tmp_path / "home", config=config)

    return edit


def test_the_shipped_agreement_breaks_no_rule_but_nobody_has_signed_it(
    shipped: Agreement, in_effect: Agreement
) -> None:
    assert [str(violation) for violation in check_agreement(in_effect, CONTRACTS, TABLES)] == []
    assert list(in_force(in_effect, DAY)) == []
    assert len(list(in_force(shipped, DAY))) == 6


def test_it_covers_every_feed_and_every_column_of_its_contract(in_effect: Agreement) -> None:
    shipped = in_effect
    assert set(shipped.feeds) == set(load_feeds(CONFIG)) == set(COLUMNS)
    for feed, columns in COLUMNS.items():
        assert shipped.feeds[feed].personal == CONTRACTS[feed].personal
        permit_collection(shipped, feed, Quarter(2026, 3), DAY)
        assert set(permit_fields(shipped, feed, columns)) == set(columns)
    linked = {feed for feed in COLUMNS if any(f.treat is Treat.TOKENISE for f in shipped.feeds[feed].fields.values())}
    assert linked == set(shipped.linkage.feeds)  # the census is about persons, but has nothing to link them by
    permit_linkage(shipped, sorted(linked), Quarter(2026, 3), DAY)


def test_linkage_looks_only_at_what_is_named_for_it_and_kept_still(shipped: Agreement) -> None:
    feed = "police.recorded_crime"
    assert looked_at(shipped, feed) == {"occurred_on", "role", "offence_code"}
    terms, dropped = shipped.feeds[feed], Treatment(classification=FieldClass.CRIMINAL_OFFENCE, treat=Treat.DROP)
    narrower = terms.model_copy(update={"fields": terms.fields | {"offence_code": dropped}})
    assert looked_at(shipped.model_copy(update={"feeds": shipped.feeds | {feed: narrower}}), feed) == {
        "occurred_on",
        "role",
    }
    unlinked = shipped.linkage.model_copy(update={"feeds": ()})
    assert looked_at(shipped.model_copy(update={"linkage": unlinked}), feed) == frozenset()
    assert looked_at(shipped, "police.street_crime") == looked_at(shipped, "no.feed") == frozenset()


def test_what_identifies_is_tokenised_or_dropped(shipped: Agreement) -> None:
    for feed, contract in CONTRACTS.items():
        for column, identifier in contract.identifiers.items():
            treatment = shipped.feeds[feed].fields[column]
            assert treatment.treat in {Treat.TOKENISE, Treat.DROP}
            if identifier != "sex":
                assert treatment.classification is FieldClass.DIRECT_IDENTIFIER
                assert How.AS_IS not in treatment.generalise.values()


def test_a_column_taken_out_of_the_agreement_is_found_missing(shipped: Agreement) -> None:
    for feed, columns in COLUMNS.items():
        for column in columns:
            terms = shipped.feeds[feed]
            fewer = terms.model_copy(update={"fields": {k: v for k, v in terms.fields.items() if k != column}})
            agreement = shipped.model_copy(update={"feeds": {**shipped.feeds, feed: fewer}})
            places = {violation.where for violation in check_agreement(agreement, CONTRACTS, TABLES)}
            assert f"feeds.{feed}.fields.{column}" in places


def test_what_recipients_are_granted_is_published_somewhere(shipped: Agreement) -> None:
    for recipient in shipped.recipients.values():
        for table, grant in recipient.tables.items():
            assert set(grant.columns) <= set(published_schema(table).columns), table


def test_published_columns_are_the_kept_and_the_generalised(shipped: Agreement) -> None:
    fields = shipped.feeds["police.recorded_crime"].fields
    assert fields["offence_code"].published("offence_code") == ("offence_code",)
    assert fields["date_of_birth"].published("date_of_birth") == ("birth_year",)
    assert fields["forename"].published("forename") == ()


def test_signing_does_not_change_the_hash_but_any_other_change_does(
    shipped: Agreement, in_effect: Agreement, edited: Callable[[str, str], Settings]
) -> None:
    assert signed(in_effect, but=["police"]).hash == in_effect.hash != shipped.hash
    assert load_agreement(edited("smallest_count: 8", "smallest_count: 9")).hash != shipped.hash


def test_layout_and_comments_do_not_change_the_hash(shipped: Agreement, edited: Callable[[str, str], Settings]) -> None:
    settings = edited("late_feed_wait_days: 45", "late_feed_wait_days:   45 # Some days after")
    assert load_agreement(settings).hash == shipped.hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("smallest_count: 8", "smallest_count: 8\n  smallest_cuont: 9"),
        ("treat: keep", "treat: kept"),
        ("earliest_period: 2023-Q1", "earliest_period: 2023-Q5"),
        ("gateway: pcsc-2022-s16", "gateway: pcsc-2022-s17"),
    ],
)
def test_what_is_not_understood_is_not_loaded(edited: Callable[[str, str], Settings], old: str, new: str) -> None:
    settings = edited(old, new)
    with pytest.raises(ConfigurationError):
        load_agreement(settings)


def test_a_feed_pseudonymised_elsewhere_than_agreed_is_not_loaded(edited: Callable[[str, str], Settings]) -> None:
    settings = edited("pseudonymised_at: source", "pseudonymised_at: hub")
    with pytest.raises(ConfigurationError, match=r"health\.emergency_care"):
        load_agreement(settings)


def test_a_refusal_survives_the_way_to_another_process(shipped: Agreement) -> None:
    with pytest.raises(AgreementRefusal) as refused:
        permit_fields(shipped, "yot.cases", ["shoe_size"])
    again = pickle.loads(pickle.dumps(refused.value))
    assert (again.clause, str(again)) == ("Agreement, fields", str(refused.value))
