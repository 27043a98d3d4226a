"""What is done at the partners in a trial: data spoiled, changed and mended, credentials taken away and given back."""

import csv
import hashlib
import io
import json
import threading
import time
from collections.abc import Callable
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
from mesh_client import MeshClient
from sqlalchemy.engine import make_url

from hub import postgres
from keys.file import write_private
from partners.faults.house import QUARTER, House
from partners.layout import extract_path
from partners.servers import health
from partners.servers.credentials import password
from pseudonymise.source import encode_at_source

Mend = Callable[[], None]
_SPOILED = {  # a column of each feed that no row may have so
    "fire.fire_setter_referrals": "dateOfReferral",
    "probation.supervision": "supervision.startDate",
    "police.recorded_crime": "HO Code",
}
_NONSENSE = "no such thing"
_SECRETS = {"police.recorded_crime": "police_sftp_private_key", "council.exclusions": "council_database_password"}


def extract(house: House, feed: str) -> Path:
    """The extract of a feed whose file the partner's REST server reads."""
    return extract_path(house.partners, feed, str(QUARTER))


def offered(house: House) -> Path:
    """The file that the police's SFTP server hands out."""
    return house.partners / "sftp" / "police" / "outgoing" / extract(house, "police.recorded_crime").name


def write(path: Path, content: bytes) -> None:
    """Put a file into the place of another at once."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)


def with_receipt(path: Path, content: bytes, said: bytes | None = None) -> None:
    """Hand out a file with what ``sha256sum`` says of it, or of other content."""
    write(path, content)
    digest = hashlib.sha256(content if said is None else said).hexdigest()
    write(path.with_name(f"{path.name}.sha256"), f"{digest}  {path.name}\n".encode())


def spoil_row(house: House, feed: str) -> None:
    """Make one row such that its contract refuses it."""
    if feed == "council.exclusions":
        first = "(SELECT min(exclusion_id) FROM exclusions WHERE period = %s)"
        _database(house, f"UPDATE exclusions SET category = %s WHERE exclusion_id = {first}", _NONSENSE, str(QUARTER))  # noqa: S608
    elif feed == "police.recorded_crime":
        rows = list(csv.DictReader(io.StringIO(offered(house).read_text(encoding="utf-8"))))
        rows[len(rows) // 2][_SPOILED[feed]] = _NONSENSE
        with_receipt(offered(house), _csv(rows))
    else:
        found: list[dict[str, Any]] = json.loads(extract(house, feed).read_bytes())
        *path, last = _SPOILED[feed].split(".")
        reduce(getitem, path, found[len(found) // 2])[last] = _NONSENSE
        write(extract(house, feed), json.dumps(found).encode())


def lose_row(house: House, feed: str) -> None:
    """Remove the first row, so that all others move to other places."""
    rows = json.loads(extract(house, feed).read_bytes())
    write(extract(house, feed), json.dumps(rows[1:]).encode())


def grow_file(house: House, seconds: float) -> None:
    """Have the police's file be half there, and the rest come a little later."""
    path, content = offered(house), offered(house).read_bytes()
    path.write_bytes(content[: len(content) // 2])

    def finish() -> None:
        time.sleep(seconds)
        with path.open("ab") as file:
            file.write(content[len(content) // 2 :])

    threading.Thread(target=finish).start()


def shorten_file(house: House) -> Mend:
    """Cut the police's file, whose receipt tells of the whole; the mend sends it whole."""
    path, content = offered(house), offered(house).read_bytes()
    with_receipt(path, content[: len(content) * 2 // 3], said=content)
    return lambda: with_receipt(path, content)


def wrong_receipt(house: House) -> Mend:
    """Have the police's receipt be another file's; the mend sends the right one."""
    path, content = offered(house), offered(house).read_bytes()
    with_receipt(path, content, said=b"another file")
    return lambda: with_receipt(path, content)


def revoke(house: House, feed: str) -> Mend:
    """Have the partner refuse the hub's credential; the mend gives it one that is accepted."""
    if feed in house.scripts:
        script = house.scripts[feed]
        script.revoked = True
        return lambda: setattr(script, "revoked", False)
    held = house.home / "secrets" / _SECRETS[feed]
    right = held.read_bytes()
    write_private(held, _another_key() if b"PRIVATE KEY" in right else b"another password")
    return lambda: write_private(held, right)


def send_message(house: House) -> None:
    """Put the quarter's message into the hub's mailbox, unless it still waits there."""
    hospital = password(house.partners, "health_mesh_hospital_password")
    shared = password(house.partners, "health_mesh_shared_key").encode()
    upstream = (house.partners / "ready.json").read_text(encoding="utf-8")
    url = next(s["address"] for s in json.loads(upstream)["servers"] if s["server"].startswith("health"))
    body = encode_at_source(extract(house, health.FEED).read_bytes(), health.FEED, house.ring, QUARTER)
    with MeshClient(url, health.HOSPITAL_MAILBOX, hospital, shared_key=shared, max_chunk_size=20_000) as mailbox:
        mailbox.send_message(
            health.HUB_MAILBOX,
            body,
            workflow_id=health.WORKFLOW,
            filename=f"emergency_care_{QUARTER}.ndjson",
            subject="a trial",
        )


def originals(house: House) -> Mend:
    """What puts all data back as they are now."""
    files = [extract(house, feed) for feed in ("fire.fire_setter_referrals", "probation.supervision")]
    held = {path: path.read_bytes() for path in files}
    crimes = offered(house).read_bytes()
    kept = _database(house, "SELECT exclusion_id, category FROM exclusions")

    def restore() -> None:
        for path, content in held.items():
            write(path, content)
        with_receipt(offered(house), crimes)
        for reference, category in kept:
            _database(house, "UPDATE exclusions SET category = %s WHERE exclusion_id = %s AND category <> %s",
                      category, reference, category)  # fmt: skip

    return restore


def _csv(rows: list[dict[str, str]]) -> bytes:
    content = io.StringIO()
    writer = csv.DictWriter(content, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return content.getvalue().encode()


def _another_key() -> bytes:
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key()


def _database(house: House, statement: str, *values: str) -> list[tuple[Any, ...]]:
    url = make_url(postgres.start(house.partners / "council", "council")).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
