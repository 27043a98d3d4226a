"""A small hub with a candidate, and a browser of its pages that is signed in, or is nobody."""

import re
import socket
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

import pytest
import requests
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import text

from agreement.policy import load_agreement
from agreement.witnesses import witnesses
from audit.checkpoint import Signature
from audit.cosignatures import cosigned_message
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.statements import add_cosignature, newest_checkpoint
from console.app import create
from hub.clock import now
from hub.database import transaction
from keys.home import log_signer
from tests.agreed import WITNESS_KEYS
from tests.unit.publish import conftest as publishing
from tests.unit.publish.small_hub import Hub

PAGES = ("/", "/entries", "/entries/0", "/proof", "/releases", "/unusual", "/agreement")
SIGNED_IN = {"Authorization": "Bearer reviewer"}
narrow_config, filled, hub = publishing.narrow_config, publishing.filled, publishing.hub


def known_user(request: Request) -> str:
    """Stands for Airflow's: a user where one is named, and a refusal where not."""
    if request.headers.get("Authorization") != SIGNED_IN["Authorization"]:
        raise HTTPException(401, "Not authenticated")
    return "reviewer"


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser at a running console."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> requests.Response:
        """What the console answers."""
        return self.request("GET", path, params)

    def request(self, method: str, path: str, params: Mapping[str, str] | None = None) -> requests.Response:
        """What the console answers to any method."""
        return requests.request(method, self.address + path, params=params, headers=self.headers, timeout=30)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which an application answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def console(hub: Hub) -> FastAPI:
    """The console of the hub."""
    return create(known_user, lambda: hub.settings)


@pytest.fixture
def base(console: FastAPI) -> Iterator[str]:
    """Where it answers."""
    with served(console) as found:
        yield found


@pytest.fixture
def reviewer(base: str) -> Visitor:
    """Somebody who is signed in."""
    return Visitor(base, SIGNED_IN)


@pytest.fixture
def stranger(base: str) -> Visitor:
    """Somebody who is not."""
    return Visitor(base)


def cosign(hub: Hub, authorities: Collection[str], at: datetime | None = None, key_of: str | None = None) -> None:
    """Have these authorities' witnesses cosign the newest checkpoint; all with the key of one, if it is named."""
    known = witnesses(load_agreement(hub.settings))
    with transaction(hub.settings) as connection:
        stored = newest_checkpoint(connection)
        seconds, text = int((at or now()).timestamp()), stored.checkpoint.note.text
        for authority in authorities:
            signature = WITNESS_KEYS[key_of or authority].sign(cosigned_message(seconds, text))
            line = Signature(known[authority].name, known[authority].key_hash, seconds.to_bytes(8, "big") + signature)
            add_cosignature(connection, stored.number, line, now())


def sign_log(hub: Hub) -> None:
    """Sign the log as it stands."""
    with transaction(hub.settings) as connection:
        checkpoint(connection, log_signer(hub.settings, hub.ring))


def add(hub: Hub, **said) -> int:
    """Add an entry to the log; returns its index."""
    every = {"action": Action.READ, "actor": "analyst", "purpose": "strategy", "code_commit": "0" * 40}
    with transaction(hub.settings) as connection:
        return append(connection, Entry(**every | said))[0]


def text_of(page: str) -> str:
    """What a reader sees of a page: without its markup, on one line."""
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())
    return re.sub(r" (?=[,.;:])", "", words)


def change(hub: Hub, statement: str) -> None:
    """Change a row past the log's guards, as somebody with the database's password can."""
    with transaction(hub.settings) as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        connection.execute(text("SET session_replication_role = origin"))
