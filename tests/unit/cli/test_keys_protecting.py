"""What a version of a key protects is told by what is stored, and once nothing is, by nothing."""

from sqlalchemy import select

from cli.keys_protecting import protected
from hub.database import transaction
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from store.datakeys import destroy_data_key
from store.models import DataKeyRow
from tests.unit.publish.conftest import filled, hub, narrow_config  # noqa: F401
from tests.unit.publish.small_hub import Q2, STREET

KEYS = ("storage/1", "source/1", "hub/1", "event/1", "reference/1")


def told(hub, key_id):  # noqa: F811
    with transaction(hub.settings) as connection:
        return list(protected(connection, open_ring(hub.settings, Service.CUSTODIAN), key_id))


def test_data_keys_deliveries_releases_and_checkpoints(hub):  # noqa: F811
    hub.build()
    deliveries = told(hub, "hub/1")
    assert deliveries[0].endswith("deliveries")
    assert {key: told(hub, key) for key in KEYS[1:]} == dict.fromkeys(KEYS[1:], deliveries)
    assert told(hub, "storage/1")[0].endswith("data keys")
    assert told(hub, "recipient/partnership_analysts/1") == ["1 release"]
    assert told(hub, "audit/1")[0].endswith("checkpoints of the log")
    assert told(hub, "agreement/1") == []


def test_what_came_since_a_key_was_turned_is_under_the_new_version(hub):  # noqa: F811
    hub.ring.rotate(Purpose.REFERENCE)
    before = told(hub, "reference/1")
    hub.deliver("police.street_crime", Q2, STREET)
    assert told(hub, "reference/1") == before
    assert told(hub, "reference/2") != before


def test_once_all_is_shredded_nothing_is_protected(hub):  # noqa: F811
    with transaction(hub.settings) as connection:
        for key_id in connection.execute(select(DataKeyRow.id)).scalars().all():
            destroy_data_key(connection, key_id)
    assert [told(hub, key) for key in KEYS] == [[]] * len(KEYS)
