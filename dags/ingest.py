"""One DAG for each feed under ``config/feeds``: fetch a quarter's delivery, then check, split and store it."""

from dataclasses import asdict
from typing import Any

from airflow.sdk import DAG, PartitionedAtRuntime, task

from dags.assets import delivery
from dags.conduct import ARGUMENTS, by_the_clock, parked, quarter_of, skipped_without_news
from dags.credentials import settings
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

        @task(pool=feed.authority)
        def collect(partition_key: str | None = None, dag_run: Any = None) -> str:
            """Fetch the quarter's pages and seal each as it arrives; goes on where a killed try stopped."""
            from ingest.journey import collect

            quarter = quarter_of(partition_key, dag_run.conf)
            with parked(), skipped_without_news(dag_run):
                return collect(settings(), feed.name, quarter, only_new=by_the_clock(dag_run))

        @task(outlets=[delivery(feed)])
        def admit(delivery_id: str) -> dict[str, Any]:
            """Check every row, quarantine the bad, split and store the good."""
            from ingest.journey import admit

            return _told(admit(Settings(), delivery_id))

        if feed.partitions == 1:
            admit(collect())  # type: ignore[arg-type]  # what collect gives is known when it has run
        else:
            _admit_in_partitions(feed, collect())
    return dag


def _admit_in_partitions(feed: Feed, delivery_id: Any) -> None:
    """Carry a delivery's checking and its tokens by several tasks side by side, on as many workers as there are."""
    partitions = feed.partitions

    @task
    def check(delivery_id: str, partition: int) -> None:
        """Check the rows of one partition, each by itself."""
        from ingest.partitions import check

        check(Settings(), delivery_id, partition, partitions)

    @task
    def settle(delivery_id: str) -> None:
        """Hold all rows against each other, quarantine the bad, and refuse the whole if too many are."""
        from ingest.partitions import settle

        settle(Settings(), delivery_id, partitions)

    @task
    def tokenise(delivery_id: str, partition: int) -> None:
        """Split the good rows of one partition into tokens and attributes."""
        from ingest.partitions import split

        split(Settings(), delivery_id, partition, partitions)

    @task(outlets=[delivery(feed)])
    def admit(delivery_id: str) -> dict[str, Any]:
        """Store what was split, and admit the delivery."""
        from ingest.partitions import keep_all

        return _told(keep_all(Settings(), delivery_id, partitions))

    each = list(range(partitions))
    checked = check.partial(delivery_id=delivery_id).expand(partition=each)
    split = tokenise.partial(delivery_id=delivery_id).expand(partition=each)
    checked >> settle(delivery_id) >> split >> admit(delivery_id)


def _told(admission: Any) -> dict[str, Any]:
    """Counts of an admission, fit for an XCom."""
    said = asdict(admission)
    return {name: said[name] for name in ("delivery", "state", "received", "accepted", "quarantined")}


def _page(feed: Feed) -> str:
    return f"""### {feed.title}
{feed.description}

| | |
| --- | --- |
| Whose | {feed.authority}: {feed.owner} |
| How | {feed.transport.kind}, {feed.format}; what each column is: `docs/feeds/{feed.name}.md` |
| When | {_when(feed)} |
| Due | within {feed.late_after_days} days of the quarter's end; after that the DAG `late` fails each morning |
| Usual | {feed.expected_rows[0]:,} to {feed.expected_rows[1]:,} rows a quarter; others are taken and remarked on |
| Refused whole | above {feed.rejection_threshold:.0%} bad rows |

**collect** fetches the quarter and seals each page as it comes. *Up for reschedule*: it is parked, because the partner
may not be asked at this hour, or because its systems did not answer several times (its circuit is open); the log's last
line says until when. *Skipped*: the clock started it, and the partner has nothing new. **admit** checks every row,
quarantines the bad and keeps the good as tokens and attributes.{_side_by_side(feed)}

**For another quarter:** *Trigger* with the partition key, such as `2026-Q3`. **For several:** *Trigger*, *Backfill*,
from the first day of the first quarter to that of the last. **If it fails:** the last line of the task's log says
what, where, why and what to do; `dags/README.md` says the rest. What was fetched is kept: clear the failed
task, or start the DAG again with the same partition key. Rows in quarantine: `hub quarantine list {feed.name}`.
"""


def _side_by_side(feed: Feed) -> str:
    if feed.partitions == 1:
        return ""
    return (
        f" Here that is four steps (`partitions: {feed.partitions}` in the feed's YAML): **check** and **tokenise** "
        "work on one partition each, side by side; **settle** holds all rows against each other; **admit** stores them."
    )


def _when(feed: Feed) -> str:
    starts = f"`{feed.schedule}` (London), for the quarter that ended last" if feed.schedule else "by hand"
    hours = (
        f"; the partner is asked from {feed.window.opens:%H:%M} to {feed.window.closes:%H:%M}" if feed.window else ""
    )
    return starts + hours


for _feed in load_feeds(Settings().config).values():
    ingest_dag(_feed)
