"""Errors of running the hub's programs.

HubError
├── AirflowFailed      Airflow did not start, or did not stop
├── AirflowRefused     Airflow's REST interface refused a request or did not answer
└── TaskFailed         a task of a quarter's run failed, or did not end in time
"""

from hub.errors import HubError


class AirflowFailed(HubError):
    """Airflow's processes did not come up, went down, or would not end."""


class AirflowRefused(HubError):
    """Airflow's REST interface did not do what was asked."""


class TaskFailed(HubError):
    """A DAG run did not come to its end; names the task and its log."""
