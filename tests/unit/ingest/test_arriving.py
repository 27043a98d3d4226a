"""While the source key is turned, who has changed and who has not are both taken, and say the same of a person.

| what rows say | no turn yet | source/2 was made | the overlap has ended |
| --- | --- | --- | --- |
| nothing, or ``1`` | taken | taken | refused |
| ``1+2`` | refused | taken | taken |
| ``2``, ``1+9``, no version | refused | refused | refused |
"""

import logging
import secrets
import shutil
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import insert, select, text

from agreement.policy import load_agreement
from hub.clock import now
from hub.database import transaction
from hub.errors import DatabaseError
from hub.feeds import load_feed
from hub.settings import PROJECT, Settings
from ingest.admission import admit
from ingest.arriving import Arriving
from ingest.case import Case
from ingest.models import AdmissionRow, SourceEndRow
from ingest.outcome import refusal
from ingest.storing import storing
from keys.home import create_ring, open_ring
from keys.key import Key
from keys.purposes import Purpose
from keys.services import Service
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.source import as_ndjson, encode_rows
from pseudonymise.wire import SOURCE_KEY
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.validation import validate
from store.datakeys import open_data_key
from store.deliveries import open_delivery
from store.landing import close_delivery, seal_page
from store.tables import read_table
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER
from tests.unit.pseudonymise.test_source import CLEAR, FEED

NINTH = Key("source/9", b"9" * 32)


