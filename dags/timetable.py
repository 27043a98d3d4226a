"""When an ingest DAG runs, and for which quarter: the partition key is always a quarter such as ``2026-Q3``.

A timetable runs inside the scheduler, so this module alone takes Airflow's own classes, as Airflow's documentation
on custom timetables has it; every other file of this folder imports from ``airflow.sdk``.
"""

from collections.abc import Iterable
from datetime import datetime, time

from airflow.exceptions import InvalidPartitionKeyError
from airflow.timetables.base import DagRunInfo
from airflow.timetables.trigger import CronPartitionTimetable
from pendulum import DateTime, instance

from hub.errors import ConfigurationError
from hub.periods import Quarter


class QuarterTimetable(CronPartitionTimetable):
    """Runs when the cron expression says, for the quarter that ended last before that day.

    By hand, through REST and by backfill it runs for any quarter. A partition's date is the quarter's first instant.
    """

    def _get_partition_date(self, *, run_date: DateTime) -> DateTime:
        return self._first_instant(Quarter.containing(run_date.in_timezone(self._timezone).date()).before())

    def _format_key(self, partition_date: DateTime) -> str:
        return str(Quarter.containing(partition_date.in_timezone(self._timezone).date()))

    def _decode_partition_date(self, partition_key: str) -> datetime:
        try:
            return self._first_instant(Quarter.parse(partition_key))
        except ConfigurationError as error:
            raise InvalidPartitionKeyError(str(error)) from None

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterable[DagRunInfo]:
        """One run for each quarter that begins between the two instants, both included: what a backfill makes."""
        first, last = self.localize_partition_datetime(earliest), self.localize_partition_datetime(latest)
        quarter = Quarter.containing(first.in_timezone(self._timezone).date())
        while (begins := self._first_instant(quarter)) <= last:
            if begins >= first:
                yield DagRunInfo(
                    run_after=begins, data_interval=None, partition_date=begins, partition_key=str(quarter)
                )
            quarter = quarter.next()

    def _first_instant(self, quarter: Quarter) -> DateTime:
        midnight = datetime.combine(quarter.starts_on, time())
        return instance(midnight, tz=self._timezone).in_timezone("UTC")
