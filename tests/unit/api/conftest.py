"""A small hub whose release is published and served on this machine, and tokens for it."""

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import URL, make_url

from api.app import create
from api.issuing import Issued, issue
from hub import database
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.services import Service
from publish.appointing import new_key
from publish.candidate import build_candidate
from publish.publication import publish
from tests.agreed import agree
from tests.conftest import copied_database
from tests.unit.publish.small_hub import GRANTED, OFFICER, Q3, Hub

ANALYSTS, OTHERS, RELEASE, THEIRS = "partnership_analysts", "police_analysts", "2026-Q3-v1", "2026-Q3-v2"


@dataclass(frozen=True)
class Served:
    """A hub whose releases are served: what there is, and how it is asked."""

    hub: Hub
    url: str
    app: FastAPI

    def issue(self, reader: str = "anna", **said: Any) -> Issued:
        given = {"recipient": ANALYSTS, "purposes": ["strategy"]} | said
        return issue(self.hub.settings, open_ring(self.hub.settings, Service.ISSUER), reader, **given)

    def ask(
        self, path: str, token: str | None = None, method: str = "GET", headers: Mapping[str, str] = {}, **more: Any
    ) -> requests.Response:
        """One request; with a token of its own unless another one is given ("": none)."""
        shown = self.issue().token if token is None else token
        said = ({"Authorization": f"Bearer {shown}"} if shown else {}) | dict(headers)
        return requests.request(method, self.url + path, headers=said, timeout=60, **more)

    def table(self, table: str = "event", **asked: Any) -> requests.Response:
        """Rows of the release."""
        more = {name: asked.pop(name) for name in ("token", "headers") if name in asked}
        release = asked.pop("release", RELEASE)
        body = {"purpose": "strategy"} | asked
        return self.ask(f"/v1/releases/{release}/tables/{table}", method="POST", json=body, **more)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of an application that answers on this machine, as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, server_header=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def published_once(postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that is filled once: what each file of tests has a copy of. Its home is kept beside it, as it was then."""
    home = tmp_path_factory.mktemp("served") / "home"
    with copied_database(postgres_url, "template_hub") as url:
        hub = _published(Settings(home=home, database_url=url, commit="0" * 40, config=home / "config"))
        shutil.copytree(home, home.with_name("kept"))
        database.engine(hub.settings).dispose()
        yield hub


@pytest.fixture(scope="module")
def served(published_once: Hub, postgres_url: URL) -> Iterator[Served]:
    """Made once for a file of tests; a test that changes what others read puts it back."""
    home, template = published_once.settings.home, make_url(published_once.settings.database_url).database
    shutil.rmtree(home)
    shutil.copytree(home.with_name("kept"), home)
    with copied_database(postgres_url, template) as url:
        own = published_once.settings.model_copy(update={"database_url": url})
        hub = replace(published_once, settings=own, ring=open_ring(own, Service.CUSTODIAN))
        app = create(own, open_ring(own, Service.CONSOLE))
        with serving(app) as address:
            yield Served(hub, address, app)
        database.engine(own).dispose()


def _published(settings: Settings) -> Hub:
    shutil.copytree(PROJECT / "config", settings.config)
    agree(settings.agreement_path, _grant)
    private, public = new_key()
    hub = Hub(settings, create_ring(settings), private)
    hub.appoint(OFFICER, public)
    hub.fill()
    for recipient in (ANALYSTS, OTHERS):
        release = build_candidate(settings, hub.ring, Q3, recipient).release
        hub.decide(release)
        publish(settings, hub.ring, release)
    return hub


def _grant(terms: dict[str, Any]) -> None:
    analysts = terms["recipients"][ANALYSTS]
    analysts["tables"] = GRANTED
    terms["recipients"][OTHERS] = analysts | {"tables": {"event": {"columns": ["event_id", "event_type"]}}}


@pytest.fixture
def kept(served: Served) -> Iterator[Path]:
    """The agreement's file, which the test may change: afterwards it is as before, and so are its signatures."""
    folder = served.hub.settings.config
    before = {path: path.read_bytes() for path in folder.glob("agreement*")}
    yield served.hub.settings.agreement_path
    for path, content in before.items():
        path.write_bytes(content)
