"""A recipient's key is turned when that is asked for: other ids from the next release on, and the manifest says so."""

from dataclasses import replace

import polars as pl

from cli.keys_protecting import protected
from hub.database import transaction
from keys.changing import rotate
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from publish.files import open_candidate
from publish.releases import find
from tests.unit.publish.conftest import filled, hub, narrow_config  # noqa: F401
from tests.unit.publish.small_hub import Hub

ANALYSTS = "partnership_analysts"
SERIES = f"recipient/{ANALYSTS}"


def built(hub: Hub) -> tuple[int, pl.DataFrame, pl.DataFrame]:  # noqa: F811
    made = hub.build()
    with transaction(hub.settings) as connection:
        release = find(connection, made.release)
        files = open_candidate(hub.settings, hub.ring, connection, release)
    person, event = (pl.read_parquet(files[f"{name}.parquet"]) for name in ("person", "event"))
    return release.manifest.key_versions[SERIES], person, event


def test_turning_it_gives_the_same_persons_and_events_other_ids(hub):  # noqa: F811
    version, persons, events = built(hub)
    rotate(hub.settings, open_ring(hub.settings, Service.CUSTODIAN), Purpose.RECIPIENT, protected, ANALYSTS)
    later, persons_later, events_later = built(replace(hub, ring=open_ring(hub.settings, Service.CUSTODIAN)))
    assert (version, later) == (1, 2)
    assert set(persons["person_id"]).isdisjoint(persons_later["person_id"])
    assert set(events["event_id"]).isdisjoint(events_later["event_id"])
    others = [name for name in persons.columns if name != "person_id"]
    assert persons.select(others).sort(others).equals(persons_later.select(others).sort(others))
