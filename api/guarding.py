"""What stands before and behind every answer: how long a request may be, and what browsers are told."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

LONGEST_BODY = 64 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """An application behind these rules: a body is no longer than 64 KiB, and every answer has the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        body = await _whole(receive)
        if body is None:
            why = f"Its body is longer than {LONGEST_BODY} bytes. Ask for less at once."
            await problem(413, "The request is refused", why)(scope, receive, told)
            return
        await self._app(scope, _again(body, receive), told)


async def _whole(receive: Receive) -> Message | None:
    """A request's body, as one message; None if it is too long, and then no more of it is read."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > LONGEST_BODY:
            return None
        if not message.get("more_body"):
            return {"type": "http.request", "body": body, "more_body": False}


def _again(body: Message, receive: Receive) -> Receive:
    """The body first, then whatever else comes."""
    waiting = [body]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
