"""What the hub adds to Airflow itself; Airflow finds it by the entry point ``airflow.plugins``."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from dags import listener
from dags.timetable import QuarterTimetable
from dags.watch import Watch

PREFIX = "/safer-hub"


class SaferHub(AirflowPlugin):
    """Makes the quarterly timetable known, shows the reviewer's pages in Airflow, and logs what is done by hand."""

    name = "safer_hub"
    timetables = [QuarterTimetable]  # noqa: RUF012 - Airflow wants a list
    listeners = [listener]  # noqa: RUF012
    fastapi_root_middlewares = [{"name": "watch", "middleware": Watch}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Review",
            "href": f"{PREFIX[1:]}/",  # relative to the page's base, which has the path that Airflow is served under
            "url_route": PREFIX[1:],
            "destination": "nav",
            "nav_top_level": True,
        }
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]  # Airflow asks the instance
        """The console behind Airflow's own user, who may have any role.

        Every process of Airflow reads this file, and only the API server asks for this: so it is made when asked for.
        """
        from airflow.api_fastapi.core_api.security import get_user

        from console.app import create

        return [{"name": self.name, "app": create(get_user), "url_prefix": PREFIX}]
