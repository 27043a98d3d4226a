"""Hears when a task's state is set by hand, whether on Airflow's page, by its REST interface, or with the whole run.

Then none of the hub's code runs that could refuse anything. Airflow tells the listeners of such a task without a
previous state; of a task that ran and ended by itself the previous state is ``running``. Of a whole run it tells no
such thing, but a run that ends by itself does not end within a user's request.
"""

from typing import Any

from airflow.listeners import hookimpl

from dags.by_hand import ACTOR, record


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


@hookimpl
def on_dag_run_success(dag_run: Any) -> None:
    """A run was marked successful."""
    _set_run(dag_run, "success")


@hookimpl
def on_dag_run_failed(dag_run: Any) -> None:
    """A run was marked failed."""
    _set_run(dag_run, "failed")


def _set_run(dag_run: Any, state: str) -> None:
    if ACTOR.get() is not None:
        what = f"the run was set to {state} by hand"
        record(what, dag=dag_run.dag_id, task=None, run=dag_run.run_id, quarter=dag_run.partition_key)


def _set(previous_state: Any, task_instance: Any, state: str) -> None:
    if previous_state is None:
        record(
            f"{task_instance.task_id} was set to {state} by hand",
            dag=task_instance.dag_id,
            task=task_instance.task_id,
            run=task_instance.run_id,
            quarter=task_instance.dag_run.partition_key,
        )
