"""The hub's side of a trial: one ingest in a process of its own, which may be killed at any moment."""

import gc
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from select import select
from typing import Any

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

import ingest.admission
import ingest.collection
from agreement.policy import load_agreement
from connectors.files import FileConnector
from connectors.http import Patience
from connectors.mesh import MeshConnector
from connectors.page import Connector
from connectors.rest import RestConnector
from connectors.sql import SqlConnector
from hub.errors import HubError
from hub.feeds import Feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.journey import admit, collect
from keys.home import open_ring, open_source_ring
from keys.services import Service
from partners.faults.fuse import Fuse
from schemas.registry import contract_for

TIMEOUT_S = 1.0
QUICK = Patience(attempts=4, first_wait_s=0.05, longest_wait_s=3.0, timeout_s=(TIMEOUT_S, TIMEOUT_S))
_SHORTER = {"patience": QUICK, "timeout_s": TIMEOUT_S, "answer_s": TIMEOUT_S}
_PARTS = (vars(ingest.collection), vars(ingest.admission))
_connect = _PARTS[0]["connect"]


@dataclass(frozen=True)
class Job:
    """One ingest to be done. It is killed before the nth step, or after a time, or not at all."""

    said: dict[str, Any]
    feed: str
    quarter: str
    counted: str  # the file that says how many pages came
    kill_step: int | None = None
    kill_after_s: float | None = None


@dataclass(frozen=True)
class Outcome:
    """How one ingest ended: the error's class, or none; whether the same act may succeed when it is tried again."""

    error: str | None
    transient: bool = False
    said: str = ""
    state: str = ""
    steps: int = 0
    loaded: tuple[str, ...] = ()  # modules that this ingest was the first to need


@dataclass(frozen=True)
class Ended:
    """An ingest that is over. Without an outcome it was killed. ``cpu_s``: of its process, from fork to end."""

    outcome: Outcome | None
    seconds: float
    cpu_s: float


def breed(told: "Connection", saids: list[tuple[dict[str, Any], str]]) -> None:
    """Do jobs until there are no more, each in a child of this process, which has loaded and read all beforehand."""
    for said, feed in saids:
        _warm(Settings(**said), feed)
    gc.collect()
    gc.freeze()  # what the children have in common is not to be copied by counting references to it
    told.send(time.process_time())
    while True:
        try:
            job = told.recv()
        except EOFError:
            return
        told.send(_done(job))


def _warm(settings: Settings, feed: str) -> None:
    """Read what does not change from trial to trial; no thread begins and no connection is opened by it."""
    contract = contract_for(feed)
    _ = contract.schema, contract.readings
    load_agreement(settings)
    _remember_stretching()
    open_ring(settings, Service.CUSTODIAN)
    open_source_ring(settings)


def _remember_stretching() -> None:
    """Stretch each passphrase once for all children: that takes a tenth of a second, by intent."""
    for name in [name for name in sys.modules if name.startswith("keys.") and hasattr(sys.modules[name], "Scrypt")]:
        vars(sys.modules[name])["Scrypt"] = _Remembered


@dataclass(frozen=True)
class _Remembered:
    """Scrypt, whose results this process and its children keep."""

    salt: bytes
    length: int
    n: int
    r: int
    p: int

    def derive(self, passphrase: bytes) -> bytes:
        """See ``Scrypt``."""
        known = (self, passphrase)
        if known not in _STRETCHED:
            _STRETCHED[known] = Scrypt(self.salt, self.length, self.n, self.r, self.p).derive(passphrase)
        return _STRETCHED[known]


_STRETCHED: dict[tuple[_Remembered, bytes], bytes] = {}


def _done(job: Job) -> Ended:
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _live(job, writing)
    os.close(writing)
    if not select([reading], [], [], job.kill_after_s)[0]:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, _, used = os.wait4(child, 0)
    outcome: Outcome | None = pickle.loads(told) if told else None  # noqa: S301  # this process's own child wrote it
    for name in outcome.loaded if outcome else ():
        import_module(name)  # the children to come need not load it again
    return Ended(outcome, time.monotonic() - began, used.ru_utime + used.ru_stime)


def _live(job: Job, writing: int) -> None:
    """The child's whole life."""
    try:
        told = pickle.dumps(ingest_once(job))
    except BaseException as error:  # noqa: BLE001  # the trial is to say so
        told = pickle.dumps(Outcome(f"unexpected {type(error).__name__}", said=str(error)[:400]))
    os.write(writing, told)
    os._exit(0)


def ingest_once(job: Job) -> Outcome:
    """Collect and admit one delivery, as a DAG's two tasks do, and tell how that ended."""
    settings = Settings(**job.said)
    fuse = Fuse(str(Path(job.said["storage_url"]).parent), job.kill_step)
    _PARTS[0]["connect"] = _impatient
    _count_pages(fuse, os.open(job.counted, os.O_RDWR | os.O_CREAT))
    fuse.lay()
    known = {*sys.modules}
    try:
        admitted = admit(settings, collect(settings, job.feed, Quarter.parse(job.quarter)))
    except HubError as error:
        return Outcome(type(error).__name__, error.transient, str(error), steps=fuse.steps)
    loaded = tuple(sorted({*sys.modules} - known))
    return Outcome(None, state=str(admitted.state), steps=fuse.steps, loaded=loaded)


def _count_pages(fuse: Fuse, counted: int) -> None:
    for kind in (RestConnector, FileConnector, MeshConnector, SqlConnector):
        own: Any = kind.pages

        def pages(self: Any, quarter: Quarter, cursor: str | None = None, own: Any = own) -> Iterator[Any]:
            return fuse.pages(own(self, quarter, cursor), counted)

        kind.pages = pages  # type: ignore[method-assign]


def _impatient(settings: Settings, feed: Feed) -> Connector:
    """The feed's own connector, with time-outs that suit a partner on the same machine."""
    connector: Any = _connect(settings, feed)
    known = {name: value for name, value in _SHORTER.items() if name in connector.__dataclass_fields__}
    made: Connector = replace(connector, **known)
    return made
