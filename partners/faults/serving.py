"""The partners of a house: real servers, each behind what makes it fail."""

import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mesh_client import MeshClient
from sqlalchemy.engine import make_url

from hub.periods import Quarter
from hub.settings import Settings
from keys.home import open_source_ring
from partners.faults import sources, wire
from partners.faults.applications import application
from partners.faults.files import HandedFile
from partners.faults.kinds import WAYS, Fault, Way
from partners.faults.stage import Lasting, Stage, locked_out, unaccepted
from partners.faults.table import Table
from partners.faults.web import Faulty, Script, Upstream
from partners.faults.wire import Wire
from partners.layout import extract_path, extracts_held
from partners.servers import council, health, outgoing, sftp
from partners.servers.credentials import password
from partners.servers.http import running
from partners.servers.offer import Offer
from partners.servers.serve import hand_over
from pseudonymise.source import encode_at_source

QUARTER = Quarter(2026, 3)
MOST = {  # rows of a feed in a trial: enough for some pages, and no more, since every page costs
    "fire.fire_setter_referrals": 22,
    "probation.supervision": 22,
    "police.street_crime": 25,
    "police.recorded_crime": 60,
    "yot.cases": 24,
    "fire.incidents": 40,
    "health.emergency_care": 30,
    "council.exclusions": 22,
    "council.marac": 22,
}
_CHUNK = re.compile(rf"/messageexchange/{health.HUB_MAILBOX}/inbox/([^/]+)(?:/(\d+))?")
_CHUNK_BYTES = 30_000
_TABLES = {"council.exclusions": "exclusions", "council.marac": "marac_referrals"}


@asynccontextmanager
async def staged(partners: Path, home: Path) -> AsyncIterator[list[Stage]]:
    """A stage for every way, until the block ends; the home has what is needed to log in."""
    _cut(partners)
    async with AsyncExitStack() as stack:
        offers: dict[str, Offer] = {}
        for server in (
            council.serve(partners),
            health.serve(partners, Settings(home=home)),
            outgoing.drop(partners, "fire", ["fire.incidents"]),
        ):
            offer = await stack.enter_async_context(server)
            hand_over(home, [offer])
            offers |= dict.fromkeys(offer.endpoints, offer)
        yield [await _Setting(partners, home, offers, stack, way).stage() for way in WAYS]


def _cut(partners: Path) -> None:
    """Leave a few rows in each extract."""
    for feed, most in MOST.items():
        for path in extracts_held(partners, feed).values():
            content = path.read_bytes()
            if path.suffix == ".json":
                path.write_text(json.dumps(json.loads(content)[:most]), encoding="utf-8")
            elif path.suffix == ".csv":
                path.write_bytes(sources.write_csv(sources.read_csv(content)[:most]))
            else:
                path.write_bytes(sources.write_xml(sources.read_xml(content)[:most], str(QUARTER)))