class Road:
    """A hub without servers, into which a hospital's file is delivered and admitted."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.ring = settings, create_ring(settings)
        self.valid = validate(parse("csv", CLEAR.encode(), HEALTH_CLEAR), HEALTH_CLEAR, QUARTER).valid

    def copies(self, *versions: int) -> list[Key]:
        """The authority's copies of these versions; the ninth is nobody's."""
        return [NINTH if each == 9 else self.ring.key(Purpose.SOURCE, each) for each in versions]

    def rows(self, *versions: int) -> pl.DataFrame:
        """What the source agent makes of the file."""
        return encode_rows(self.valid, HEALTH_CLEAR, EMERGENCY_CARE, SourceKeys.of(self.copies(*versions)))

    def turn(self) -> None:
        """Make a version more, as the run of a rotation does."""
        self.ring.rotate(Purpose.SOURCE)

    def end(self, version: int, patience: str = "0") -> None:
        """End the overlap, as the run of a rotation does; ``patience``: how long it waits for a lock (0: for ever)."""
        with transaction(self.settings) as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{patience}'"))
            connection.execute(insert(SourceEndRow).values(version=version, ended_at=now()))

    def deliver(self, rows: pl.DataFrame) -> str:
        """A closed delivery of these rows."""
        with transaction(self.settings) as connection:
            delivery = open_delivery(connection, self.ring, load_feed(self.settings.config, FEED), QUARTER)
            delivery = seal_page(self.settings, connection, self.ring, delivery, as_ndjson(rows), cursor=None)
            return close_delivery(connection, delivery).id

    def admitted(self, rows: pl.DataFrame) -> tuple[str | None, pl.DataFrame]:
        """What was remembered of the versions, and the records as they are stored, uncovered."""
        delivery = self.deliver(rows)
        admit(self.settings, delivery)
        with transaction(self.settings) as connection:
            said = connection.execute(select(AdmissionRow.source_keys).where(AdmissionRow.delivery_id == delivery))
            key = open_data_key(connection, self.ring, f"delivery/{delivery}")
            return said.scalar_one(), read_table(self.settings, "records", f"{FEED}/{delivery}.parquet", key)

    def refused(self, rows: pl.DataFrame) -> str:
        """Why a delivery of these rows is refused whole."""
        delivery = self.deliver(rows)
        with pytest.raises(EncodedFormRefused) as error:
            admit(self.settings, delivery)
        with transaction(self.settings) as connection:
            assert error.value.why in (refusal(connection, delivery) or "")
        return str(error.value)


@pytest.fixture
def road(settings: Settings, tmp_path: Path) -> Road:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    agree(config / "agreement.yaml")
    return Road(settings.model_copy(update={"config": config, "agreement": None}))


def case_of(road: Road) -> Case:
    feed = load_feed(road.settings.config, FEED)
    return Case(road.settings, load_agreement(road.settings), feed, QUARTER, open_ring(road.settings, Service.INGEST))


def tokens(records: pl.DataFrame) -> pl.DataFrame:
    return records.select("record_id", "^token_.*$", "reference_sealed")


def test_both_versions_are_taken_and_give_the_same_records(road):
    road.turn()
    (said, old), (also_said, new) = road.admitted(road.rows(1)), road.admitted(road.rows(1, 2))
    assert (said, also_said) == ("1", "1+2")
    assert old.height == 2
    assert tokens(new).equals(tokens(old))


def test_the_same_before_a_turn_is_another_token_of_the_same_record(road):
    _, before = road.admitted(road.rows(1))
    road.turn()
    _, after = road.admitted(road.rows(1))
    kept = ["record_id", "reference_sealed"]
    assert after.select(kept).equals(before.select(kept))
    assert set(after["token_surname"].drop_nulls()).isdisjoint(before["token_surname"].drop_nulls())


def test_rows_of_one_delivery_may_be_under_different_versions_or_say_none(road):
    road.turn()
    old, new = road.rows(1), road.rows(1, 2)
    mixed = pl.concat([old.head(1).with_columns(pl.lit(None, pl.String).alias(SOURCE_KEY)), new])
    kept = mixed.filter(pl.col("reference_sealed").is_first_distinct())
    said, records = road.admitted(kept)
    assert said == "1 1+2"
    assert tokens(records).equals(tokens(road.admitted(old)[1]))


def test_once_the_overlap_has_ended_the_earlier_version_is_refused_and_told_why(road):
    road.turn()
    road.end(2)
    why = road.refused(road.rows(1))
    assert "officers have ended the overlap before source/2" in why
    assert "Encode it with the copies of source/1 and source/2" in why
    assert "officers have ended" in road.refused(road.rows(1).drop(SOURCE_KEY))
    assert road.admitted(road.rows(1, 2))[0] == "1+2"


def test_a_delivery_goes_on_from_one_that_came_before_the_end(road):
    road.turn()
    road.end(2)
    case = case_of(road)
    earlier = road.rows(1).select("reference", SOURCE_KEY, "token_surname")
    assert Arriving(case).stage_1(earlier, newest=False).equals(earlier)
    with pytest.raises(EncodedFormRefused):
        Arriving(case).stage_1(earlier, newest=True)


@pytest.mark.parametrize("said", [(2,), (1, 9)])
def test_other_versions_are_refused(road, said):
    road.turn()
    assert "does not hold these versions" in road.refused(road.rows(*said))


def test_a_version_is_refused_before_it_was_made(road):
    rows = encode_rows(road.valid, HEALTH_CLEAR, EMERGENCY_CARE, SourceKeys.of([*road.copies(1), NINTH]))
    assert "Encode it with the copies of source/1" in road.refused(rows)


def test_nothing_that_a_row_says_is_repeated_nor_any_token_or_key_logged(road, caplog):
    caplog.set_level(logging.DEBUG)
    road.turn()
    why = road.refused(road.rows(1).with_columns(pl.lit("Canarytest").alias(SOURCE_KEY)))
    secret = [key.material.hex() for key in road.copies(1, 2)] + road.rows(1, 2)["token_surname"].drop_nulls().to_list()
    road.admitted(road.rows(1, 2))
    for each in ("Canarytest", *secret):
        assert each not in why + caplog.text


def test_a_hub_that_holds_no_source_key_takes_stage_1_as_it_comes(road):
    shutil.rmtree(road.settings.home / "source-keys")
    secrets_of = road.settings.home / "secrets" / "source_keyring_passphrase"
    secrets_of.unlink(missing_ok=True)
    own = SourceKeys(Key("source/4", secrets.token_bytes(32)))
    road.ring = open_ring(road.settings, Service.CUSTODIAN)
    rows = encode_rows(road.valid, HEALTH_CLEAR, EMERGENCY_CARE, own)
    assert road.admitted(rows)[1].height == 2


def test_an_overlap_that_ends_while_a_delivery_is_read_ends_for_it_too(road, monkeypatch):
    road.turn()

    def ended_meanwhile(*given, **more):
        road.end(2)
        return storing(*given, **more)

    monkeypatch.setattr("ingest.keeping.storing", ended_meanwhile)
    assert "ended the overlap before source/2" in road.refused(road.rows(1))


def test_no_overlap_ends_while_a_delivery_is_being_admitted(road):
    road.turn()
    arriving = Arriving(case_of(road))
    arriving.stage_1(parse("ndjson", as_ndjson(road.rows(1)), EMERGENCY_CARE), newest=True)
    with transaction(road.settings) as admitting:
        arriving.hold_still(admitting)
        with pytest.raises(DatabaseError, match="LockNotAvailable"):
            road.end(2, patience="200ms")
