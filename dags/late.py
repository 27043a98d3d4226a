"""Each morning: which feeds are late, and which quarters are to be linked without them."""

from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.assets import delivery
from dags.conduct import ARGUMENTS
from hub.feeds import Feed, load_feeds
from hub.settings import Settings

PAGE = """### Which feeds are late
**look** asks of each feed whether the last two quarters are in. It fails, and so tells those on duty (`alert_secret`),
for each feed that should have delivered by now: `late_after_days` of the feed's file. It will again tomorrow.

**without_...** announces a quarter of a feed that did not come within the `late_feed_wait_days` of the agreement, so
that `link` starts without it. The release then names the feed as missing. *Skipped* is the usual state: nothing to say.
If the delivery comes later, start `link` by hand with the quarter as partition key.
"""
_feeds = load_feeds(Settings().config)


def without(feed: Feed) -> None:
    """The task that gives a feed up for the quarters that were waited for long enough."""

    @task(task_id=f"without_{feed.name.replace('.', '_')}", outlets=[delivery(feed)])
    def announce(outlet_events: Any = None) -> list[str]:
        """Let these quarters be linked without the feed; only their names go on."""
        from linkage.reviewed.waiting import waited_out

        if not (quarters := waited_out(Settings(), feed.name)):
            raise AirflowSkipException("it is not to be given up for any quarter")
        outlet_events[delivery(feed)].add_partitions(quarters)
        return quarters

    announce()


with DAG(
    "late",
    description="Feeds that are late, and quarters that are linked without them",
    doc_md=PAGE,
    schedule=CronTriggerTimetable("0 7 * * *", timezone="Europe/London"),
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    tags=["watch"],
):

    @task(map_index_template="{{ task.op_kwargs['feed'] }}", doc_md="Fail if the feed is late.")
    def look(feed: str) -> None:
        """Fail with one sentence if the feed is late."""
        from ingest.lateness import hold_in_time

        hold_in_time(Settings(), feed)

    look.expand(feed=list(_feeds))
    for _feed in _feeds.values():
        without(_feed)
