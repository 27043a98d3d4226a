"""Every partner server, running in a thread of the test process for all tests of the connectors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors import Connector, connect
from hub.feeds import Feed, SftpTransport, load_feed
from hub.settings import Settings
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
        """A fresh connector of the feed; one of files does not wait long for them to settle."""
        if isinstance(self.feed(name).transport, SftpTransport):
            transport = {"settle_s": 0.2} | transport
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
