"""A candidate: what goes into it, and that the same inputs give the same bytes."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agreement.errors import AgreementRefusal
from hub.database import transaction
from publish.candidate import build_candidate
from publish.errors import CandidateRefused
from publish.files import open_candidate
from publish.manifest import Manifest
from publish.parquet import from_parquet
from publish.releases import Release, releases
from schemas.errors import ContractError
from tests.unit.publish.small_hub import (
    ATTENDANCES,
    CRIMES,
    GRANTED,
    PARTS,
    PATIENTS,
    PERSONS,
    Q2,
    Q3,
    STREET,
    Hub,
    an_id,
)

Change = Callable[[dict[str, Any]], object]


def tables_of(hub: Hub, release: str) -> dict[str, pl.DataFrame]:
    """The sealed tables of a candidate."""
    found = only(hub, release)
    with transaction(hub.settings) as connection:
        files = open_candidate(hub.settings, hub.ring, connection, found)
    return {name.removesuffix(".parquet"): from_parquet(b) for name, b in files.items() if name.endswith(".parquet")}


def only(hub: Hub, release: str) -> Release:
    """The release of a name."""
    return next(found for found in releases(hub.settings) if found.name == release)


def manifest_of(hub: Hub, release: str) -> Manifest:
    """Its manifest."""
    return only(hub, release).manifest


def test_it_has_the_granted_columns_and_no_others(hub: Hub) -> None:
    tables = tables_of(hub, hub.build().release)
    assert {name: {"columns": frame.columns} for name, frame in tables.items()} == GRANTED


def test_persons_are_those_of_the_register(hub: Hub) -> None:
    tables = tables_of(hub, hub.build().release)
    assert tables["person"].select("sex", "age_band", "authorities", "events").sort("events").rows() == [
        ("unknown", "unknown", 1, 1),
        ("male", "35-49", 1, 2),
        ("female", "10-17", 2, 3),
    ]
    assert tables["event"].height == 7
    assert tables["involvement"].join(tables["person"], on="person_id").height == 6


def test_nothing_of_it_lies_open_on_the_disk(hub: Hub) -> None:
    made = hub.build()
    files = [path for path in Path(made.uri).rglob("*") if path.is_file()]
    assert len(files) == 3
    assert not any(b"PAR1" in path.read_bytes() for path in files)


def test_built_twice_it_is_the_same_candidate(hub: Hub) -> None:
    first, second = hub.build(), hub.build()
    assert not first.unchanged
    assert second.unchanged
    assert (second.release, second.manifest_hash, second.uri) == (first.release, first.manifest_hash, first.uri)
    assert hub.logged("publish:candidate:combination") == 2


def test_another_hub_with_the_same_keys_and_inputs_makes_the_same_release(
    hub: Hub,
) -> None:
    first = hub.build()
    tables = ("decision", "release", "membership", "person", "register_event", "page", "delivery", "data_key")
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql("TRUNCATE " + ", ".join(f"hub.{name}" for name in tables) + " CASCADE")
    again = hub.fill().build()
    assert not again.unchanged
    assert (again.release, again.manifest_hash) == (first.release, first.manifest_hash)


def test_other_contents_replace_a_candidate_under_its_name_and_shred_the_old_one(hub: Hub) -> None:
    first = hub.build()
    hub.deliver("police.street_crime", Q3, STREET[:1])
    second = hub.build()
    assert second.release == first.release
    assert second.manifest_hash != first.manifest_hash
    assert not Path(first.uri).exists()
    assert hub.rows("SELECT count(*) FROM hub.data_key WHERE destroyed_at IS NOT NULL") == [(1,)]


def test_a_damaged_candidate_is_built_again_with_the_same_hash(hub: Hub) -> None:
    first = hub.build()
    (Path(first.uri) / "person.parquet.sealed").unlink()
    second = hub.build()
    assert not second.unchanged
    assert second.manifest_hash == first.manifest_hash
    assert tables_of(hub, second.release)["person"].height == 3


def test_the_manifest_names_what_went_in_and_what_is_missing(hub: Hub) -> None:
    manifest = manifest_of(hub, hub.build().release)
    crimes = next(entry for entry in manifest.inputs if entry.feed == "police.recorded_crime")
    assert [(d.period, d.received, d.accepted, d.quarantined) for d in crimes.deliveries] == [("2026-Q3", 5, 4, 1)]
    assert "yot.cases" in manifest.missing
    assert "police.recorded_crime" not in manifest.missing
    assert (manifest.linkage.records, manifest.linkage.persons) == (6, 3)
    assert manifest.disclosure.smallest_group == 1


def test_the_manifest_holds_no_time_no_path_and_no_random_id(hub: Hub) -> None:
    text = manifest_of(hub, hub.build().release).canonical().decode()
    assert str(hub.settings.home) not in text
    assert "T0" not in text
    assert "delivery/" not in text


def test_an_event_told_again_later_counts_once_as_told_last(hub: Hub) -> None:
    hub.deliver("police.recorded_crime", Q2, CRIMES.with_columns(offence_code=pl.lit("001/00")), PARTS)
    hub.link()
    tables = tables_of(hub, hub.build().release)
    assert tables["event"].height == 7
    assert "001/00" not in tables["event"]["offence_code"]


def test_a_person_dropped_from_an_event_by_a_later_delivery_is_not_in_it(hub: Hub) -> None:
    witness = PARTS[:1].with_columns(record_id=pl.lit(an_id("a", 9)))
    hub.deliver("police.recorded_crime", Q2, CRIMES[:1], witness)
    hub.link(PERSONS | {"dropped": ["a9"]})
    tables = tables_of(hub, hub.build().release)
    assert tables["person"].height == 3
    assert tables["involvement"].height == 6


def test_later_quarters_are_left_out(hub: Hub) -> None:
    june = CRIMES[:1].with_columns(event_id=pl.lit(an_id("e", 99)), occurred_on=date(2026, 6, 1))
    hub.deliver("police.recorded_crime", Q2, june, PARTS[:1].with_columns(event_id=pl.lit(an_id("e", 99))))
    hub.link()
    made = hub.build(Q2)
    assert made.release == "2026-Q2-v1"
    assert tables_of(hub, made.release)["event"].height == 1


def test_a_record_without_a_person_stops_the_build(hub: Hub) -> None:
    hub.link({"girl": ["a0"]})
    with pytest.raises(CandidateRefused, match="5 of 6 involvements have no person"):
        hub.build()
    assert hub.logged("publish:release:refusal") == 1


def test_nothing_admitted_stops_the_build(empty_hub: Hub) -> None:
    with pytest.raises(CandidateRefused, match="no delivery was admitted"):
        empty_hub.build()


def test_a_value_that_breaks_the_contract_stops_the_build_and_is_not_told(hub: Hub) -> None:
    hub.deliver("police.recorded_crime", Q3, CRIMES.with_columns(event_type=pl.lit("Canary Zebedee")), PARTS)
    hub.link()
    with pytest.raises(ContractError, match="event_type") as caught:
        hub.build()
    assert "Zebedee" not in str(caught.value)
    assert hub.logged("publish:release:refusal") == 1
    assert hub.rows("SELECT count(*) FROM hub.release") == [(0,)]


# Terms withdrawn or narrowed after a delivery was admitted ----------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda feeds: feeds.pop("health.emergency_care"), "no terms", id="no terms any more"),
        pytest.param(
            lambda feeds: feeds["health.emergency_care"].update(gateway="pcsc-2022-s16"),
            "patient information",
            id="a gateway that does not let it pass",
        ),
        pytest.param(lambda feeds: feeds["health.emergency_care"].pop("dpia"), "impact assessment", id="no assessment"),
        pytest.param(
            lambda feeds: feeds["health.emergency_care"].update(earliest_period="2026-Q4"),
            "2026-Q4",
            id="a later earliest quarter",
        ),
        pytest.param(
            lambda feeds: feeds["health.emergency_care"]["fields"].pop("assault_location"),
            "not declared",
            id="a column that is declared no more",
        ),
    ],
)
def test_a_feed_whose_terms_were_withdrawn_stops_the_build(hub: Hub, change: Change, why: str) -> None:
    hub.agree(lambda terms: change(terms["feeds"]))
    with pytest.raises(AgreementRefusal, match=why) as refused:
        hub.build()
    assert "health.emergency_care" in refused.value.what
    assert hub.logged("agreement:act:refusal") == 1
    assert hub.rows("SELECT count(*) FROM hub.release") == [(0,)]


def test_columns_that_the_terms_publish_no_more_are_left_blank_for_that_feed_alone(hub: Hub) -> None:
    def narrow(terms: dict[str, Any]) -> None:
        police = terms["feeds"]["police.recorded_crime"]["fields"]
        police["lsoa_code"]["treat"] = "drop"
        police["date_of_birth"].pop("generalise")

    before = tables_of(hub, hub.build().release)
    hub.agree(narrow)
    after = tables_of(hub, hub.build().release)
    assert before["event"]["lsoa_code"].drop_nulls().len() == 3
    assert after["event"]["lsoa_code"].drop_nulls().is_empty()
    assert sorted(before["person"]["age_band"]) == ["10-17", "35-49", "unknown"]
    assert sorted(after["person"]["age_band"]) == ["10-17", "unknown", "unknown"]  # as the hospital tells it
    assert after["event"].height == 7


def test_a_feed_that_may_be_linked_no_more_gives_its_events_without_persons(hub: Hub) -> None:
    hub.agree(lambda terms: terms["linkage"]["feeds"].remove("police.recorded_crime"))
    hub.link(feeds=["health.emergency_care"])
    tables = tables_of(hub, hub.build().release)
    assert (tables["event"].height, tables["person"].height, tables["involvement"].height) == (7, 1, 1)


# Records barred by their authority -----------------------------------------------------------------------------------


def test_a_barred_record_and_the_events_that_are_about_it_alone_are_not_published(hub: Hub) -> None:
    hub.bar("police.recorded_crime", Q3, an_id("a", 0), an_id("a", 3))  # a victim of crime 0, the victim of crime 2
    tables = tables_of(hub, hub.build().release)
    assert sorted(tables["event"]["offence_code"].drop_nulls()) == ["005/01", "008/06", "034/10"]
    assert tables["event"].height == 6
    assert tables["involvement"].height == 4
    assert tables["person"].height == 2


def test_an_older_telling_of_a_barred_event_does_not_come_back(hub: Hub) -> None:
    witness = PARTS[3:4].with_columns(record_id=pl.lit(an_id("a", 9)))
    hub.deliver("police.recorded_crime", Q2, CRIMES[2:3], witness)
    hub.link(PERSONS | {"witness": ["a9"]})
    hub.bar("police.recorded_crime", Q3, an_id("a", 3))
    tables = tables_of(hub, hub.build().release)
    assert tables["event"].height == 6
    assert tables["person"].height == 2


def test_a_barred_record_of_a_feed_that_is_not_linked_takes_its_event_along(hub: Hub) -> None:
    hub.agree(lambda terms: terms["linkage"]["feeds"].remove("police.recorded_crime"))
    hub.link(feeds=["health.emergency_care"])
    hub.bar("police.recorded_crime", Q3, an_id("a", 3))
    assert tables_of(hub, hub.build().release)["event"].height == 6


# A register that is behind -------------------------------------------------------------------------------------------


def test_a_correction_that_was_not_linked_stops_the_build(hub: Hub) -> None:
    hub.deliver("police.recorded_crime", Q3, CRIMES, PARTS)
    with pytest.raises(CandidateRefused, match=r"link has not seen .* Run hub link"):
        hub.build()
    assert hub.logged("publish:release:refusal") == 1
    hub.link()
    hub.build()


def test_a_correction_of_a_linked_quarter_stops_the_build_of_an_earlier_one_too(hub: Hub) -> None:
    hub.deliver("police.recorded_crime", Q2, CRIMES[:1], PARTS[:1])
    hub.link()
    hub.build(Q2)
    hub.deliver("health.emergency_care", Q3, ATTENDANCES, PATIENTS)
    with pytest.raises(CandidateRefused, match="link has not seen"):
        hub.build(Q2)


def test_a_quarter_that_was_never_linked_stops_the_build(empty_hub: Hub) -> None:
    empty_hub.deliver("police.recorded_crime", Q3, CRIMES, PARTS)
    with pytest.raises(CandidateRefused, match="link has not seen"):
        empty_hub.build()


def test_a_correction_of_a_feed_without_persons_asks_for_no_link(hub: Hub) -> None:
    hub.deliver("police.street_crime", Q3, STREET[:1])
    assert tables_of(hub, hub.build().release)["event"].height == 6


# What else stops it --------------------------------------------------------------------------------------------------


def test_each_build_and_each_refusal_is_signed_in_the_log(hub: Hub) -> None:
    hub.build()
    assert hub.unsigned() == 0
    hub.deliver("police.recorded_crime", Q3, CRIMES, PARTS)
    with pytest.raises(CandidateRefused):
        hub.build()
    assert hub.unsigned() == 0


def test_an_unnamed_recipient_gets_nothing(hub: Hub) -> None:
    with pytest.raises(AgreementRefusal, match="not named"):
        build_candidate(hub.settings, hub.ring, Q3, recipient="somebody_else")
    assert hub.logged("agreement:act:refusal") == 1


def test_an_expired_agreement_stops_the_build(hub: Hub) -> None:
    hub.agree(lambda terms: terms.update(expires_on=date(2025, 1, 1), review_on=date(2025, 1, 1)))
    with pytest.raises(AgreementRefusal, match="expired"):
        hub.build()


def test_a_granted_column_that_there_is_not_stops_the_build(hub: Hub) -> None:
    hub.agree(
        lambda terms: terms["recipients"]["partnership_analysts"]["tables"]["person"]["columns"].append("shoe_size")
    )
    with pytest.raises(CandidateRefused, match="shoe_size"):
        hub.build()
