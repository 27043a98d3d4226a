"""Watches requests to Airflow's REST interface for what no listener hears: refused answers, and edited values.

Airflow itself turns away an answer to the approval by anybody but the reviewer, and lets every operator edit what one
task passes on to the next. Neither publishes anything (``publish.built``), and both are logged.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dags.by_hand import ACTOR, record

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CHANGES = frozenset({"DELETE", "PATCH", "POST", "PUT"})
_DAGS = re.compile(r".*/api/v2/dags/.+")
_TASK = re.compile(
    r".*/api/v2/dags/(?P<dag>[^/]+)/dagRuns/(?P<run>[^/]+)/taskInstances/(?P<task>[^/]+)"
    r"/(?:-?[0-9]+/)?(?P<part>hitlDetails|xcomEntries)(?:/.*)?"
)
FORBIDDEN = 403


class Watch:
    """ASGI middleware: says whose request it is to ``by_hand``, and records those that the docstring above names."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unchanged, and record it, if it is one of those, before it is answered."""
        if scope["type"] != "http" or scope["method"] not in CHANGES or not _DAGS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        user = await _user(scope)

        async def sending(message: Scope) -> None:
            if message["type"] == "http.response.start" and user is not None:
                await _look(scope, message["status"])
            await send(message)

        before = ACTOR.set(user)
        try:
            await self._app(scope, receive, sending)
        finally:
            ACTOR.reset(before)


async def _user(scope: Scope) -> str | None:
    """The name of the user whose token the request carries; none if it carries no valid one."""
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException
    from starlette.requests import Request

    request = Request(scope)
    try:
        return str((await get_user(request, None, await bearer_scheme(request))).get_name())
    except HTTPException:  # Airflow answers such a request itself, with 401 or 403
        return None


async def _look(scope: Scope, status: int) -> None:
    from starlette.concurrency import run_in_threadpool

    found = _TASK.fullmatch(scope["path"])
    if found and (what := told(found["part"], found["task"], scope["method"], status)):
        names = {"dag": found["dag"], "task": found["task"], "run": found["run"]}
        await run_in_threadpool(lambda: record(what, **names, quarter=_quarter(found["dag"], found["run"])))


def told(part: str, task: str, method: str, status: int) -> str | None:
    """What a request was, if it is to be recorded: an edited value, or what was forbidden."""
    if part == "hitlDetails":
        return f"an answer to {task} by somebody who is not asked was refused" if status == FORBIDDEN else None
    if status == FORBIDDEN:
        return f"an edit ({method}) of what {task} passes on was refused"
    return f"what {task} passes on was edited ({method})" if status < 300 else None


def _quarter(dag: str, run: str) -> str | None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        key: str | None = session.scalar(select(DagRun.partition_key).filter_by(dag_id=dag, run_id=run))
    return key
