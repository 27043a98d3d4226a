"""The rules of asking again, against a server that answers what it is told to."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from connectors.errors import ConnectionFailed, WrongAnswer
from connectors.http import Answer, Patience, ask, retry_after
from connectors.rate import Spacing

QUICK = Patience(attempts=3, first_wait_s=0.01, longest_wait_s=2, timeout_s=(0.5, 0.5))


class Scripted(ThreadingHTTPServer):
    """Gives one prepared answer after the other; the last one again and again. None: hang up."""

    answers: list[tuple[int, dict[str, str]] | None]
    asked = 0


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers = self.server.answers
        answer = answers[min(self.server.asked, len(answers) - 1)]
        self.server.asked += 1
        if answer is None:
            self.close_connection = True
            return
        status, headers = answer
        self.send_response(status)
        for name, value in ({"Content-Length": "2"} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _ask(server: Scripted, patience: Patience = QUICK, spacing: Spacing | None = None) -> Answer:
    url = f"http://127.0.0.1:{server.server_port}/"
    timeout = patience.timeout_s
    return ask(
        lambda: requests.get(url, timeout=timeout, allow_redirects=False, stream=True), "test", patience, spacing
    )


@pytest.mark.parametrize(
    "trouble", [(500, {}), (503, {}), (429, {}), None, (200, {"Content-Length": "9"})],
    ids=["500", "503", "429", "hung up", "broken off"],
)  # fmt: skip
def test_a_passing_trouble_is_asked_through(scripted, trouble) -> None:
    scripted.answers = [trouble, trouble, (200, {})]
    assert _ask(scripted).body == b"[]"
    assert scripted.asked == 3


def test_the_asking_ends_when_patience_does(scripted) -> None:
    scripted.answers = [(503, {})]
    with pytest.raises(ConnectionFailed, match="503"):
        _ask(scripted)
    assert scripted.asked == QUICK.attempts


def test_a_wait_that_the_partner_asks_for_is_kept(scripted) -> None:
    scripted.answers = [(429, {"Retry-After": "1"}), (200, {})]
    began = time.monotonic()
    _ask(scripted)
    assert time.monotonic() - began >= 1


def test_a_wait_longer_than_patience_ends_the_asking_at_once(scripted) -> None:
    scripted.answers = [(503, {"Retry-After": "3600"})]
    with pytest.raises(ConnectionFailed, match="3600 s"):
        _ask(scripted)
    assert scripted.asked == 1


def test_a_redirect_is_not_followed(scripted) -> None:
    scripted.answers = [(302, {"Location": f"http://127.0.0.1:{scripted.server_port}/elsewhere"})]
    with pytest.raises(WrongAnswer, match="302"):
        _ask(scripted)
    assert scripted.asked == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Oct 2026 00:01:00 GMT", 60.0),
        ("Wed, 30 Sep 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_both_forms_of_retry_after_are_read(header, seconds) -> None:
    assert retry_after({"Retry-After": header}, datetime(2026, 10, 1, tzinfo=UTC)) == seconds
