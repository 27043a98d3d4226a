"""``hub feed list``, ``show`` and ``circuits``: what there is, without a secret."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from cli.feed import app
from hub.database import transaction
from hub.feeds import load_feeds
from hub.settings import PROJECT, Settings
from ingest.models import CircuitRow
from schemas.registry import CONTRACTS


@pytest.fixture
def feed(monkeypatch, tmp_path):
    """``hub feed`` in this process, where no home was made."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "none"))

    def run(*words: str) -> str:
        ran = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.output

    return run


def test_every_feed_is_listed(feed):
    told = json.loads(feed("list", "--json"))
    assert [one["feed"] for one in told] == list(load_feeds(PROJECT / "config"))


@pytest.mark.parametrize("name", ["police.recorded_crime", "health.emergency_care", "council.exclusions"])
def test_a_feed_is_shown_with_what_is_done_with_each_column(feed, name):
    told = json.loads(feed("show", name, "--json"))
    assert told["gateway"]
    assert {column["name"] for column in told["columns"]} == set(CONTRACTS[name].columns)
    assert all(column["class"] and column["treatment"] and column["meaning"] for column in told["columns"])
    assert "docs/feeds/" in feed("show", name)


def test_authorities_that_do_not_answer_are_told(feed, settings: Settings, monkeypatch):
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_DATABASE_URL", settings.database_url or "")
    assert "Every authority that was asked has answered" in feed("circuits")
    since = datetime(2026, 10, 1, 6, tzinfo=UTC)
    row = {"authority": "fire", "failures": 7, "opened_at": since, "tried_at": None, "last_ground": "ConnectionFailed"}
    with transaction(settings) as connection:
        connection.execute(insert(CircuitRow).values(row))
    (told,) = json.loads(feed("circuits", "--json"))
    assert (told["authority"], told["failures"]) == ("fire", 7)
    assert "fire" in feed("circuits")
