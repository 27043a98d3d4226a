"""Collecting over real servers: begun anew when the source moved, and asked again when nothing new has come."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from sqlalchemy import text

from agreement.errors import AgreementRefusal
from connectors import connect
from connectors.errors import NothingNew, SourceChanged
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.errors import OutsideWindow
from ingest.journey import admit, collect
from ingest.window import LONDON
from partners.layout import extract_path
from partners.servers.serve import Plan
from store.deliveries import find_delivery, open_delivery
from store.errors import DeliveryInUse
from store.landing import seal_page
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER, Hub

FIRE, HEALTH = "fire.fire_setter_referrals", "health.emergency_care"
REPEATED, REFUSED = "ingest:delivery:decision", "ingest:delivery:refusal"


def states(hub: Hub, feed: str) -> list[str]:
    with transaction(hub.settings) as connection:
        asked = text("SELECT state FROM hub.delivery WHERE feed = :feed ORDER BY id")
        return list(connection.execute(asked, {"feed": feed}).scalars())


def page_size(hub: Hub, rows: int) -> None:
    path = hub.settings.config / "feeds" / f"{FIRE}.yaml"
    feed = yaml.safe_load(path.read_text(encoding="utf-8"))
    hub.change(f"feeds/{FIRE}.yaml", transport=feed["transport"] | {"page_size": rows})


# The source moved


def test_a_killed_delivery_whose_source_moved_is_refused_and_begun_anew(hub: Hub) -> None:
    page_size(hub, 2)
    feed, path = load_feed(hub.settings.config, FIRE), extract_path(hub.partners, FIRE, str(QUARTER))
    with transaction(hub.settings) as connection:  # what a run leaves that is killed after its first page
        first = next(iter(connect(hub.settings, feed).pages(QUARTER)))
        killed = open_delivery(connection, hub.ring, feed, QUARTER)
        seal_page(hub.settings, connection, hub.ring, killed, first.body, cursor=first.cursor)
    rows = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([*rows[1:], rows[1] | {"referralId": "FS-come"}]), encoding="utf-8")

    done = admit(hub.settings, collect(hub.settings, FIRE, QUARTER))

    assert states(hub, FIRE) == ["refused", "admitted"]
    assert done.received == len(rows)  # with the killed run's page there would be one more, and one would be missing
    refusal = next(entry for entry in hub.log() if entry["action"] == REFUSED)
    assert (refusal["delivery"], refusal["detail"]) == (killed.id, {"ground": "source_changed"})


class _Partner(ThreadingHTTPServer):
    """A fire brigade that answers as a test has it, by the number of the page asked for."""

    answer: Callable[[int], tuple[int, list[object]]]  # pages in all, and the page's rows


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages, rows = self.server.answer(int(parse_qs(urlsplit(self.path).query)["page"][0]))
        body = json.dumps({"totalPages": pages, "totalItems": pages, "items": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def partner(hub: Hub) -> Iterator[tuple[Settings, _Partner]]:
    server = _Partner(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield hub.settings.model_copy(update={"endpoints": {FIRE: f"http://127.0.0.1:{server.server_port}"}}), server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_source_that_does_not_rest_is_begun_anew_once_in_a_run_and_left_for_later(hub: Hub, partner) -> None:
    settings, server = partner
    asked: list[int] = []

    def growing(page: int) -> tuple[int, list[object]]:
        asked.append(page)
        return len(asked) + 1, []

    server.answer = growing
    with pytest.raises(SourceChanged) as refused:
        collect(settings, FIRE, QUARTER)
    assert refused.value.transient
    assert asked == [1, 2, 1, 2]
    assert states(hub, FIRE) == ["refused", "open"]

    server.answer = lambda page: (2, [page])  # at rest at last: the next run goes on to the end
    collect(settings, FIRE, QUARTER)
    assert states(hub, FIRE) == ["refused", "refused", "closed"]


def test_of_two_runs_at_one_moment_one_delivers(hub: Hub, partner) -> None:
    settings, server = partner
    both, one_is_refused = threading.Barrier(2), threading.Event()

    def answer(page: int) -> tuple[int, list[object]]:
        both.wait(20) if page == 1 and not one_is_refused.is_set() else one_is_refused.wait(20)
        return 2, [page]

    server.answer = answer
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(collect, settings, FIRE, QUARTER) for _ in range(2)]
        (first,), (second,) = wait(runs, 20, FIRST_COMPLETED)
        one_is_refused.set()
        assert isinstance(first.exception(), DeliveryInUse)
        second.result()
    assert states(hub, FIRE) == ["closed"]


# Permitted at each page


def test_nothing_is_asked_of_a_partner_that_the_agreement_does_not_permit(hub: Hub, partner) -> None:
    settings, server = partner
    asked: list[int] = []
    server.answer = lambda page: (asked.append(page), (1, []))[1]
    agree(hub.settings.config / "agreement.yaml", but=["fire"])
    with pytest.raises(AgreementRefusal, match="has not signed"):
        collect(settings, FIRE, QUARTER)
    assert asked == []
    assert states(hub, FIRE) == []


def test_nothing_is_asked_of_a_partner_outside_its_hours(hub: Hub, partner) -> None:
    settings, server = partner
    asked: list[int] = []
    server.answer = lambda page: (asked.append(page), (1, [page]))[1]
    soon = datetime.now(LONDON) + timedelta(hours=2)
    hours = {"opens": f"{soon:%H:%M}", "closes": f"{soon + timedelta(hours=1):%H:%M}"}
    hub.change(f"feeds/{FIRE}.yaml", window=hours)
    with pytest.raises(OutsideWindow) as refused:
        collect(settings, FIRE, QUARTER)
    assert asked == []
    assert abs(refused.value.again_at - soon) < timedelta(minutes=1)


def test_what_expires_in_the_midst_of_a_fetch_keeps_no_further_page_until_it_is_renewed(hub: Hub, partner) -> None:
    settings, server = partner
    agreement = hub.settings.config / "agreement.yaml"
    whole = agreement.read_text(encoding="utf-8")

    def expiring(page: int) -> tuple[int, list[object]]:
        if page == 2:
            hub.change("agreement.yaml", review_on="2026-10-01", expires_on="2026-10-01")
        return 3, [page]

    server.answer = expiring
    with pytest.raises(AgreementRefusal, match="expired"):
        collect(settings, FIRE, QUARTER)
    refusal = hub.log()[-1]
    assert (refusal["action"], refusal["clause"]) == ("agreement:act:refusal", "Agreement, expiry")
    assert pages(hub, refusal["delivery"]) == 1
    assert states(hub, FIRE) == ["open"]

    agreement.write_text(whole, encoding="utf-8")
    agree(agreement)
    asked: list[int] = []
    server.answer = lambda page: (asked.append(page), (3, [page]))[1]
    assert pages(hub, collect(settings, FIRE, QUARTER)) == 3
    assert asked[:2] == [2, 3]  # it goes on where it stopped; then the connector looks whether the source moved


def pages(hub: Hub, delivery: str) -> int:
    """How many pages of a delivery are sealed."""
    with transaction(hub.settings) as connection:
        return find_delivery(connection, delivery).pages


# Nothing new


@pytest.fixture
def hospital(hub: Hub, tmp_path: Path, small_borough: Path, serve_in_thread) -> Iterator[Hub]:
    """The hub with the hospital's mailbox, in which the quarter's message waits."""
    shutil.copytree(small_borough, tmp_path / "hospital")
    with serve_in_thread(Plan(tmp_path / "hospital", hub.settings.home, frozenset({"health"}))):
        local = yaml.safe_load((hub.settings.home / "local.yaml").read_text(encoding="utf-8"))
        yield Hub(hub.settings.model_copy(update={"endpoints": local["endpoints"]}), hub.ring, hub.partners)


def test_a_mailbox_that_was_emptied_by_the_hub_gives_the_delivery_in_force_again(hospital: Hub) -> None:
    first = admit(hospital.settings, collect(hospital.settings, HEALTH, QUARTER))
    second = admit(hospital.settings, collect(hospital.settings, HEALTH, QUARTER))

    assert first == second
    assert first.state == "admitted"
    assert states(hospital, HEALTH) == ["admitted"]  # and no open one beside it
    told = hospital.log()[-1]
    assert (told["action"], told["delivery"], told["detail"]["ground"]) == (REPEATED, first.delivery, "nothing_new")

    entries = len(hospital.log())
    with pytest.raises(NothingNew):  # the daily look is told that nothing came, and is not worth an entry each day
        collect(hospital.settings, HEALTH, QUARTER, only_new=True)
    assert len(hospital.log()) == entries


def test_a_mailbox_without_a_message_of_the_quarter_is_not_ready_and_leaves_nothing(hospital: Hub) -> None:
    admit(hospital.settings, collect(hospital.settings, HEALTH, QUARTER))
    with pytest.raises(NothingNew) as refused:
        collect(hospital.settings, HEALTH, Quarter(2026, 2))
    assert refused.value.transient
    assert states(hospital, HEALTH) == ["admitted"]
    assert REPEATED not in hospital.actions()
