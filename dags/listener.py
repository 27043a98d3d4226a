"""Hears when a task's state is set by hand, whether on Airflow's page, by its REST interface, or with the whole run.

Then none of the hub's code runs that could refuse anything. Airflow tells the listeners of such a task without a
previous state; of a task that ran and ended by itself the previous state is ``running``.
"""

from typing import Any

from airflow.listeners import hookimpl

from dags.by_hand import record


@hookimpl
def on_task_instance_success(previous_state: Any, task_instance: Any) -> None:
    """A task was marked successful."""
    _set(previous_state, task_instance, "success")


@hookimpl
def on_task_instance_failed(previous_state: Any, task_instance: Any) -> None:
    """A task was marked failed."""
    _set(previous_state, task_instance, "failed")


@hookimpl
def on_task_instance_skipped(previous_state: Any, task_instance: Any) -> None:
    """A task was marked skipped."""
    _set(previous_state, task_instance, "skipped")


def _set(previous_state: Any, task_instance: Any, state: str) -> None:
    if previous_state is None:
        record(
            f"{task_instance.task_id} was set to {state} by hand",
            dag=task_instance.dag_id,
            task=task_instance.task_id,
            run=task_instance.run_id,
            quarter=task_instance.dag_run.partition_key,
        )
