"""Each morning: what was unusual in the log the day before."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronTriggerTimetable, task

from dags.conduct import ARGUMENTS
from hub.errors import ConfigurationError
from hub.settings import Settings

LONDON = ZoneInfo("Europe/London")
PAGE = """### What deserves a look
**look** reads the log of the day before and puts a sentence for each finding into its own log, with the numbers of the
entries: acts out of working hours, somebody or something new, far more rows than usual, repeated refusals, and what is
always told, such as a key that was made. None of it proves a wrong. `hub audit digest DAY` tells the same.

For another day, start it by hand with the configuration `{"day": "2026-10-05"}`.
"""


def day_of(run_after: datetime, conf: dict[str, Any] | None) -> date:
    """The day that a run is about: the one in its configuration, or the day before it ran, in London.

    Raises ConfigurationError if the configuration holds something else.
    """
    named = (conf or {}).get("day")
    try:
        return date.fromisoformat(named) if named else run_after.astimezone(LONDON).date() - timedelta(days=1)
    except (TypeError, ValueError):
        raise ConfigurationError(
            "The run has no day",
            where="day in its configuration",
            why="it is not a date",
            fix="Start it again with a day such as 2026-10-05",
        ) from None


with DAG(
    "digest",
    description="What was unusual in the log the day before",
    doc_md=PAGE,
    schedule=CronTriggerTimetable("0 6 * * *", timezone=str(LONDON)),
    catchup=False,
    default_args=ARGUMENTS,
    tags=["audit"],
):

    @task
    def look(dag_run: Any = None) -> dict[str, int]:
        """Tell each finding in the task's log; only counts go on."""
        from audit.digest import tell

        return tell(Settings(), day_of(dag_run.run_after, dag_run.conf))

    look()
