"""Deliveries grow page by page, survive a kill at any moment, and take their place among the others."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from hub.database import transaction
from hub.periods import Quarter
from keys.home import create_ring, ring_path
from store.datakeys import create_data_key, destroy_data_key, open_data_key
from store.deliveries import (
    State,
    admitted_deliveries,
    admitted_delivery,
    advance,
    find_delivery,
    open_delivery,
)
from store.errors import DataKeyGone, DeliveryInUse, DeliveryMissing, SealBroken, StateRefused
from store.kept import part_key_id
from store.landing import (
    Landed,
    close_delivery,
    cursor_of,
    generations,
    is_held,
    seal_page,
    watermark_of,
)
from store.models import DataKeyRow, PageRow
from tests.cases import takes_long

FEED = SimpleNamespace(name="yot.cases", authority="yot")
Q3 = Quarter(2026, 3)


@pytest.fixture
def ring(settings):
    return create_ring(settings)


def collect(settings, ring, *bodies):
    """Seal pages after those that are there, as a connector's loop does."""
    with transaction(settings) as connection:
        delivery = open_delivery(connection, ring, FEED, Q3)
    for body in bodies:
        with transaction(settings) as connection:
            cursor = f"after {delivery.pages + 1}"
            delivery = seal_page(settings, connection, ring, delivery, body, cursor=cursor)
    return delivery


def complete(settings, ring, *bodies):
    delivery = collect(settings, ring, *bodies)
    with transaction(settings) as connection:
        return close_delivery(connection, delivery)


def pages_of(settings, ring, delivery):
    with transaction(settings) as connection:
        return [b"".join(document) for document in Landed(settings, connection, ring, delivery).documents()]


def cursor(settings, ring, delivery):
    with transaction(settings) as connection:
        return cursor_of(connection, ring, delivery)


def test_pages_come_back_in_order(settings, ring):
    delivery = complete(settings, ring, b"one", b"two", b"three")
    assert pages_of(settings, ring, delivery) == [b"one", b"two", b"three"]
    assert (delivery.pages, delivery.bytes, cursor(settings, ring, delivery)) == (3, 11, "after 3")
    assert (delivery.state, delivery.feed, delivery.authority, delivery.period) == ("closed", "yot.cases", "yot", Q3)
    expected = "".join(sha256(body).hexdigest() for body in (b"one", b"two", b"three"))
    assert delivery.sha256 == sha256(expected.encode()).hexdigest()


def test_pages_lie_sealed(settings, ring):
    delivery = collect(settings, ring, b"Canarytest")
    folder = settings.home / "zones" / "landing" / "yot.cases" / delivery.id
    assert [path.name for path in folder.iterdir()] == ["page-000001.sealed"]
    assert b"Canary" not in (folder / "page-000001.sealed").read_bytes()


def test_an_open_delivery_goes_on_where_it_was(settings, ring):
    first = collect(settings, ring, b"one")
    second = collect(settings, ring, b"two")
    assert second.id == first.id
    assert pages_of(settings, ring, second) == [b"one", b"two"]


def test_a_page_is_not_kept_twice_by_two_runs(settings, ring):
    stale = collect(settings, ring, b"one")
    current = collect(settings, ring, b"two")
    with pytest.raises(DeliveryInUse) as refusal, transaction(settings) as connection:
        seal_page(settings, connection, ring, stale, b"other", cursor=None)
    assert refusal.value.transient
    assert pages_of(settings, ring, current) == [b"one", b"two"]


def test_a_page_whose_row_was_not_committed_is_written_over(settings, ring):
    delivery = collect(settings, ring, b"one")

    def crash_before_commit():
        with transaction(settings) as connection:
            seal_page(settings, connection, ring, delivery, b"lost", cursor="lost")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash_before_commit()
    resumed = collect(settings, ring)
    assert (resumed.pages, cursor(settings, ring, resumed)) == (1, "after 1")
    assert pages_of(settings, ring, complete(settings, ring, b"fetched again")) == [b"one", b"fetched again"]


