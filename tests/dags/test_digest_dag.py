"""Which day the digest is about, and that only counts leave it."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from audit.events import Action, Entry
from audit.log import append
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.settings import Settings

pytestmark = pytest.mark.usefixtures("airflow_alone")
SIX = datetime(2026, 10, 6, 5, 0, tzinfo=UTC)  # six in London


@pytest.mark.parametrize(
    ("run_after", "conf", "day"),
    [
        (SIX, None, date(2026, 10, 5)),
        (SIX, {}, date(2026, 10, 5)),
        (datetime(2026, 10, 5, 23, 30, tzinfo=UTC), None, date(2026, 10, 5)),  # half past midnight in London
        (SIX, {"day": "2026-09-01"}, date(2026, 9, 1)),
    ],
)
def test_the_day(run_after: datetime, conf: dict[str, Any] | None, day: date) -> None:
    from dags.digest import day_of

    assert day_of(run_after, conf) == day


@pytest.mark.parametrize("named", ["yesterday", 5, "2026-13-01"])
def test_a_day_that_is_none(named: object) -> None:
    from dags.digest import day_of

    with pytest.raises(ConfigurationError, match="2026-10-05"):
        day_of(SIX, {"day": named})


def test_the_sentences_are_told_and_only_counts_go_on(
    settings: Settings, bag: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Entry(
        action=Action.EXPORT_LOG,
        actor="user:reviewer",
        recipient="council",
        justification="a yearly review",
        rows=7,
        code_commit="0" * 40,
        at=datetime(2026, 10, 5, 9, 0, tzinfo=UTC),
    )
    with transaction(settings) as connection:
        append(connection, told)
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_DATABASE_URL", settings.database_url or "")
    look = bag.dags["digest"].get_task("look").python_callable
    with caplog.at_level("INFO", logger="audit.digest"):
        counts = look(dag_run=SimpleNamespace(run_after=SIX, conf=None))
    assert counts == {"entries": 1, "findings": 2, "new": 1, "log export": 1}
    assert "user:reviewer handed 7 entries of the log to council. (entry 0)" in caplog.text
