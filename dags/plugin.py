"""What the hub adds to Airflow itself; Airflow finds it by the entry point ``airflow.plugins``."""

from airflow.plugins_manager import AirflowPlugin

from dags.timetable import QuarterTimetable


class SaferHub(AirflowPlugin):
    """Makes the quarterly timetable known to the scheduler."""

    name = "safer_hub"
    timetables = [QuarterTimetable]  # noqa: RUF012 - Airflow wants a list
