"""Airflow's LocalExecutor, whose workers know the hub's modules before their first task.

A task is a process of its own, forked from a worker. What the worker has loaded no task loads again, which is two
seconds of a core for each. Only modules are loaded: no thread is started and nothing is opened before the fork.

The scheduler takes it by ``[core] executor``, so that this module alone names an executor of Airflow's; every other
executor (Celery, Kubernetes, Edge) serves as it is.
What was loaded is left out of garbage collection for good: to look through it in each task would copy it there.
"""

import gc
from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

MODULES = ("ingest.journey", "linkage.linking", "publish.candidate", "publish.publication")


class WarmLocalExecutor(LocalExecutor):
    """The same, started with what the tasks need."""

    def start(self) -> None:
        """Load the modules, then fork the workers."""
        for name in MODULES:
            import_module(name)
        gc.freeze()
        super().start()
