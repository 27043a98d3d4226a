"""Each night: what the agreement says may be kept no longer is shredded."""

from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronTriggerTimetable, task

from dags.conduct import ARGUMENTS
from hub.settings import Settings

PAGE = """### What may be kept no longer is shredded
**shred** looks for pages, quarantined rows, records and events, candidates, releases and persons of the register whose
days (the agreement's `retention_days`) are over. It destroys the key that each lies under, tries every key that is left
on its files, deletes them, and logs counts. What an officer holds (`hub retention hold`) is left. `hub retention list`
shows what is due when.

`shred` failed: *A file still opens that should not* means that a file lies under another key than the hub believes.
Nothing of it was deleted; find out how it came there. Anything else: clear the task, it goes on where it stopped.
"""

with DAG(
    "retention",
    description="What the agreement says may be kept no longer is shredded",
    doc_md=PAGE,
    schedule=CronTriggerTimetable("0 3 * * *", timezone=str(ZoneInfo("Europe/London"))),
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS | {"execution_timeout": timedelta(hours=6)},
    tags=["retention"],
):

    @task
    def shred() -> dict[str, int]:
        """Destroy keys that are due, prove it, delete the files; only counts go on."""
        from keys.home import open_ring
        from keys.services import Service
        from retention.running import run

        return asdict(run(Settings(), open_ring(Settings(), Service.RETENTION)))

    shred()
