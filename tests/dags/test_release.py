"""The release DAG's own answer to a task that somebody marked done."""

from typing import Any

import pytest

from publish.errors import PublicationRefused


class Run:
    """What a task sees of its run: the values that the tasks before it left."""

    def __init__(self, left: dict[tuple[str, str], Any]) -> None:
        self.left = left

    def xcom_pull(self, task_ids: str, key: str) -> Any:
        return self.left.get((task_ids, key))


def test_what_the_run_built_is_published(airflow_alone: None) -> None:
    from dags.release import built_in

    assert built_in(Run({("build_candidate", "candidate"): {"release": "2026-Q3-v1"}})) == "2026-Q3-v1"


def test_a_build_marked_done_by_hand_is_refused_in_one_sentence(airflow_alone: None) -> None:
    from dags.release import built_in

    with pytest.raises(PublicationRefused, match=r"marked done by hand .* Clear that task"):
        built_in(Run({}))
