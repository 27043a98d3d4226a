"""A reverse proxy before a partner's HTTP server, which fails as it is told."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests

from partners.faults.kinds import Fault

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
STALL_S = 2.5  # longer than the hub of a trial waits for an answer
_SKEW = timedelta(hours=1)
_OWN = frozenset({"host", "content-length", "connection", "transfer-encoding", "content-encoding", "date", "server"})
_REFUSALS: dict[Fault | None, tuple[int, dict[str, str]]] = {
    Fault.TOO_MANY: (429, {"retry-after": "1"}),
    Fault.CLOCK_SKEW: (429, {}),
    Fault.SERVER_ERROR: (500, {}),
    Fault.EXPIRED_TOKEN: (401, {}),
}


class _Cut(Exception):
    """The server drops the connection."""


@dataclass
class Script:
    """What is to go wrong: a trouble for the nth question for data, from 0. ``asked``: those answered in full."""

    troubles: dict[int, Fault] = field(default_factory=dict)
    revoked: bool = False
    asked: list[str] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def begin(self, troubles: dict[int, Fault]) -> None:
        """Forget what was, for another trial."""
        self.troubles, self.revoked, self.asked, self._numbers = troubles, False, [], itertools.count()

    def furthest(self) -> int:
        """The place, from 0, of the furthest page that was answered in full; -1: none was."""
        pages = [int(fields["page"]) for fields in map(dict, map(parse_qsl, self.asked)) if "page" in fields]
        return len({*pages}) - 1

    def next(self) -> Fault | None:
        """The trouble of the question at hand, which then is over."""
        return self.troubles.pop(next(self._numbers), None)


class Faulty:
    """An ASGI application that hands each request on to ``upstream``. Questions for tokens are never disturbed."""

    def __init__(self, upstream: str, script: Script) -> None:
        self.upstream, self.script = upstream, script

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or fail to."""
        body = await _body(receive)
        if scope["method"] != "GET":
            await _hand_back(send, await asyncio.to_thread(self._ask, scope, scope["query_string"].decode(), body))
            return
        fault = Fault.EXPIRED_TOKEN if self.script.revoked else self.script.next()
        if fault in _REFUSALS:
            status, headers = _REFUSALS[fault]
            await _answer(send, status, b"{}", headers | _dated(fault))
            return
        query = asked = scope["query_string"].decode()
        if fault is Fault.TIMEOUT:
            await asyncio.sleep(STALL_S)
        if fault is Fault.DUPLICATE_PAGE:
            query = _page_before(query)
        await _hand_back(send, await asyncio.to_thread(self._ask, scope, query, body), cut=fault is Fault.RESET)
        self.script.asked.append(asked)

    def _ask(self, scope: Message, query: str, body: bytes) -> requests.Response:
        headers = {name.decode(): value.decode() for name, value in scope["headers"] if name.decode() not in _OWN}
        url = f"{self.upstream}{scope['raw_path'].decode()}" + (f"?{query}" if query else "")
        with requests.Session() as session:
            session.trust_env = False
            return session.request(scope["method"], url, headers=headers, data=body, timeout=30, allow_redirects=False)


def _dated(fault: Fault | None) -> dict[str, str]:
    """What a server says whose clock is fast: by its own date, to come back in a second."""
    there = datetime.now(UTC) + _SKEW
    back = there + timedelta(seconds=1)
    said = {"date": format_datetime(there, usegmt=True), "retry-after": format_datetime(back, usegmt=True)}
    return said if fault is Fault.CLOCK_SKEW else {}


def _page_before(query: str) -> str:
    fields = dict(parse_qsl(query))
    return urlencode(fields | {"page": str(int(fields["page"]) - 1)})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _hand_back(send: Send, answer: requests.Response, *, cut: bool = False) -> None:
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _OWN}
    await _answer(send, answer.status_code, answer.content, headers, cut=cut)


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in (headers | {"content-length": str(len(body))}).items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    if cut:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise _Cut
    await send({"type": "http.response.body", "body": body})
