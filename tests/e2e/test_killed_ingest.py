"""kill -9 at any point of an ingest, then again: the same rows, none twice, at most one page fetched again."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import yaml
from sqlalchemy import text

from cli.running import prepare
from hub import database, postgres
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from ingest.storing import uncovered
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from store.datakeys import open_data_key
from store.deliveries import admitted_delivery
from store.kept import tables_name
from store.tables import read_stating, read_table
from tests.agreed import agree
from tests.cases import takes_long
from tests.e2e.conftest import HUB

pytestmark = [pytest.mark.timeout(300), takes_long]  # test_faults kills ingests too, of more feeds and at any moment
QUARTER = "2026-Q3"
FEEDS = ("probation.supervision", "council.exclusions")


@dataclass(frozen=True)
class Hub:
    """A hub whose feeds deliver in small, slow pages, and its authorities."""

    settings: Settings

    def ingest(self, feed: str) -> subprocess.Popen[str]:
        environment = self.settings.environment() | {"HUB_COMMIT": self.settings.code_commit}
        command = [str(HUB), "ingest", feed, QUARTER]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, query: str, feed: str) -> int:
        with database.transaction(self.settings) as connection:
            return connection.execute(text(query), {"feed": feed}).scalar() or 0

    def pages(self, feed: str) -> int:
        return self.ask("SELECT coalesce(max(pages), 0) FROM hub.delivery WHERE feed = :feed", feed)

    def closed(self, feed: str) -> int:
        return self.ask("SELECT count(*) FROM hub.delivery WHERE feed = :feed AND closed_at IS NOT NULL", feed)

    def kept(self, feed: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The events and records of the delivery in force, its encodings as linkage reads them."""
        ring = open_ring(self.settings, Service.LINK)
        with database.transaction(self.settings) as connection:
            delivery = admitted_delivery(connection, feed, Quarter.parse(QUARTER))
            assert delivery is not None
            key = open_data_key(connection, ring, delivery.data_key_id)
        place = f"{tables_name(delivery)}.parquet"
        records, stated = read_stating(self.settings, "records", place, key)
        found = uncovered(records, stated, ring.key(Purpose.HUB), delivery.id)
        return read_table(self.settings, "events", place, key), found


@pytest.fixture(scope="module")
def slow_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Pages of 8 rows, each of which takes 150 ms to be answered."""
    folder = tmp_path_factory.mktemp("slow")
    _copy_config(folder / "config")
    agree(folder / "config" / "agreement.yaml")
    settings = Settings(home=folder / "home", config=folder / "config", commit="0" * 40)
    prepare(settings)
    _run("generate", "--people", "4000", "--quarter", QUARTER, "--folder", str(folder / "partners"))
    options = ["--folder", str(folder / "partners"), "--hub-home", str(settings.home), "--delay-ms", "150"]
    only = [word for name in ("probation", "council") for word in ("--only", name)]
    with subprocess.Popen([sys.executable, "-m", "partners", "serve", *options, *only], cwd=PROJECT) as serving:
        _wait((folder / "partners" / "ready.json").exists)
        yield Hub(settings)
        serving.send_signal(signal.SIGINT)
    postgres.stop(settings.home)


@pytest.mark.parametrize("feed", FEEDS)
def test_killed_between_pages_and_while_admitting(slow_hub: Hub, feed: str) -> None:
    for moment in (
        lambda: slow_hub.pages(feed) >= 1,
        lambda: slow_hub.pages(feed) >= 3,
        lambda: slow_hub.closed(feed) >= 1,
    ):
        running = slow_hub.ingest(feed)
        _wait(lambda met=moment, process=running: met() or process.poll() is not None)
        assert running.poll() is None, running.communicate()
        running.kill()
        running.communicate()
    sealed = slow_hub.pages(feed)

    last = slow_hub.ingest(feed)
    told, failure = last.communicate()

    assert last.returncode == 0, failure
    assert "admitted" in told
    assert slow_hub.pages(feed) == sealed  # nothing was fetched again once all was there
    assert slow_hub.ask("SELECT count(*) FROM hub.delivery WHERE feed = :feed", feed) == 1
    events, records = slow_hub.kept(feed)
    received = slow_hub.ask("SELECT rows_received FROM hub.delivery WHERE feed = :feed", feed)
    quarantined = slow_hub.ask("SELECT rows_quarantined FROM hub.delivery WHERE feed = :feed", feed)
    assert received > 16
    assert events["event_id"].n_unique() == events.height == received - quarantined
    assert records["record_id"].n_unique() == records.height > 0
    _same_as_undisturbed(slow_hub, feed, events, records)


def _same_as_undisturbed(hub: Hub, feed: str, events: pl.DataFrame, records: pl.DataFrame) -> None:
    """Deliver once more without a kill, as if under another code, so that the very same bytes are admitted anew."""
    again = Hub(hub.settings.model_copy(update={"commit": "1" * 40}))
    told, failure = again.ingest(feed).communicate()
    assert "admitted" in told, failure

    assert hub.ask("SELECT count(*) FROM hub.delivery WHERE feed = :feed", feed) == 2
    assert hub.ask("SELECT count(DISTINCT sha256) FROM hub.delivery WHERE feed = :feed", feed) == 1
    undisturbed_events, undisturbed_records = again.kept(feed)
    assert undisturbed_events.equals(events)
    assert undisturbed_records.equals(records)


def _copy_config(folder: Path) -> None:
    """The project's configuration, with small pages."""
    for path in (p for p in (PROJECT / "config").rglob("*") if p.is_file()):
        target = folder / path.relative_to(PROJECT / "config")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    for feed in FEEDS:
        path = folder / "feeds" / f"{feed}.yaml"
        stated = yaml.safe_load(path.read_text(encoding="utf-8"))
        stated["transport"]["page_size"] = 8
        stated["rejection_threshold"] = 0.5  # few rows, so that one bad row weighs much
        path.write_text(yaml.safe_dump(stated), encoding="utf-8")


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "partners", *arguments], cwd=PROJECT, check=True, capture_output=True)


def _wait(true: Callable[[], bool], patience_s: float = 60) -> None:
    until = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.02)
