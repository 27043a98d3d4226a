"""The analysts' client, against a hub that is served."""

import ast
import os
import subprocess
import sys
from datetime import date

import polars as pl
import pytest

from client import Hub, HubRefused
from hub.settings import PROJECT
from tests.unit.api.conftest import ANALYSTS, RELEASE, Served

QUICKSTART = PROJECT / "docs" / "quickstart" / "quickstart.py"


@pytest.fixture(scope="module")
def hub(served: Served) -> Hub:
    return Hub(served.url, served.issue().token, "strategy")


def test_a_table_is_a_frame(served: Served, hub: Hub) -> None:
    release = hub.release("2026-Q3")
    assert release.name == hub.release().name == RELEASE
    published = pl.read_parquet(f"{served.hub.settings.zone('releases')}/{RELEASE}/event.parquet")
    assert release.table("event").equals(published)
    july = release.table(
        "event", ["event_id", "occurred_on"], [("occurred_on", "lt", date(2026, 8, 1)), ("knife", "blank", False)]
    )
    assert july.equals(
        published.filter(pl.col("occurred_on") < date(2026, 8, 1), pl.col("knife").is_not_null())[july.columns]
    )
    assert release.table("event", limit=2).equals(published.head(2))
    assert release.manifest["recipient"] == ANALYSTS
    assert release.dictionary().filter(table="event", column="knife")["meaning"][0]
    assert hub.releases()["name"].to_list() == [RELEASE]
    with pytest.raises(HubRefused, match="fewer than 8"):
        release.counts("person", ["sex"], {"sex": ["female", "male"]})


def test_a_refusal_says_what_the_hub_said(served: Served, hub: Hub) -> None:
    with pytest.raises(HubRefused, match="There is no such release") as unknown:
        hub.release("2031-Q1")
    assert unknown.value.status == 404
    with pytest.raises(HubRefused, match="no such table"):
        hub.release().table("incident")
    other = Hub(served.url, "letmein", "strategy")
    with pytest.raises(HubRefused, match="The token is refused"):
        other.releases()
    assert "letmein" not in repr(other)


def test_the_client_needs_nothing_of_the_hub() -> None:
    imported = {
        name
        for file in (PROJECT / "client").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [])
    }
    assert {str(name).partition(".")[0] for name in imported} <= {
        "client",
        "collections",
        "dataclasses",
        "datetime",
        "typing",
    }


def test_the_quickstart_runs_as_it_is_written(served: Served) -> None:
    said = {"HUB_URL": served.url, "HUB_TOKEN": served.issue().token, "HUB_PURPOSE": "strategy"}
    ran = subprocess.run(
        [sys.executable, QUICKSTART], env=os.environ | said, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "7 events of 2026-Q3-v1" in ran.stdout
    assert said["HUB_TOKEN"] not in ran.stdout + ran.stderr
