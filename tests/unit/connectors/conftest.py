"""Every partner server, running in a thread of the test process for all tests of the connectors."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors import Connector, connect
from hub.feeds import Feed, load_feed
from hub.settings import Settings
from hub.transports import MeshTransport, SftpTransport
from partners.servers.serve import Plan, servers_of

TOKEN_S = 1


@dataclass(frozen=True)
class Served:
    """A hub's home that knows the running partners, and their folder."""

    settings: Settings
    folder: Path

    def feed(self, name: str, **transport: object) -> Feed:
        """The configured feed, with changes to its transport."""
        feed = load_feed(self.settings.config, name)
        return feed.model_copy(update={"transport": feed.transport.model_copy(update=transport)})

    def connect(self, name: str, settings: Settings | None = None, **transport: object) -> Connector:
        """A fresh connector of the feed, of files that settle soon and messages that are not sealed, if not said."""
        for kind, said in ((SftpTransport, {"settle_s": 0.2}), (MeshTransport, {"openpgp": None})):
            if isinstance(self.feed(name).transport, kind):
                transport = said | transport
        return connect(settings or self.settings, self.feed(name, **transport))


@pytest.fixture(scope="session")
def served(tiny_partners: Path, tmp_path_factory: pytest.TempPathFactory, serve_in_thread) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("hub")
    plan = Plan(folder=tiny_partners, hub_home=home, token_s=TOKEN_S)
    feeds = frozenset(servers_of(plan)) - {"witnesses"}  # these need the log's key, and connectors need no witness
    with serve_in_thread(replace(plan, servers=feeds)):
        yield Served(Settings(home=home), tiny_partners)


@pytest.fixture
def with_secret(served: Served, tmp_path: Path) -> Callable[[str, str], Settings]:
    """Settings of a home like the served one, but with one secret changed."""

    def changed(name: str, value: str) -> Settings:
        (tmp_path / "secrets").mkdir(exist_ok=True)
        for path in (served.settings.home / "secrets").iterdir():
            (tmp_path / "secrets" / path.name).write_bytes(path.read_bytes())
        (tmp_path / "local.yaml").write_bytes((served.settings.home / "local.yaml").read_bytes())
        (tmp_path / "secrets" / name).write_text(value, encoding="utf-8")
        return Settings(home=tmp_path)

    return changed


@dataclass(frozen=True)
class Asked:
    """One question that a scripted partner was asked."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    at_s: float


class Partner(ThreadingHTTPServer):
    """A partner over HTTP that answers as a test has it: with JSON, or with status, headers and body."""

    answer: Callable[[Asked], object]
    asked: list[Asked]

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(parts.path, fields, dict(self.headers), time.monotonic())
        self.server.asked.append(asked)
        said = self.server.answer(asked)
        status, headers, body = said if isinstance(said, tuple) else (200, {}, said)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        own = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in (own | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.path += "?" + self.rfile.read(length).decode()
        self.do_GET()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def partners() -> Iterator[Callable[[], Partner]]:
    """Scripted partners, as many as are asked for."""
    running: list[tuple[Partner, threading.Thread]] = []

    def another() -> Partner:
        server = Partner(("127.0.0.1", 0), _Handler)
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server

    yield another
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def partner(partners: Callable[[], Partner]) -> Partner:
    """One scripted partner."""
    return partners()
