"""One DAG for each feed under ``config/feeds``: fetch a quarter's delivery, then check, split and store it."""

from dataclasses import asdict
from typing import Any

from airflow.sdk import DAG, PartitionedAtRuntime, task

from dags.assets import delivery
from dags.conduct import ARGUMENTS, quarter_of
from dags.timetable import QuarterTimetable
from hub.feeds import Feed, load_feeds
from hub.settings import Settings


def ingest_dag(feed: Feed) -> DAG:
    """The DAG ``ingest_<feed>``: collect, then admit; its event is what ``link`` waits for."""
    with DAG(
        f"ingest_{feed.name.replace('.', '_')}",
        description=feed.title,
        doc_md=_page(feed),
        schedule=QuarterTimetable(feed.schedule, timezone="Europe/London") if feed.schedule else PartitionedAtRuntime(),
        max_active_runs=1,
        default_args=ARGUMENTS,
        tags=["ingest", feed.authority],
    ) as dag:

        @task(pool=feed.authority, doc_md="Fetches the quarter's pages and seals each as it arrives.")
        def collect(partition_key: str | None = None, dag_run: Any = None) -> str:
            from ingest.journey import collect

            return collect(Settings(), feed.name, quarter_of(partition_key, dag_run.conf))

        @task(outlets=[delivery(feed)], doc_md="Checks every row, quarantines the bad, splits and stores the good.")
        def admit(delivery_id: str) -> dict[str, Any]:
            from ingest.journey import admit

            said = asdict(admit(Settings(), delivery_id))
            return {name: said[name] for name in ("delivery", "state", "received", "accepted", "quarantined")}

        admit(collect())
    return dag


def _page(feed: Feed) -> str:
    return f"""### {feed.title}
{feed.description}

**Whose:** {feed.authority}, {feed.owner} · **How:** {feed.transport.kind}, {feed.format} · **Due:** within
{feed.late_after_days} days of the quarter's end · **Refused whole** above {feed.rejection_threshold:.0%} bad rows

If it fails: the error says what, where, why and what to do; `dags/README.md` says the rest. A run that stopped half-way
goes on where it stopped: clear its task, or start the DAG again with the same partition key.
"""


for _feed in load_feeds(Settings().config).values():
    ingest_dag(_feed)
