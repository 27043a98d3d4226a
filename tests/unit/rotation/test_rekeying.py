"""Stored tokens go under a new version of the hub key: nothing is mixed or lost, and persons stay who they are."""

import shutil
from datetime import timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest
from sqlalchemy import text

from agreement.errors import AgreementRefusal
from audit.events import Action
from audit.verify import verify
from cli.keys_protecting import protected
from hub.database import transaction
from hub.periods import Quarter
from keys.changing import retire, rotate
from keys.errors import KeyInUse
from keys.home import log_verifiers
from keys.purposes import Purpose
from linkage.errors import LinkageRefused
from linkage.linking import link
from linkage.registered.register import read_register
from pseudonymise.fields import ENCODING_COLUMNS, LINKAGE_COLUMNS, TOKEN_COLUMNS
from pseudonymise.linkage_columns import in_first_order
from pseudonymise.scheme_keys import HubStage
from rotation.errors import RotationRefused, WordRefused
from rotation.rekeying import rekeyed
from rotation.word import Verdict
from store.datakeys import destroy_data_key, open_data_key
from store.errors import SealBroken
from store.shredding import remaining_keys
from store.tables import read_table
from tests.agreed import agree
from tests.cases import takes_long
from tests.stored_log import said
from tests.unit.rotation.keyed_hub import FEEDS, KeyedHub

LATEST = Quarter(2024, 4)
KEPT = ["record_id", "feed", "authority", "reference_sealed"]


def entries(hub: KeyedHub, action: Action) -> list[dict]:
    with transaction(hub.settings) as connection:
        return said(connection, action=action)


def register(hub: KeyedHub) -> pl.DataFrame:
    with transaction(hub.settings) as connection:
        return read_register(connection)


def test_every_token_is_another_and_equal_ones_stay_equal(hub):
    before = hub.stored()
    assert hub.run(hub.asked()).rekeyed == 6
    after = hub.stored()
    assert {version for version, _ in after.values()} == hub.versions() == {2}
    old, new = (pl.concat([each[name][1] for name in sorted(before)]) for each in (before, after))
    assert new.select(KEPT).equals(old.select(KEPT))
    for column in LINKAGE_COLUMNS:
        pairs = pl.DataFrame({"old": old[column], "new": new[column]}).drop_nulls()
        assert pairs.filter(pl.col("old") == pl.col("new")).is_empty(), column
        assert pairs.unique().height == pairs["old"].n_unique() == pairs["new"].n_unique(), column
        assert new[column].is_null().equals(old[column].is_null()), column


