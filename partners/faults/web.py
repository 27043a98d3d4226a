"""Stands before a partner's HTTP application, and fails as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import requests

from partners.faults.kinds import Fault

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
STALL_S = 1.4  # longer than the hub of a trial waits for an answer
_SKEW = timedelta(hours=1)
_HOP = frozenset({"host", "content-length", "connection", "transfer-encoding", "content-encoding", "date", "server"})


class _Cut(Exception):
    """The server drops the connection."""


@dataclass(frozen=True)
class Strike:
    """A trouble, and what is done at the partner for it, such as to change its data."""

    fault: Fault
    act: Callable[[], None] = lambda: None
    wait_s: int = 1  # what Retry-After says


@dataclass
class Script:
    """What is to go wrong: at the nth request from 0. ``answered``: the places that were answered in full, in order."""

    strikes: dict[int, Strike] = field(default_factory=dict)
    revoked: bool = False
    requests: int = 0
    answered: list[str] = field(default_factory=list)
    latest: tuple[Message, bytes] | None = None

    def begin(self, strikes: dict[int, Strike] | None = None) -> None:
        """Forget what was, for another round."""
        self.strikes, self.revoked, self.requests, self.answered, self.latest = strikes or {}, False, 0, [], None

    def next(self) -> Strike | None:
        """The trouble of the request at hand, which then is over."""
        self.requests += 1
        return self.strikes.pop(self.requests - 1, None)


class Faulty:
    """An ASGI application that hands each request on to another. ``place`` tells a page's request from the others."""

    def __init__(self, app: Application, script: Script, place: Callable[[str, str], str | None]) -> None:
        self.app, self.script, self.place = app, script, place

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or fail to."""
        if self.script.revoked:
            await _answer(send, {"type": "http.response.start", "status": 401, "headers": []}, b"{}")
            return
        strike, body = self.script.next(), await _body(receive)
        if strike is not None:
            await asyncio.to_thread(strike.act)
            if refusal := _refusal(strike):
                await _answer(send, refusal, b"{}")
                return
        fault = None if strike is None else strike.fault
        before = self.script.latest
        start, content = await _answered(self.app, scope, body)
        if fault is Fault.TIMEOUT:
            await asyncio.sleep(STALL_S)
        if fault is Fault.DUPLICATE_PAGE and before is not None and scope["method"] == "GET":
            start, content = before
        await _answer(send, start, content, cut=fault is Fault.RESET)
        place = self.place(scope["path"], scope["query_string"].decode()) if scope["method"] == "GET" else None
        if place is not None and start["status"] == 200 and fault is not Fault.TIMEOUT:
            self.script.answered.append(place)
            self.script.latest = start, content


class Upstream:
    """An ASGI application that asks another server, of another process."""

    def __init__(self, url: str) -> None:
        self.url, self._session = url, requests.Session()
        self._session.trust_env = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand on one request and its answer."""
        answer = await asyncio.to_thread(self._ask, scope, await _body(receive))
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        start = {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        await _answer(send, start, answer.content)

    def _ask(self, scope: Message, body: bytes) -> requests.Response:
        headers = {name.decode(): value.decode() for name, value in scope["headers"] if name.decode() not in _HOP}
        query = scope["query_string"].decode()
        url = f"{self.url}{scope['raw_path'].decode()}" + (f"?{query}" if query else "")
        return self._session.request(
            scope["method"], url, headers=headers, data=body, timeout=30, allow_redirects=False
        )


def _refusal(strike: Strike) -> Message | None:
    """The beginning of an answer that refuses; None: the request is answered."""
    match strike.fault:
        case Fault.TOO_MANY:
            status, headers = 429, {"retry-after": str(strike.wait_s)}
        case Fault.CLOCK_SKEW:
            status, headers = 429, _by_a_fast_clock(strike.wait_s)
        case Fault.SERVER_ERROR:
            status, headers = 500, {}
        case _:
            return None
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def _by_a_fast_clock(wait_s: int) -> dict[str, str]:
    """What a server says whose clock is fast: by its own date, to come back in a second or so."""
    there = datetime.now(UTC) + _SKEW
    back = there + timedelta(seconds=wait_s)
    return {"date": format_datetime(there, usegmt=True), "retry-after": format_datetime(back, usegmt=True)}


async def _answered(app: Application, scope: Message, body: bytes) -> tuple[Message, bytes]:
    """What the application answers, held back."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    return said[0], b"".join(message.get("body", b"") for message in said[1:])


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _answer(send: Send, start: Message, body: bytes, *, cut: bool = False) -> None:
    kept = [(name, value) for name, value in start["headers"] if name.decode() not in _HOP - {"date"}]
    await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
    if cut:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise _Cut
    await send({"type": "http.response.body", "body": body})
