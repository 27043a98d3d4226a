"""The hospital's side of MESH: NHS England's sandbox, and a sender that pseudonymises before it sends.

Clear text stays with the hospital: the Police, Crime, Sentencing and Courts Act 2022 s.16(4) does not
authorise patient information to be disclosed. Here the source key comes from the hub's key ring.
"""

import asyncio
import hashlib
import json
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import requests
from mesh_client import MeshClient

from hub.periods import Quarter
from hub.settings import Settings
from keys.file import write_private
from keys.home import open_source_ring
from partners.layout import extracts_held
from partners.servers.credentials import openpgp_key, password
from partners.servers.errors import NoSandbox
from partners.servers.mesh_environment import PROJECT, install
from partners.servers.offer import Offer
from pseudonymise.sealing import seal_to_hub
from pseudonymise.source import encode_at_source

FEED, ASSAULTS = "health.emergency_care", "health.assault_attendances"
HUB_MAILBOX, HOSPITAL_MAILBOX = "SAFERHUB1", "RAX01ED01"
WORKFLOW = "ECDS_VIOLENCE"
WORKFLOWS = {FEED: WORKFLOW, ASSAULTS: "ISTV_ASSAULTS"}
_START_S = 30.0


@asynccontextmanager
async def serve(folder: Path, settings: Settings, port: int = 0) -> AsyncIterator[Offer]:
    """Run the sandbox until the block ends, with each quarter's message in the hub's mailbox."""
    secrets = {f"health_mesh_{name}": password(folder, f"health_mesh_{name}") for name in ("password", "shared_key")}
    secrets["hub_openpgp_private_key"] = openpgp_key(folder, "hub_openpgp")[0].read_text(encoding="ascii")
    secrets["health_openpgp_public_key"] = openpgp_key(folder, "health_openpgp")[1].read_text(encoding="ascii")
    listening = socket.create_server(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    process = await _start(folder, settings, listening)
    try:
        await _answering(url, process, folder)
        await asyncio.to_thread(_send_all, folder, settings, url)
        yield Offer("health MESH sandbox", url, dict.fromkeys(WORKFLOWS, url), secrets, process.pid)
    finally:
        await _stop(process)


async def _start(folder: Path, settings: Settings, listening: socket.socket) -> Process:
    python = await install(settings)
    mailboxes = folder / "mesh" / "mailboxes"
    mailboxes.mkdir(parents=True, exist_ok=True)
    _write_mailboxes(folder)
    environment = {
        "AUTH_MODE": "full",
        "STORE_MODE": "file",
        "MAILBOXES_DATA_DIR": str(mailboxes),
        "SHARED_KEY": password(folder, "health_mesh_shared_key"),
    }
    with listening, (folder / "mesh" / "sandbox.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(str(python), str(PROJECT / "sandbox.py"), str(listening.fileno())),
            env=environment,
            stdin=PIPE,  # held open: the sandbox ends when it closes
            stdout=DEVNULL,
            stderr=log,
            pass_fds=(listening.fileno(),),
            start_new_session=True,  # so that Ctrl-C reaches it through this process only
        )


def _write_mailboxes(folder: Path) -> None:
    passwords = {HUB_MAILBOX: "health_mesh_password", HOSPITAL_MAILBOX: "health_mesh_hospital_password"}
    entries = [
        {"mailbox_id": name, "mailbox_name": name, "password": password(folder, secret)}
        for name, secret in passwords.items()
    ]
    write_private(folder / "mesh" / "mailboxes.json", json.dumps(entries).encode())


async def _answering(url: str, process: Process, folder: Path) -> None:
    """Wait until the sandbox answers; raises NoSandbox if it ends or stays silent."""
    end = asyncio.get_running_loop().time() + _START_S
    while process.returncode is None and asyncio.get_running_loop().time() < end:
        try:
            if (await asyncio.to_thread(requests.get, f"{url}/messageexchange/_ping", timeout=_START_S)).ok:
                return
        except requests.RequestException:
            await asyncio.sleep(0.1)
    raise NoSandbox(
        "The MESH sandbox does not start",
        where=url,
        why=f"its own words are in {folder / 'mesh' / 'sandbox.log'}",
        fix="Read that log",
    )


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout=10)
    except TimeoutError:
        process.kill()
        await process.wait()


def _send_all(folder: Path, settings: Settings, url: str) -> None:
    hospital = password(folder, "health_mesh_hospital_password")
    shared_key = password(folder, "health_mesh_shared_key").encode()
    register = folder / "mesh" / "sent.json"
    hub, own = openpgp_key(folder, "hub_openpgp")[1], openpgp_key(folder, "health_openpgp")[0]
    with MeshClient(url, HOSPITAL_MAILBOX, hospital, shared_key=shared_key) as mailbox:
        for name, body in _emergency_care(folder, settings):
            _send(register, mailbox, FEED, name, body, lambda rows: seal_to_hub(rows, hub, own))
        for path in extracts_held(folder, ASSAULTS).values():  # it names nobody
            _send(register, mailbox, ASSAULTS, path.name, path.read_bytes(), bytes)


def _emergency_care(folder: Path, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The name and content of each quarter's message, pseudonymised."""
    held = extracts_held(folder, FEED)
    ring = open_source_ring(settings) if held else None
    for period, path in held.items():
        body = encode_at_source(path.read_bytes(), FEED, ring, Quarter.parse(period)) if ring else b""
        if body:  # MESH carries no empty message
            yield f"emergency_care_{period}.ndjson", body


def _send(
    register: Path, mailbox: MeshClient, feed: str, filename: str, body: bytes, seal: Callable[[bytes], bytes]
) -> None:
    """Send a file as ``seal`` makes it, unless the very same one still waits in the hub's mailbox."""
    sent = json.loads(register.read_text(encoding="utf-8")) if register.is_file() else {}
    digest = hashlib.sha256(body).hexdigest()
    before = sent.get(filename)
    if before and before["sha256"] == digest and _waits(mailbox, before["message_id"]):
        return
    message_id = mailbox.send_message(
        HUB_MAILBOX,
        seal(body),
        workflow_id=WORKFLOWS[feed],
        filename=filename,
        subject=filename,
        content_type="text/csv" if feed == ASSAULTS else "application/pgp-encrypted",
    )
    write_private(register, json.dumps(sent | {filename: {"message_id": message_id, "sha256": digest}}).encode())


def _waits(mailbox: MeshClient, message_id: str) -> bool:
    try:
        return (mailbox.track_message(message_id)["status"] or "").lower() == "accepted"
    except requests.HTTPError:
        return False  # the sandbox's store was emptied