def test_what_comes_afterwards_has_the_same_tokens_as_what_was_stored(hub, clear):
    hub.run(hub.asked())
    hub.run(hub.reopened().asked())  # and once more
    size = -(-clear.height // 6)
    stored = hub.reopened().stored()["police.recorded_crime_2024-Q1_001"]
    assert stored[0] == 3
    assert hub.reopened().tokens(clear.head(size)).equals(stored[1].select(list(LINKAGE_COLUMNS)))


@takes_long
def test_linking_before_and_after_gives_the_same_persons_by_the_same_pairs(hub):
    first = link(hub.settings, hub.ring, LATEST)
    before = register(hub)
    hub.run(hub.asked())
    again = link(hub.settings, hub.reopened().ring, LATEST)
    assert sum(again.changes.values()) == 0
    assert (again.persons, again.pairs) == (first.persons, first.pairs)
    assert register(hub).equals(before)
    assert before["person_id"].n_unique() < before.height


def test_the_bits_of_encodings_go_back_to_the_order_of_the_first_version(hub):
    before = pl.concat([records for _, (_, records) in sorted(hub.stored().items())])
    hub.run(hub.asked())
    after = pl.concat([records for _, (_, records) in sorted(hub.stored().items())])
    back = in_first_order(after, HubStage.of(hub.reopened().ring.chain(Purpose.HUB, after=1)))
    assert back.select(list(ENCODING_COLUMNS)).equals(before.select(list(ENCODING_COLUMNS)))
    assert back.select(list(TOKEN_COLUMNS)).equals(after.select(list(TOKEN_COLUMNS)))


def test_linking_waits_while_two_versions_lie_beside_each_other(hub, clear):
    hub.ring.rotate(Purpose.HUB)  # as a run that was killed at once
    with pytest.raises(LinkageRefused, match=r"under hub/1, and everything new is under hub/2.* hub keys rekey run"):
        link(hub.settings, hub.reopened().ring, LATEST)
    hub.reopened().deliver(FEEDS[0], Quarter(2025, 1), clear.head(20), first=9_000)
    with pytest.raises(LinkageRefused, match="under hub/1"):
        link(hub.settings, hub.reopened().ring, Quarter(2025, 1))


def test_a_delivery_that_was_admitted_meanwhile_under_the_old_version_is_found_by_a_further_run(hub, clear):
    rotation, before = hub.asked(), hub.ring
    done = hub.reopened().run(rotation)
    late = KeyedHub(hub.settings, before, hub.officers)  # a task that opened its ring before
    late.deliver(FEEDS[0], Quarter(2025, 1), clear.head(20), first=9_000)
    with pytest.raises(LinkageRefused, match="hub keys rekey run"):
        link(hub.settings, hub.reopened().ring, Quarter(2025, 1))
    assert (done.rekeyed, hub.reopened().run(rotation).rekeyed) == (6, 1)
    assert hub.versions() == {2}
    assert len(entries(hub, Action.FINISH_ROTATION)) == 1


@pytest.mark.parametrize("officers", [(), ("Ann Officer",)])
def test_without_two_authorities_nothing_is_touched(hub, officers):
    rotation, before = hub.asked(officers), hub.stored()
    with pytest.raises(WordRefused, match="two different authorities must approve"):
        hub.run(rotation)
    assert hub.reopened().ring.versions()["hub"] == 1
    after = hub.stored()
    assert all(after[name][1].equals(records) for name, (_, records) in before.items())
    (refusal,) = entries(hub, Action.REFUSE_ROTATION)
    assert "two different authorities" in refusal["justification"]


def test_an_officer_who_refuses_stops_it_in_the_midst(hub, monkeypatch):
    rotation, done = hub.asked(), []

    def rewritten(records, stage):
        done.append(records.height)
        if len(done) == 4:  # in the midst of the second delivery
            hub.say(rotation, "Bob Officer", Verdict.REFUSE)
        return rekeyed(records, stage)

    monkeypatch.setattr("rotation.rekeying.rekeyed", rewritten)
    with pytest.raises(WordRefused, match="an officer refuses"):
        hub.run(rotation)
    assert hub.versions() == {1, 2}
    with pytest.raises(LinkageRefused):
        link(hub.settings, hub.reopened().ring, LATEST)


def test_under_a_changed_agreement_it_is_approved_again(hub, tmp_path):
    rotation = hub.asked()
    own = tmp_path / "agreement.yaml"
    shutil.copy(hub.settings.agreement_path, own)
    agree(own, lambda terms: terms.update(late_feed_wait_days=9))
    changed = KeyedHub(hub.settings.model_copy(update={"agreement": own}), hub.ring, hub.officers)
    with pytest.raises(WordRefused, match="words of none count now"):
        changed.run(rotation)
    for officer in changed.officers:
        changed.say(rotation, officer)
    assert changed.run(rotation).rekeyed == 6


def test_without_an_agreement_in_force_nothing_is_done(hub, tmp_path):
    rotation = hub.asked()
    own = tmp_path / "agreement.yaml"
    shutil.copy(hub.settings.agreement_path, own)
    agree(own, but=["health"])
    with pytest.raises(AgreementRefusal):
        KeyedHub(hub.settings.model_copy(update={"agreement": own}), hub.ring, hub.officers).run(rotation)


def test_one_is_asked_for_at_a_time(hub):
    hub.asked()
    with pytest.raises(RotationRefused, match="it is not finished"):
        hub.asked()


def test_no_key_is_left_that_opens_an_old_token(hub, tmp_path):
    rotation, zone = hub.asked(), hub.settings.home / "zones" / "records"
    kept = {path.relative_to(zone): shutil.copy(path, tmp_path / path.name) for path in zone.rglob("*.parquet")}
    hub.run(rotation)
    for name, copy in kept.items():  # a backup, brought back too late
        shutil.copy(copy, zone / name)
    with transaction(hub.settings) as connection:
        left = remaining_keys(connection, hub.reopened().ring)
    assert len(left) >= len(kept) == 6
    for key, name in product(left, kept):
        with pytest.raises(SealBroken):
            read_table(hub.settings, "records", str(name), key)


def test_a_version_that_another_hand_wrote_into_the_database_is_found(hub):
    rotation = hub.asked()
    with transaction(hub.settings) as connection:
        connection.execute(text("UPDATE hub.admission SET hub_version = 2 WHERE delivery_id LIKE 'police%'"))
    with pytest.raises(RotationRefused, match="its file says hub/1, the database hub/2"):
        hub.run(rotation)
    assert entries(hub, Action.FINISH_ROTATION) == []


def test_encodings_at_rest_say_nothing_to_one_who_opens_the_table_alone(hub):
    path = next(iter((hub.settings.home / "zones" / "records").rglob("*.parquet")))
    name = str(path.relative_to(hub.settings.home / "zones" / "records"))
    with transaction(hub.settings) as connection:
        key = open_data_key(connection, hub.ring, f"delivery/{path.stem}")
    lying, known = read_table(hub.settings, "records", name, key), hub.stored()[path.stem][1]
    for column in ENCODING_COLUMNS:
        assert lying[column].drop_nulls().is_unique().all(), column  # equal names lie as different bytes
        assert known[column].n_unique() < known.height
        bits = np.unpackbits(np.frombuffer(b"".join(lying[column].drop_nulls()), dtype=np.uint8))
        assert abs(bits.mean() - 0.5) < 0.01, column


def test_each_delivery_is_told_and_the_log_holds(hub):
    rotation = hub.asked()
    hub.run(rotation)
    told = entries(hub, Action.REKEY)
    detail = {"rotation": rotation, "key": "hub/2", "approved_by": "council:police"}
    assert [entry["detail"] for entry in told] == [detail] * 6
    assert sum(entry["rows"] for entry in told) == sum(records.height for _, records in hub.stored().values())
    assert [entry["detail"]["key"] for entry in entries(hub, Action.ROTATE_KEY)] == ["hub/2"]
    with transaction(hub.settings) as connection:
        found = verify(connection, *log_verifiers(hub.settings, hub.ring))
    assert (found.problems, found.unsigned) == ((), 0)


def test_all_versions_are_kept_as_long_as_tokens_rest_on_them(hub):
    with pytest.raises(KeyInUse, match="hub keys rekey ask"):
        rotate(hub.settings, hub.ring, Purpose.HUB, protected)
    hub.run(hub.asked())
    with pytest.raises(KeyInUse, match="it protects 6 deliveries"):
        retire(hub.settings, hub.ring, "hub/1", protected, timedelta(0))


def test_what_was_erased_is_passed_over(hub):
    (victim, _), *_ = sorted(hub.stored().items())
    rotation = hub.asked()
    with transaction(hub.settings) as connection:
        destroy_data_key(connection, f"delivery/{victim}")
    assert hub.run(rotation).rekeyed == 5
    assert len(entries(hub, Action.FINISH_ROTATION)) == 1


def test_no_name_token_or_key_is_told_by_the_way(hub, clear, caplog):
    caplog.set_level("DEBUG")
    stored = [records for _, records in hub.stored().values()]
    rotation = hub.asked()
    hub.run(rotation)
    with transaction(hub.settings) as connection:
        told = str(said(connection)) + caplog.text
    stored += [records for _, records in hub.reopened().stored().values()]
    tokens = {token for records in stored for token in records["token_full_name"].drop_nulls()}
    names = {name for name in clear["surname"] if name and len(name) > 4}
    keys = {key.material.hex() for key in hub.reopened().ring.chain(Purpose.HUB)}
    assert rotation in told
    assert not [each for each in tokens | names | keys if each in told]
