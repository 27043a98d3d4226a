"""Airflow reads its configuration when it is imported, so it is pointed at an empty folder before that."""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.feeds import Feed, load_feeds
from hub.settings import PROJECT, Settings

FEEDS = load_feeds(Settings().config)


def dag_id(feed: Feed) -> str:
    return "ingest_" + feed.name.replace(".", "_")


@pytest.fixture(scope="session")
def airflow_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow with no database and no examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(PROJECT / "dags"))
        patch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
        yield


@pytest.fixture(scope="session")
def bag(airflow_alone: None) -> Any:
    """All the hub's DAGs, as the dag-processor reads them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(PROJECT / "dags")
