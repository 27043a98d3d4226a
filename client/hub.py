"""Releases as polars frames, by the hub's interface."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
import requests

ARROW = "application/vnd.apache.arrow.stream"
PATIENCE_S = (10, 300)  # to be let in; between two parts of an answer
Condition = tuple[str, str, Any]
"""A column, how it stands (eq, ne, lt, le, gt, ge, in, blank), and to what."""


class HubRefused(Exception):  # as the hub calls it
    """The hub refused a request: ``status`` in HTTP, and what it said."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(f"{title} ({status}). {detail}")


@dataclass
class Hub:
    """A hub at an address, read with a token for a purpose of the agreement; ``repr`` does not show the token."""

    url: str
    token: str = field(repr=False)
    purpose: str
    _session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self._session.headers["Authorization"] = f"Bearer {self.token}"

    def releases(self) -> pl.DataFrame:
        """Every release to you, the oldest first. What is withdrawn is not to be used: destroy your copies."""
        return pl.DataFrame(self.ask("GET", "/v1/releases").json()["releases"])

    def release(self, name: str | None = None) -> "Release":
        """A release by its name (2026-Q3-v1), the newest of a quarter (2026-Q3), or the newest of all."""
        known = self.ask("GET", "/v1/releases").json()["releases"]
        found = [
            each["name"]
            for each in known
            if each["state"] == "published" and name in {None, each["name"], each["quarter"]}
        ]
        if not found:
            if name in {each["name"] for each in known}:
                raise HubRefused(410, "The release was withdrawn", "Destroy your copies of it.")
            raise HubRefused(404, "There is no such release", "See Hub.releases().")
        return Release(self, found[-1])

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request; raises HubRefused with what the hub says."""
        answer = self._session.request(method, self.url + path, timeout=PATIENCE_S, **more)
        if answer.ok:
            return answer
        try:
            said = answer.json()
        except ValueError:
            said = {}
        title, detail = said.get("title", "The hub did not answer"), said.get("detail", "Try again later.")
        raise HubRefused(answer.status_code, title, detail)


@dataclass(frozen=True)
class Release:
    """One release."""

    hub: Hub
    name: str

    @property
    def manifest(self) -> dict[str, Any]:
        """What it was made of: inputs, missing feeds, linkage quality."""
        found: dict[str, Any] = self.hub.ask("GET", f"/v1/releases/{self.name}/manifest").json()
        return found

    def dictionary(self) -> pl.DataFrame:
        """What each column means: table, column, type, meaning."""
        tables = self.hub.ask("GET", f"/v1/releases/{self.name}/dictionary").json()["tables"]
        rows = [{"table": table["name"], **column} for table in tables for column in table["columns"]]
        return pl.DataFrame(rows).rename({"name": "column"})

    def table(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        where: Sequence[Condition] = (),
        limit: int | None = None,
    ) -> pl.DataFrame:
        """A table, or those of its columns and rows; the first ``limit`` rows, or all."""
        asked = {
            "purpose": self.hub.purpose,
            "where": [{"column": column, "is": how, "value": _written(value)} for column, how, value in where],
        } | ({"columns": list(columns)} if columns else {})
        more = {"limit": limit} if limit else {}
        path = f"/v1/releases/{self.name}/tables/{table}"
        answer = self.hub.ask("POST", path, json=asked | more, headers={"Accept": ARROW})
        return pl.read_ipc_stream(io.BytesIO(answer.content))

    def counts(
        self, table: str, by: Sequence[str] = (), where: Mapping[str, Sequence[Any]] | None = None
    ) -> pl.DataFrame:
        """How many there are, by up to three columns; rounded, and blank where they would be too few."""
        asked = {"purpose": self.hub.purpose, "by": list(by)} | (
            {"where": {name: [_written(value) for value in values] for name, values in where.items()}} if where else {}
        )
        path = f"/v1/releases/{self.name}/tables/{table}/counts"
        found = self.hub.ask("POST", path, json=asked).json()
        return pl.DataFrame(found["cells"], schema={**dict.fromkeys(by, pl.String), "count": pl.Int64}, orient="row")


def _written(value: Any) -> Any:
    if isinstance(value, (list, tuple, set)):
        return [_written(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