@dataclass(frozen=True)
class _Setting:
    """Sets up one way's stage."""

    partners: Path
    home: Path
    offers: dict[str, Offer]
    stack: AsyncExitStack
    way: Way

    async def stage(self) -> Stage:
        match self.way.server:
            case "fire" | "probation" | "street crime":
                return await self._web()
            case "mesh":
                return await self._mesh()
            case "fire drop":
                folder = Path(self.offers[self.way.feed].endpoints[self.way.feed])
                source = self._handed(folder)
                return Stage(self.way, str(folder), source, lasting=_of_files(source))
            case "council":
                return await self._table()
            case _:
                return await self._sftp()

    async def _web(self) -> Stage:
        script, made = Script(), application(self.partners, self.way)
        hand_over(self.home, [Offer(self.way.name, "", {}, made.secrets)])
        url = await self.stack.enter_async_context(running(Faulty(made.app, script, _page), 0, dated=False))
        paths = list(extracts_held(self.partners, self.way.feed).values())
        source = sources.JsonFile(self.way, paths[len(paths) // 2], paths)
        lasting: dict[Fault, Lasting] = {fault: _whenever(begin) for fault, begin in made.lasting.items()}
        lasting[Fault.REVOKED] = lambda _: locked_out(script)
        return Stage(self.way, url, source, script, acts=made.acts, lasting=lasting)

    async def _mesh(self) -> Stage:
        script, upstream = Script(), self.offers[self.way.feed].endpoints[self.way.feed]
        app = Faulty(Upstream(upstream), script, _chunk)
        url = await self.stack.enter_async_context(running(app, 0, dated=False))
        clear = extract_path(self.partners, self.way.feed, str(QUARTER)).read_bytes()
        body = encode_at_source(clear, self.way.feed, open_source_ring(Settings(home=self.home)), QUARTER)
        post = Post(self.partners, upstream)
        post.clear()
        source = sources.Messages(self.way, body, post.send, post.clear)
        return Stage(self.way, url, source, script, lasting={Fault.REVOKED: lambda _: locked_out(script)})

    async def _sftp(self) -> Stage:
        authority, reads, held = self.way.feed.partition(".")[0], list[int](), Wire()
        name = os.fsencode(extract_path(self.partners, self.way.feed, str(QUARTER)).name)

        class Noting(sftp.ReadOnly):
            """Notes what is read of the quarter's file."""

            def read(self, file_obj: Any, offset: int, size: int) -> Any:
                if file_obj.name.endswith(name):
                    reads.append(offset)
                return super().read(file_obj, offset, size)

        offer = await self.stack.enter_async_context(
            sftp.serve(self.partners, authority, [self.way.feed], files=Noting)
        )
        hand_over(self.home, [offer])
        host, _, port = offer.endpoints[self.way.feed].rpartition(":")
        place = f"127.0.0.1:{await self.stack.enter_async_context(wire.tcp(host, int(port), held))}"
        source = self._handed(self.partners / "sftp" / authority / "outgoing")
        secret = self.home / "secrets" / f"{authority}_sftp_private_key"
        lasting = _of_files(source) | {Fault.REVOKED: lambda _: unaccepted(secret)}
        return Stage(self.way, place, source, wire=held, lasting=lasting, reads=reads)

    def _handed(self, folder: Path) -> HandedFile:
        path = folder / extract_path(self.partners, self.way.feed, str(QUARTER)).name
        if path.suffix == ".xml":
            return HandedFile(self.way, path, sources.read_xml, partial(sources.write_xml, quarter=str(QUARTER)))
        return HandedFile(self.way, path, sources.read_csv, sources.write_csv)

    async def _table(self) -> Stage:
        url = make_url(self.offers[self.way.feed].endpoints[self.way.feed])
        held, folder = Wire(), Path(str(url.query["host"]))
        before = self.home.parent / f"sql{WAYS.index(self.way)}"
        before.mkdir()
        name = ".s.PGSQL.5432"
        await self.stack.enter_async_context(wire.unix(folder / name, before / name, held))
        owner = f"host={folder} dbname={url.database} user=postgres"
        table = Table(self.way, owner, _TABLES[self.way.feed], MOST[self.way.feed], str(QUARTER))
        table.prepare()
        place = url.update_query_dict({"host": str(before)}).render_as_string()
        secret = self.home / "secrets" / "council_database_password"
        lasting: dict[Fault, Lasting] = {
            Fault.REVOKED: lambda _: unaccepted(secret),
            Fault.CLOCK_SKEW: lambda _: table.skew(),
        }
        return Stage(self.way, place, table, wire=held, lasting=lasting)


@dataclass(frozen=True)
class Post:
    """The hospital's sending, and the hub's mailbox emptied, both past what makes it fail."""

    partners: Path
    url: str

    def send(self, body: bytes) -> None:
        """Send the quarter's message."""
        name = f"emergency_care_{QUARTER}.ndjson"
        with self._mailbox(health.HOSPITAL_MAILBOX, "health_mesh_hospital_password") as mailbox:
            mailbox.send_message(health.HUB_MAILBOX, body, workflow_id=health.WORKFLOW, filename=name, subject=name)

    def clear(self) -> None:
        """Take all messages out of the hub's mailbox, as MESH does when they expire."""
        with self._mailbox(health.HUB_MAILBOX, "health_mesh_password") as mailbox:
            for identifier in list(mailbox.iterate_message_ids()):
                mailbox.acknowledge_message(identifier)

    def _mailbox(self, name: str, secret: str) -> MeshClient:
        shared, own = password(self.partners, "health_mesh_shared_key").encode(), password(self.partners, secret)
        return MeshClient(self.url, name, own, shared_key=shared, max_chunk_size=_CHUNK_BYTES)


def _of_files(source: HandedFile) -> dict[Fault, Lasting]:
    return {
        Fault.HALF_WRITTEN: lambda chance: source.grow(chance.uniform(0.05, 0.8)),
        Fault.TRUNCATED: lambda _: source.shorten(),
        Fault.WRONG_HASH: lambda _: source.confuse(),
        Fault.CLOCK_SKEW: lambda chance: source.skew(chance.choice((-1, 1))),
    }


def _whenever(begin: Any) -> Lasting:
    return lambda _: begin()


def _page(path: str, query: str) -> str:
    return f"{path}?{query}"


def _chunk(path: str, _query: str) -> str | None:
    found = _CHUNK.fullmatch(path)
    return f"{found[1]}/{found[2] or 1}" if found else None
