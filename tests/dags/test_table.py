"""The page that lists every DAG says what the DAGs are."""

import re
from typing import Any

from documents.dag_table import dag_table
from hub.settings import PROJECT
from tests.dags.conftest import FEEDS, dag_id


def test_the_page_is_the_one_that_the_feeds_files_make() -> None:
    page = PROJECT / "docs" / "dags.md"
    assert page.read_text(encoding="utf-8") == dag_table(FEEDS), "run hub feed pages"


def test_it_lists_every_dag_once(bag: Any) -> None:
    listed = re.findall(r"^\| \[?`(\w+)`", dag_table(FEEDS), flags=re.MULTILINE)
    assert sorted(listed) == sorted(bag.dags)


def test_it_says_when_each_starts_as_the_dag_has_it(bag: Any) -> None:
    rows = {dag_id(feed): row for feed, row in zip(FEEDS.values(), dag_table(FEEDS).splitlines()[8:], strict=False)}
    for name, row in rows.items():
        timetable = bag.dags[name].timetable
        assert f"`{name}`" in row
        assert ("by hand" if timetable.partitioned_at_runtime else f"`{timetable.summary}`") in row
