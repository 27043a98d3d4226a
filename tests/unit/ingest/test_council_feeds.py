"""The council's feeds from its own PostgreSQL and SFTP server into the store, and what is kept of each."""

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.feeds import load_feeds
from hub.settings import PROJECT, Settings
from ingest.journey import admit, collect
from keys.home import create_ring
from partners.layout import extract_path
from partners.servers.serve import Plan
from schemas.registry import contract_for
from tests.unit.ingest.conftest import QUARTER, Hub

FEEDS = sorted(name for name in load_feeds(PROJECT / "config") if name.startswith("council."))
CENSUS, NEED = "council.children_in_need_census", "council.children_in_need"


@pytest.fixture
def council(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    small_borough: Path,
    serve_in_thread: Callable[[Plan], Any],
) -> Iterator[Hub]:
    """A hub, and the council's database and SFTP server."""
    partners = tmp_path_factory.mktemp("p") / "p"  # short: a Unix socket lies in it
    shutil.copytree(small_borough / "extracts", partners / "extracts")
    plan = Plan(folder=partners, hub_home=settings.home, servers=frozenset({"council", "council-sftp"}))
    ring = create_ring(settings)
    with serve_in_thread(plan):
        local = yaml.safe_load((settings.home / "local.yaml").read_text(encoding="utf-8"))
        yield Hub(settings.model_copy(update={"endpoints": local["endpoints"]}), ring, partners)


def ingest(hub: Hub, feed: str) -> Any:
    return admit(hub.settings, collect(hub.settings, feed, QUARTER))


def identities(hub: Hub, feed: str) -> set[str]:
    """Every name and reference that the extract of a table holds."""
    contract = contract_for(feed)
    told = [contract.source_name(name) for name in (*contract.identifiers, *contract.row_key)]
    with extract_path(hub.partners, feed, str(QUARTER)).open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file) for name in told if len(row[name]) > 5}


def test_every_feed_is_taken_nearly_whole_and_holds_nobody(council: Hub) -> None:
    for feed in FEEDS:
        done = ingest(council, feed)
        assert done.state == "admitted", feed
        assert done.received == done.accepted + done.quarantined > 0, feed
        assert done.quarantined / done.received <= 0.1, feed
        contract = contract_for(feed)
        events = council.table(feed)
        assert events["event_type"].unique().to_list() == [contract.event_type]
        kept = [events]
        if contract.personal:
            kept += [council.table(feed, kind=".involvements"), council.table(feed, "records")]
        texts = {str(value) for frame in kept for column in frame.iter_columns() for value in column.unique()}
        if feed != CENSUS:
            assert not texts & (identities(council, feed) - {str(day) for day in events["occurred_on"]}), feed


def test_the_census_tells_of_the_same_referrals_and_can_link_nobody(council: Hub) -> None:
    for feed in (CENSUS, NEED):
        ingest(council, feed)

    census, need = council.table(CENSUS), council.table(NEED)
    assert set(census.columns) == {"event_id", "feed", "event_type", "occurred_on", "primary_need"}
    told, whole = census.group_by("occurred_on").len(), need.group_by("occurred_on").len()
    both = told.join(whole, on="occurred_on", how="full", suffix="_whole").fill_null(0)
    assert (both["len"] - both["len_whole"]).abs().sum() <= 3  # a few of either are quarantined
    records = council.table(CENSUS, "records")
    tokens = records.select(name for name in records.columns if name.startswith(("token_", "encoding_")))
    assert tokens.null_count().transpose().to_series().unique().to_list() == [records.height]
