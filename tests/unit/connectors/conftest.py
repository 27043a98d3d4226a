"""Every partner server, running in a thread of the test process for all tests of the connectors."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.feeds import Feed, load_feed
from hub.settings import Settings
from partners.servers.serve import Plan, serving

TOKEN_S = 2


@dataclass(frozen=True)
class Served:
    """A hub's home that knows the running partners, and their folder."""

    settings: Settings
    folder: Path

    def feed(self, name: str, **transport: object) -> Feed:
        """The configured feed, with changes to its transport."""
        feed = load_feed(self.settings.config, name)
        return feed.model_copy(update={"transport": feed.transport.model_copy(update=transport)})


@pytest.fixture(scope="session")
def served(tiny_partners: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("hub")
    plan = Plan(folder=tiny_partners, hub_home=home, token_s=TOKEN_S)
    started, end = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    async def serve() -> None:
        async with serving(plan, lambda _: None):
            started.set()
            await asyncio.to_thread(end.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001  # raised again below
            problems.append(error)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(60)
    if problems:
        raise problems[0]
    yield Served(Settings(home=home), tiny_partners)
    end.set()
    thread.join(30)


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
