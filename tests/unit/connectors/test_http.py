"""The rules of asking again, against a server that answers what it is told to."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.errors import ConnectionFailed, UntrustedServer, WrongAnswer
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
        self.send_response_only(status)
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


def test_a_wait_longer_than_patience_ends_the_asking_at_once_and_says_until_when(scripted) -> None:
    scripted.answers = [(503, {"Retry-After": "3600"})]
    with pytest.raises(ConnectionFailed, match="3600 s") as refused:
        _ask(scripted)
    assert scripted.asked == 1
    assert abs(refused.value.again_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)


def test_a_partner_whose_clock_is_wrong_is_waited_for_as_long_as_it_means(scripted) -> None:
    """By the hub's own clock its date lies an hour ahead, longer than the hub is patient."""
    there = datetime.now(UTC) + timedelta(hours=1)
    dated = {"Date": format_datetime(there, usegmt=True)}
    back = dated | {"Retry-After": format_datetime(there + timedelta(seconds=1), usegmt=True)}
    scripted.answers = [(429, back), (200, {})]
    began = time.monotonic()
    _ask(scripted)
    assert 0.9 <= time.monotonic() - began < 5
    assert scripted.asked == 2


def test_each_try_waits_for_its_turn(scripted) -> None:
    scripted.answers = [(503, {}), (503, {}), (200, {})]
    turns = []

    class Counting(Spacing):
        def wait(self) -> None:
            turns.append(scripted.asked)

    _ask(scripted, spacing=Counting())
    assert turns == [0, 1, 2]


def test_waits_grow_and_are_not_the_same_for_all(scripted, monkeypatch) -> None:
    """Hubs that failed together do not come back together."""
    waits: list[list[float]] = []

    def note(seconds: float) -> None:
        waits[-1].append(seconds)

    monkeypatch.setattr("tenacity.nap.time.sleep", note)
    scripted.answers = [(503, {})]
    patience = Patience(attempts=5, first_wait_s=0.5, longest_wait_s=60, timeout_s=(1, 1))
    for _ in range(3):
        waits.append([])
        with pytest.raises(ConnectionFailed):
            _ask(scripted, patience)
    for tried in waits:
        assert all(least <= wait <= least + 0.5 for least, wait in zip((0.5, 1, 2, 4), tried, strict=True))
    assert len({tuple(tried) for tried in waits}) == 3


def test_a_server_whose_certificate_does_not_hold_is_not_tried_again(tmp_path) -> None:
    with serving_tls(tmp_path) as (url, greeted), pytest.raises(UntrustedServer) as refused:
        ask(lambda: requests.get(url, timeout=QUICK.timeout_s, stream=True), "test", QUICK)
    assert not refused.value.transient
    assert greeted == [1]


@contextmanager
def serving_tls(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A server with a certificate that nobody vouches for, and how often it was greeted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    named = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = named.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    pem = dated.sign(key, SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(pem + secret)
    context, greeted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), [0]
    context.load_cert_chain(folder / "server.pem")

    def greet(listening: socket.socket) -> None:
        listening.settimeout(10)
        with listening.accept()[0] as spoken, suppress(OSError):
            greeted[0] += 1
            context.wrap_socket(spoken, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=greet, args=(listening,))
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/", greeted
        thread.join(10)


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


def test_a_date_counts_from_the_partners_own() -> None:
    headers = {"Retry-After": "Thu, 01 Oct 2026 00:01:00 GMT", "Date": "Thu, 01 Oct 2026 00:00:30 GMT"}
    assert retry_after(headers, datetime(2031, 1, 1, tzinfo=UTC)) == 30.0