CHILD = """
import sys
from types import SimpleNamespace
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from store.deliveries import open_delivery
from store.landing import cursor_of, seal_page
settings = Settings()
ring = open_ring(settings, Service.CUSTODIAN)
with transaction(settings) as connection:
    delivery = open_delivery(connection, ring, SimpleNamespace(name="yot.cases", authority="yot"), Quarter(2026, 3))
print("ready", flush=True)
with transaction(settings) as connection:
    begun = int(cursor_of(connection, ring, delivery) or 0)
for number in range(begun, 60):
    with transaction(settings) as connection:
        body = f"page {number} ".encode() * 20_000
        delivery = seal_page(settings, connection, ring, delivery, body, cursor=str(number + 1))
"""


@takes_long
def test_kill_9_at_any_moment_loses_and_doubles_nothing(settings, ring):
    environment = settings.environment() | {
        "HUB_DATABASE_URL": settings.database_url,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    sealed = []
    for delay in (0.02, 0.05, 0.11, 0.17):
        child = subprocess.Popen([sys.executable, "-c", CHILD], env=environment, stdout=subprocess.PIPE)
        assert child.stdout.readline() == b"ready\n"
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        sealed.append(collect(settings, ring).pages)
    subprocess.run([sys.executable, "-c", CHILD], env=environment, check=True, stdout=subprocess.DEVNULL)
    delivery = complete(settings, ring)
    assert any(0 < pages < 60 for pages in sealed)  # the kills did hit the work
    assert pages_of(settings, ring, delivery) == [f"page {number} ".encode() * 20_000 for number in range(60)]


def test_altered_or_exchanged_pages_are_noticed(settings, ring):
    delivery = complete(settings, ring, b"one", b"two")
    folder = settings.home / "zones" / "landing" / "yot.cases" / delivery.id
    first, second = folder / "page-000001.sealed", folder / "page-000002.sealed"
    first.write_bytes(second.read_bytes())
    with pytest.raises(SealBroken):
        pages_of(settings, ring, delivery)


def test_a_page_other_than_the_one_received_is_noticed(settings, ring):
    delivery = complete(settings, ring, b"one")
    with transaction(settings) as connection:
        connection.execute(PageRow.__table__.update().values(sha256="0" * 64))
    with pytest.raises(SealBroken, match="not what was received"):
        pages_of(settings, ring, delivery)


def test_a_corrected_delivery_supersedes(settings, ring):
    first = complete(settings, ring, b"one")
    with transaction(settings) as connection:
        counts = {"rows_received": 10, "rows_accepted": 8, "rows_quarantined": 2}
        first = advance(connection, first.id, State.ADMITTED, **counts)
        assert (first.rows_received, first.rows_accepted, first.rows_quarantined) == (10, 8, 2)
        assert admitted_delivery(connection, "yot.cases", Q3) == first
    second = complete(settings, ring, b"two")
    assert second.id != first.id
    assert second.previous_id == first.id
    with transaction(settings) as connection:
        advance(connection, second.id, State.ADMITTED)
        assert find_delivery(connection, first.id).state == State.SUPERSEDED
        assert [delivery.id for delivery in admitted_deliveries(connection, Q3)] == [second.id]
        assert admitted_deliveries(connection, Q3, ["police.recorded_crime"]) == []
        assert admitted_delivery(connection, "yot.cases", Quarter(2026, 2)) is None


def test_a_refused_delivery_leaves_the_admitted_one(settings, ring):
    first = complete(settings, ring, b"one")
    with transaction(settings) as connection:
        advance(connection, first.id, State.ADMITTED)
    second = complete(settings, ring, b"two")
    with transaction(settings) as connection:
        advance(connection, second.id, State.REFUSED)
        assert admitted_delivery(connection, "yot.cases", Q3).id == first.id


@pytest.mark.parametrize("state", [State.ADMITTED, State.REPEATED, State.SUPERSEDED, State.OPEN])
def test_an_open_delivery_can_only_be_closed_or_discarded(settings, ring, state):
    delivery = collect(settings, ring)
    with pytest.raises(StateRefused, match="it is open"), transaction(settings) as connection:
        advance(connection, delivery.id, state)


def test_a_closed_delivery_takes_no_page(settings, ring):
    delivery = complete(settings, ring, b"one")
    with pytest.raises(DeliveryInUse), transaction(settings) as connection:
        seal_page(settings, connection, ring, delivery, b"two", cursor=None)


def test_an_unknown_delivery(settings, ring):
    with pytest.raises(DeliveryMissing), transaction(settings) as connection:
        find_delivery(connection, "yot.cases_2026-Q3_999")


def test_the_same_content_has_the_same_hash(settings, ring):
    first = complete(settings, ring, b"one", b"two")
    with transaction(settings) as connection:
        advance(connection, first.id, State.ADMITTED)
    again = complete(settings, ring, b"one", b"two")
    assert again.sha256 == first.sha256
    assert again.data_key_id != first.data_key_id


def test_data_keys_are_kept_wrapped(settings, ring):
    with transaction(settings) as connection:
        key = create_data_key(connection, ring, "delivery/x")
        assert open_data_key(connection, ring, "delivery/x") == key
        row = connection.execute(select(DataKeyRow)).one()
    assert key.material not in row.wrapped


def test_a_destroyed_data_key_opens_nothing_more(settings, ring):
    delivery = complete(settings, ring, b"one")
    with transaction(settings) as connection:
        assert destroy_data_key(connection, part_key_id(delivery.id, "landing"))
        assert not destroy_data_key(connection, part_key_id(delivery.id, "landing"))
    with pytest.raises(DataKeyGone, match="destroyed on"):
        pages_of(settings, ring, delivery)
    with pytest.raises(DataKeyGone, match="never was"), transaction(settings) as connection:
        open_data_key(connection, ring, "delivery/y")
    assert ring_path(settings).exists()


# Where to go on, and what continues what


def test_where_to_go_on_lies_sealed_and_bound_to_its_page(settings, ring):
    """A partner's word for it may hold a reference."""
    delivery = collect(settings, ring, b"one", b"two")
    with transaction(settings) as connection:
        stored = connection.execute(select(PageRow.cursor).order_by(PageRow.number)).scalars().all()
        assert not any("after" in each for each in [*stored, delivery.cursor])
        assert cursor_of(connection, ring, delivery) == "after 2"
        with pytest.raises(SealBroken):
            cursor_of(connection, ring, replace(delivery, cursor=stored[0]))
        assert cursor_of(connection, ring, replace(delivery, cursor="clear")) == "clear"  # of an earlier version


def continuing(settings, ring, base, body):
    with transaction(settings) as connection:
        opened = open_delivery(connection, ring, FEED, Q3, continues=base.id)
    with transaction(settings) as connection:
        seal_page(settings, connection, ring, opened, body, cursor=None, watermark=f"up to {body.decode()}")
    with transaction(settings) as connection:
        return close_delivery(connection, find_delivery(connection, opened.id))


def test_a_delivery_that_continues_another_is_read_after_it_and_bound_to_it(settings, ring):
    first = complete(settings, ring, b"one", b"two")
    second = continuing(settings, ring, first, b"three")
    third = continuing(settings, ring, second, b"four")
    with transaction(settings) as connection:
        read = generations(settings, connection, ring, third)
        assert [each.delivery.id for each in read] == [first.id, second.id, third.id]
        assert [[b"".join(part) for part in each.documents()] for each in read] == [
            [b"one", b"two"],
            [b"three"],
            [b"four"],
        ]
        assert watermark_of(connection, ring, third) == "up to four"
        assert "up to" not in third.watermark
        assert watermark_of(connection, ring, first) is None
    own = sha256(b"four").hexdigest()
    assert third.sha256 == sha256((second.sha256 + own).encode()).hexdigest()


def test_what_has_lost_a_page_or_a_key_cannot_be_continued(settings, ring):
    first = complete(settings, ring, b"one")
    second = continuing(settings, ring, first, b"two")
    third = continuing(settings, ring, second, b"three")
    with transaction(settings) as connection:
        assert is_held(settings, connection, third)
        (settings.home / "zones" / "landing" / "yot.cases" / second.id / "page-000001.sealed").unlink()
        assert (is_held(settings, connection, first), is_held(settings, connection, third)) == (True, False)
        destroy_data_key(connection, part_key_id(first.id, "landing"))
        assert not is_held(settings, connection, first)
