"""Airflow's REST interface (api/v2), as one of its users."""

from collections.abc import Mapping
from typing import Any

import requests

from cli.runtime import configuration
from cli.runtime.errors import AirflowRefused
from hub.settings import Settings

Json = dict[str, Any]


class AirflowClient:
    """Requests to the Airflow of this home, in the name of ``admin``, ``engineer`` or ``ig``."""

    def __init__(self, settings: Settings, user: str = "engineer") -> None:
        self._settings, self._user = settings, user
        self._base = configuration.address(settings)
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment has no part in this

    def listening(self) -> bool:
        """Whether the API server takes connections already."""
        try:
            return self._session.get(f"{self._base}/api/v2/version", timeout=30).ok
        except requests.RequestException:
            return False

    def warm_up(self) -> None:
        """Ask the tasks' own interface once: it is built at its first request, which takes 4 s of a core or more.

        A task waits only so long for its first answer.
        """
        self._session.get(f"{self._base}/execution/health/ping", timeout=120)

    def health(self) -> Json:
        """What Airflow says of its parts; needs no user."""
        return self._ask("GET", "/api/v2/monitor/health")

    def dags(self, tag: str | None = None) -> list[Json]:
        """The DAGs, those with a tag if one is given."""
        found: list[Json] = self._get("/dags", limit=100, **({"tags": tag} if tag else {}))["dags"]
        return found

    def import_errors(self) -> list[Json]:
        """The DAG files that could not be read."""
        found: list[Json] = self._get("/importErrors")["import_errors"]
        return found

    def make_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool, or set its slots if it is there."""
        pool = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        body = {"actions": [{"action": "create", "entities": [pool], "action_on_existence": "overwrite"}]}
        self._call("PATCH", "/pools", body)

    def trigger_dag(self, dag_id: str, partition_key: str | None = None, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run, and return its id."""
        body = {"logical_date": None, "partition_key": partition_key, "conf": dict(conf or {})}
        run_id: str = self._call("POST", f"/dags/{dag_id}/dagRuns", body)["dag_run_id"]
        return run_id

    def runs(self, dag_id: str, partition_key: str | None = None) -> list[Json]:
        """The latest 100 runs of a DAG, newest first; those of one partition if a key is given."""
        found = self._get(f"/dags/{dag_id}/dagRuns", limit=100, order_by="-run_after")["dag_runs"]
        return [run for run in found if partition_key in (None, run["partition_key"])]

    def run(self, dag_id: str, run_id: str) -> Json:
        """One run."""
        return self._get(f"/dags/{dag_id}/dagRuns/{run_id}")

    def tasks(self, runs: Mapping[str, str]) -> list[Json]:
        """Every task of several runs (DAG id to run id) in one request."""
        body = {"dag_ids": list(runs), "dag_run_ids": list(runs.values()), "page_limit": 100}
        found: list[Json] = self._call("POST", "/dags/~/dagRuns/~/taskInstances/list", body)["task_instances"]
        return found

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of each task of a run, by task id."""
        found = self._get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=100)["task_instances"]
        return {task["task_id"]: task["state"] for task in found}

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        """What a task passed on."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self._get(path, deserialize="true")["value"]

    def answered(self, dag_id: str, run_id: str, task_id: str) -> bool:
        """Whether an approval has its answer."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        return bool(self._get(path)["response_received"])

    def respond(self, dag_id: str, run_id: str, task_id: str, choice: str) -> Json:
        """Answer an approval with one of its options."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        return self._call("PATCH", path, {"chosen_options": [choice], "params_input": {}})

    def _get(self, path: str, **query: Any) -> Json:
        return self._call("GET", path, query=query)

    def _call(self, method: str, path: str, body: Json | None = None, query: Json | None = None) -> Json:
        if "Authorization" not in self._session.headers:
            credentials = {"username": self._user, "password": configuration.password(self._settings, self._user)}
            token = self._ask("POST", "/auth/token", credentials)["access_token"]
            self._session.headers["Authorization"] = f"Bearer {token}"
        return self._ask(method, f"/api/v2{path}", body, query)

    def _ask(self, method: str, path: str, body: Json | None = None, query: Json | None = None) -> Json:
        try:
            answer = self._session.request(method, self._base + path, json=body, params=query, timeout=30)
        except requests.RequestException as error:
            raise self._refused(path, f"no answer ({type(error).__name__})") from None
        if not answer.ok:
            raise self._refused(path, f"HTTP {answer.status_code}: {_detail(answer)}")
        content: Json = answer.json() if answer.content else {}
        return content

    def _refused(self, path: str, why: str) -> AirflowRefused:
        return AirflowRefused(
            "Airflow did not do what was asked", where=self._base + path, why=why, fix="See run/airflow.log in the home"
        )


def _detail(answer: requests.Response) -> str:
    """Airflow's own words on an error; they quote ids and states, never a row."""
    try:
        return str(answer.json().get("detail", ""))[:300]
    except ValueError:
        return answer.reason
