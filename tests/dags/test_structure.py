"""What the DAGs are, without running them: no database, no partner."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.feeds import AUTHORITIES, Feed
from hub.settings import PROJECT
from tests.dags.conftest import FEEDS, dag_id

ALL = {dag_id(feed) for feed in FEEDS.values()} | {"link", "release", "witness", "digest", "late", "retention"}
each_feed = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
each_dag = pytest.mark.parametrize("name", sorted(ALL))


def test_every_file_can_be_read(bag: Any) -> None:
    assert bag.import_errors == {}


def test_there_is_one_dag_for_each_feed_and_link_release_witness_digest_retention_and_late(bag: Any) -> None:
    assert set(bag.dags) == ALL


def test_all_six_authorities_have_a_feed() -> None:
    assert {feed.authority for feed in FEEDS.values()} == set(AUTHORITIES)


@each_feed
def test_a_feed_is_collected_and_then_admitted(bag: Any, feed: Feed) -> None:
    dag = bag.dags[dag_id(feed)]
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {"collect": {"admit"}, "admit": set()}


def test_a_feed_in_partitions_is_checked_and_tokenised_side_by_side(airflow_alone: None) -> None:
    from dags.ingest import ingest_dag

    dag = ingest_dag(FEEDS["police.recorded_crime"].model_copy(update={"partitions": 4}))
    order = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert order == {
        "collect": {"check", "settle", "tokenise", "admit"},  # each is told which delivery it is
        "check": {"settle"},
        "settle": {"tokenise"},
        "tokenise": {"admit"},
        "admit": set(),
    }
    assert dag.get_task("check").is_mapped
    assert dag.get_task("tokenise").is_mapped
    assert [asset.name for asset in dag.get_task("admit").outlets] == ["delivery/police.recorded_crime"]
    assert "partitions: 4" in (dag.doc_md or "")


@each_feed
def test_an_authority_is_asked_within_its_pool_and_the_delivery_is_announced(bag: Any, feed: Feed) -> None:
    dag = bag.dags[dag_id(feed)]
    assert dag.get_task("collect").pool == feed.authority
    assert [asset.name for asset in dag.get_task("admit").outlets] == [f"delivery/{feed.name}"]
    assert dag.max_active_runs == 1
    assert {"ingest", feed.authority} <= set(dag.tags)


def test_link_waits_for_every_feed_of_one_quarter(bag: Any) -> None:
    from airflow.sdk import AssetAll, PartitionedAssetTimetable

    timetable = bag.dags["link"].timetable
    assert isinstance(timetable, PartitionedAssetTimetable)
    assert isinstance(timetable.asset_condition, AssetAll)
    assert {asset.name for asset in timetable.asset_condition.objects} == {f"delivery/{name}" for name in FEEDS}
    assert [asset.name for asset in bag.dags["link"].get_task("link").outlets] == ["register"]


def test_a_release_is_built_then_approved_then_published(bag: Any) -> None:
    dag = bag.dags["release"]
    order = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert order == {"build_candidate": {"approve"}, "approve": {"publish"}, "publish": set()}
    assert dag.timetable.asset_condition.name == "register"
    assert [asset.name for asset in dag.get_task("publish").outlets] == ["release"]


def test_the_log_is_signed_then_sent_to_each_witness_then_verified_whatever_became_of_them(bag: Any) -> None:
    dag = bag.dags["witness"]
    order = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert order == {"sign": {"send"}, "send": {"verify"}, "verify": set()}
    assert dag.get_task("send").is_mapped
    assert dag.get_task("verify").trigger_rule.value == "all_done"
    assert dag.max_active_runs == 1


def test_the_digest_is_made_each_morning_in_london(bag: Any) -> None:
    timetable = bag.dags["digest"].timetable
    assert (timetable.expression, str(timetable.timezone)) == ("0 6 * * *", "Europe/London")
    assert [task.task_id for task in bag.dags["digest"].tasks] == ["look"]


def test_what_is_due_is_shredded_each_night_one_run_after_the_other(bag: Any) -> None:
    dag = bag.dags["retention"]
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("0 3 * * *", "Europe/London")
    assert [task.task_id for task in dag.tasks] == ["shred"]
    assert dag.max_active_runs == 1


def test_late_feeds_are_looked_for_each_morning_and_only_what_is_given_up_is_announced(bag: Any) -> None:
    dag = bag.dags["late"]
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("0 7 * * *", "Europe/London")
    given_up = {task.task_id: [asset.name for asset in task.outlets] for task in dag.tasks if task.task_id != "look"}
    assert given_up == {f"without_{name.replace('.', '_')}": [f"delivery/{name}"] for name in FEEDS}
    assert not any(task.downstream_task_ids for task in dag.tasks)


def test_only_the_reviewer_may_answer_and_is_told_how_a_decision_is_really_made(bag: Any) -> None:
    approve = bag.dags["release"].get_task("approve")
    assert [user["id"] for user in approve.assigned_users] == ["ig"]
    assert "manifest_hash" in approve.body
    assert "hub release approve" in approve.body


@each_dag
def test_every_dag_says_what_it_is(bag: Any, name: str) -> None:
    dag = bag.dags[name]
    assert dag.doc_md
    assert dag.description
    assert dag.tags


@each_dag
def test_every_task_has_an_owner_a_page_and_the_hubs_way_of_failing(bag: Any, name: str) -> None:
    for task in bag.dags[name].tasks:
        assert task.owner == "data-engineering", task.task_id
        assert task.doc_md, task.task_id
        assert task.retries == 5, task.task_id
        assert type(task.retry_policy).__name__ == "RetryTransient", task.task_id


@each_dag
def test_every_dag_outlives_the_journey_to_the_scheduler(bag: Any, name: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.serialize_dag(bag.dags[name])
    assert DagSerialization.deserialize_dag(stored).dag_id == name


def test_the_scheduler_knows_the_quarterly_timetable(airflow_alone: None) -> None:
    from airflow.plugins_manager import get_timetables_plugins

    assert "dags.timetable.QuarterTimetable" in get_timetables_plugins()


def test_reading_the_dags_loads_no_engine(tmp_path: Path) -> None:
    """The dag-processor reads them every half minute, and each task once more."""
    dags = "dags.ingest, dags.link, dags.release, dags.witness, dags.digest, dags.late"
    code = f"import sys, {dags}; print([m for m in sys.modules if '.' not in m])"
    environment = {"AIRFLOW_HOME": str(tmp_path), "PATH": ""}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = set(ast.literal_eval(ran.stdout.strip().splitlines()[-1]))
    assert not loaded & {"polars", "pandera", "duckdb", "splink", "pyarrow", "paramiko", "pandas"}


@pytest.mark.parametrize("file", sorted((PROJECT / "dags").glob("*.py")), ids=lambda file: file.name)
def test_a_task_only_wires(file: Path) -> None:
    """At most five lines, docstring apart: anything longer belongs below the DAGs."""
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and any("task" in ast.unparse(d) for d in function.decorator_list):
            statements = function.body[1:] if ast.get_docstring(function) else function.body
            lines = {line for s in statements for line in range(s.lineno, (s.end_lineno or s.lineno) + 1)}
            assert len(lines) <= 5, function.name
