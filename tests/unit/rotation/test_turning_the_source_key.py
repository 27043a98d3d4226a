"""The source key is turned under what is stored; authorities change one by one, and persons stay who they are."""

from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import select

from audit.events import Action
from cli.keys_protecting import protected
from hub.database import transaction
from hub.periods import Quarter
from ingest.models import SourceEndRow
from keys.changing import retire, rotate
from keys.errors import KeyInUse, KeyNotGranted
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from linkage.linking import link
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.fields import TOKEN_COLUMNS
from pseudonymise.scheme_keys import SourceKeys, first_source, hub_keys
from pseudonymise.subject import hub_form, source_form
from rotation.deciding import ask_end, rotations
from rotation.errors import RotationRefused, WordRefused
from tests.cases import ALL, takes_long
from tests.unit.rotation.keyed_hub import FEEDS, KeyedHub
from tests.unit.rotation.test_killed import POINTS, killed
from tests.unit.rotation.test_rekeying import LATEST, entries, register

POLICE, COUNCIL, PROBATION = FEEDS
LATER = Quarter(2025, 1)


def again(hub: KeyedHub, clear: pl.DataFrame, feed: str, quarter: Quarter, *versions: int) -> None:
    """An authority delivers once more what it delivered first, by its copies of these versions."""
    size, place = -(-clear.height // 6), FEEDS.index(feed)
    hub.deliver(feed, quarter, clear[place * size : (place + 1) * size], first=place * size, encoded=versions)


@takes_long
def test_three_authorities_two_of_which_change_one_after_the_other(hub, clear):
    link(hub.settings, hub.ring, LATEST)
    before = register(hub)
    for point in POINTS[1:] if ALL else POINTS[2:3]:  # killed on the way, and gone on with
        killed(hub, newest(hub), point)
    assert hub.run(newest(hub)).left == 0
    hub = hub.reopened()
    assert {version for version, _ in hub.stored().values()} == hub.versions() == {2}
    again(hub, clear, POLICE, LATER, 1)
    again(hub, clear, COUNCIL, LATER, 1, 2)
    again(hub, clear, PROBATION, LATER, 1)
    if ALL:
        assert sum(link(hub.settings, hub.ring, LATER).changes.values()) == 0
    hub.run(hub.asked())  # the hub's own key is turned in the midst of it
    hub = hub.reopened()
    again(hub, clear, PROBATION, Quarter(2025, 2), 1, 2)
    done = link(hub.settings, hub.ring, Quarter(2025, 2))
    assert sum(done.changes.values()) == 0
    assert register(hub).equals(before)
    assert hub.ring.step_ids() == ("hub/1", "source/2", "hub/3")
    assert hub.versions() == {3}


def newest(hub: KeyedHub) -> str:
    """The rotation that is asked for, once."""
    with transaction(hub.settings) as connection:
        known = rotations(connection)
    return known[0].digest if known else hub.asked(key=Purpose.SOURCE)


def test_whatever_tokens_travelled_under_they_are_the_same_once_they_are_here(turned, clear):
    hub, rows = turned, clear.head(40)
    made = hub.tokens(rows)
    assert hub.encoded(POLICE, rows, 1).equals(made)
    assert hub.encoded(POLICE, rows, 1, 2).equals(made)
    stored = hub.stored()["police.recorded_crime_2024-Q1_001"][1]
    assert stored.head(40).select(made.columns).equals(made)


def test_neither_the_source_key_of_before_nor_all_keys_of_the_hub_make_a_stored_token(keyed, turned, clear):
    before = keyed.tokens(clear.head(40))
    after = turned.stored()["police.recorded_crime_2024-Q1_001"][1]
    for name in TOKEN_COLUMNS:
        assert set(before[name].drop_nulls()).isdisjoint(after[name].drop_nulls()), name


def test_it_takes_two_authorities_as_the_hub_key_does(hub):
    with pytest.raises(WordRefused, match="two different authorities must approve"):
        hub.run(hub.asked(["Ann Officer"], Purpose.SOURCE))
    assert hub.reopened().ring.step_ids() == ("hub/1",)
    with pytest.raises(KeyInUse, match="hub keys rekey ask --key source"):
        rotate(hub.settings, hub.ring, Purpose.SOURCE, protected)


def test_each_version_is_kept_as_long_as_anything_lies_under_it(turned):
    with pytest.raises(KeyInUse, match="it protects 6 deliveries"):
        retire(turned.settings, turned.ring, "source/1", protected, timedelta(0))


def test_the_end_of_the_overlap_takes_two_authorities_and_touches_nothing_stored(turned):
    hub = turned
    before = {name: records for name, (_, records) in hub.stored().items()}
    end = ask_end(hub.settings, hub.ring, "All have changed").digest
    with pytest.raises(WordRefused):
        hub.run(end)
    for officer in hub.officers:
        hub.say(end, officer)
    for _ in range(2):
        assert hub.run(end).rekeyed == 0
    with transaction(hub.settings) as connection:
        assert connection.execute(select(SourceEndRow.version)).scalars().all() == [2]
    assert all(records.equals(before[name]) for name, (_, records) in hub.stored().items())
    told = [entry["detail"] for entry in entries(hub, Action.FINISH_ROTATION)]
    assert [(each["key"], each.get("overlap")) for each in told] == [("source/2", None), ("source/2", "ends")]
    with pytest.raises(RotationRefused, match="nothing that arrives counts under an earlier version"):
        ask_end(hub.settings, hub.ring, "Again")


def test_there_is_no_end_without_a_turn(hub):
    with pytest.raises(RotationRefused, match="nothing that arrives counts"):
        ask_end(hub.settings, hub.ring, "All have changed")


def test_a_hub_that_holds_no_source_key_cannot_lay_one_on_what_is_stored(hub):
    hub.settings.home.joinpath("source-keys").rename(hub.settings.home / "moved-away")
    without = KeyedHub(hub.settings, open_ring(hub.settings, Service.CUSTODIAN), hub.officers)
    with pytest.raises(RotationRefused, match="this hub holds no version of it"):
        without.asked(key=Purpose.SOURCE)


def test_who_looks_for_a_person_lays_the_new_version_on_and_cannot_make_a_token(turned, clear):
    ring = open_ring(turned.settings, Service.SUBJECTS)
    details = {
        name: value for name, value in clear.row(0, named=True).items() if name in ("forename", "surname") and value
    }
    first, newest_copy = (SourceKeys(turned.ring.key(Purpose.SOURCE, each)) for each in (1, 2))
    found = hub_form(source_form(details, first), hub_keys(ring), first_source(ring))
    stored = turned.stored()["police.recorded_crime_2024-Q1_001"][1]
    assert {name: stored[name][0] for name in found} == found
    with pytest.raises(EncodedFormRefused, match="by its copy of source/1"):
        hub_form(source_form(details, newest_copy), hub_keys(ring), first_source(ring))
    with pytest.raises(KeyNotGranted):
        ring.key(Purpose.SOURCE, 1)
