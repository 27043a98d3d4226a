"""All partner servers in one process: started together, offered to one hub, stopped together."""

import asyncio
import fcntl
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from hub.settings import Settings
from hub.yaml_files import read_yaml
from keys.file import write_private
from partners.servers import council, fire, health, outgoing, police_api, probation, sftp, witnesses
from partners.servers.errors import AlreadyServing, UnknownServer
from partners.servers.offer import Offer


@dataclass(frozen=True)
class Plan:
    """What to serve, and how: ``base_port`` and the ports after it, or free ones if it is 0."""

    folder: Path
    hub_home: Path
    servers: frozenset[str] = frozenset()  # none named: all
    base_port: int = 0
    delay_s: float = 0
    token_s: float = 300
    replay: Path | None = None


def servers_of(plan: Plan) -> dict[str, Callable[[int], AbstractAsyncContextManager[Offer]]]:
    """How to start each server that the plan names, given its port; raises UnknownServer."""
    folder, delay_s = plan.folder, plan.delay_s
    every: dict[str, Callable[[int], AbstractAsyncContextManager[Offer]]] = {
        "police-sftp": lambda port: sftp.serve(folder, "police", ["police.recorded_crime"], port),
        "police-api": lambda port: police_api.serve(folder, port, plan.replay),
        "fire": lambda port: fire.serve(folder, port, delay_s),
        "fire-drop": lambda _: outgoing.drop(folder, "fire", ["fire.incidents"]),
        "health": lambda port: health.serve(folder, Settings(home=plan.hub_home), port),
        "probation": lambda port: probation.serve(folder, port, delay_s, plan.token_s),
        "yot-sftp": lambda port: sftp.serve(folder, "yot", ["yot.cases"], port),
        "council": lambda _: council.serve(folder),
        "council-sftp": lambda port: sftp.serve(folder, "council", ["council.children_in_need_census"], port),
        "witnesses": lambda port: witnesses.serve(folder, Settings(home=plan.hub_home), port),  # six ports, so the last
    }
    for unknown in sorted(plan.servers - every.keys()):
        raise UnknownServer(
            f"There is no server {unknown!r}",
            where="the plan",
            why="the servers are " + ", ".join(every),
            fix="Use one",
        )
    return {name: start for name, start in every.items() if not plan.servers or name in plan.servers}


async def serve_until_told(plan: Plan, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; raises AlreadyServing."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with serving(plan, say):
        await told.wait()
        say("Stopping")


@asynccontextmanager
async def serving(plan: Plan, say: Callable[[str], None]) -> AsyncIterator[list[Offer]]:
    """Every server of the plan, running until the block ends; ``ready.json`` is there meanwhile."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    ready = plan.folder / "ready.json"
    with _alone(plan.folder):
        ready.unlink(missing_ok=True)
        async with AsyncExitStack() as stack:
            offers = await _start(plan, stack)
            for offer in offers:
                say(f"{offer.server}: {offer.address}")
            hand_over(plan.hub_home, offers)
            ready.write_text(json.dumps(_readiness(offers), indent=1) + "\n", encoding="utf-8")
            stack.callback(ready.unlink, missing_ok=True)
            yield offers


async def _start(plan: Plan, stack: AsyncExitStack) -> list[Offer]:
    """Start all at once. Each has started or failed before this returns, so that the stack can stop those that run."""
    starting = [
        stack.enter_async_context(start(plan.base_port and plan.base_port + place))
        for place, start in enumerate(servers_of(plan).values())
    ]
    offers: list[Offer] = []
    for outcome in await asyncio.gather(*starting, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
        offers.append(outcome)
    return offers


def hand_over(hub_home: Path, offers: list[Offer]) -> None:
    """Tell a hub where the partners are (``local.yaml``) and with what to log in (``secrets/``)."""
    for offer in offers:
        for name, secret in offer.secrets.items():
            write_private(hub_home / "secrets" / name, secret.encode())
    local = hub_home / "local.yaml"
    known = read_yaml(local) if local.is_file() else None
    content = known if isinstance(known, dict) else {}
    endpoints = (content.get("endpoints") or {}) | {feed: url for o in offers for feed, url in o.endpoints.items()}
    write_private(local, yaml.safe_dump(content | {"endpoints": endpoints}, sort_keys=False).encode())


def _readiness(offers: list[Offer]) -> dict[str, object]:
    servers = [{"server": offer.server, "address": offer.address, "pid": offer.pid} for offer in offers]
    return {"pid": os.getpid(), "servers": servers}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServing(
                "The partners are being served already",
                where=str(folder),
                why="another process holds this folder",
                fix="Use that one or stop it",
            ) from None
        yield
