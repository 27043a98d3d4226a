"""What a release costs to load and to read: ``python -m benchmarks.api [--rows 1000000]``.

A table ``involvement`` of so many rows, of a tenth as many persons, is loaded into PostgreSQL as publication does, and
read by the interface over HTTP on this machine: first pages, and the whole as Arrow, Parquet and CSV. Time is by the
clock, with the server's processor time beside it, since this machine may do other things at once.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import psutil
import requests
from sqlalchemy import Connection, insert

from agreement.policy import load_agreement
from api.app import create
from api.issuing import issue
from audit.events import Action, Entry
from audit.log import checkpoint
from hub import database, postgres
from hub.clock import now
from hub.settings import PROJECT, Settings
from keys.home import create_ring, log_signer, open_ring
from keys.purposes import Purpose
from keys.services import Service
from linkage.models import Person
from publish import database as loading
from publish.disclosed_persons import log_disclosure
from publish.manifest import AgreementEntry, DisclosureEntry, LinkageEntry, Manifest, TableEntry
from publish.parquet import to_parquet
from publish.recipient_ids import RecipientIds, keyed
from publish.releases import TABLE
from schemas.published import meanings
from tests.agreed import agree

ANALYSTS, NAME, PORT = "partnership_analysts", "2026-Q3-v1", 8391
COLUMNS = ("event_id", "person_id", "feed", "authority", "role", "risk_level")
PAGES = 40


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--serve", type=Path)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve)
        return
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        settings = Settings(home=Path(folder) / "home", config=Path(folder) / "config", commit="0" * 40)
        try:
            released(settings, chosen.rows)
            read(settings, chosen.rows)
        finally:
            database.engine(settings).dispose()
            postgres.stop(settings.home)


def involvements(rows: int, ids: RecipientIds) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table as its recipient has it, and the register's own ids."""
    dice = np.random.default_rng(1)
    own = pl.DataFrame({"own_id": [dice.bytes(16).hex() for _ in range(max(1, rows // 10))]})
    persons = keyed(own.with_columns(person_id="own_id"), "person_id", ids.person)["person_id"]
    frame = pl.DataFrame(
        {
            "event_id": [dice.bytes(16).hex() for _ in range(rows)],
            "person_id": persons.gather(dice.integers(0, persons.len(), rows)),
            "feed": dice.choice(["police.recorded_crime", "health.emergency_care", "yot.cases"], rows),
            "authority": dice.choice(["police", "health", "yot"], rows),
            "role": dice.choice(["victim", "suspect", "patient"], rows),
            "risk_level": dice.choice(["low", "medium", "high"], rows),
        }
    )
    return frame.sort("event_id"), own


def released(settings: Settings, rows: int) -> None:
    """Make a hub with one published release; print what it took to load it into PostgreSQL."""
    shutil.copytree(PROJECT / "config", settings.config)
    agree(settings.agreement_path)
    database.migrate(settings)
    ring = create_ring(settings)
    ring.create(Purpose.RECIPIENT, ANALYSTS)
    frame, own = involvements(rows, RecipientIds.of(ring, ANALYSTS))
    content = to_parquet(frame)
    manifest = _manifest(settings, frame, content)
    place = settings.home / "zones" / "releases" / NAME
    place.mkdir(parents=True)
    (place / "involvement.parquet").write_bytes(content)
    with database.transaction(settings) as connection:
        for part in own.iter_slices(20_000):
            connection.execute(insert(Person), [{"person_id": id_, "founded_in": "2026-Q3"} for id_ in part["own_id"]])
        _record(settings, connection, manifest, place, own["own_id"].to_list())
        checkpoint(connection, log_signer(settings, ring))
    with database.transaction(settings) as connection:
        backend = psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        used, began = _cpu(psutil.Process(), backend), time.perf_counter()
        loading.load(connection, manifest, {"involvement": content}, {"involvement": meanings("involvement")})
        clock, cpu = time.perf_counter() - began, _cpu(psutil.Process(), backend) - used
    print(f"PostgreSQL load of {rows:,} rows: {rows / clock:,.0f} rows/s, {rows / cpu:,.0f} rows/s a core (both sides)")


def _record(settings: Settings, connection: Connection, manifest: Manifest, place: Path, persons: list[str]) -> None:
    """Say that it was published, in the log too, with whose data it was: from then on each person has a salt."""
    row = {
        "name": NAME, "quarter": "2026-Q3", "recipient": ANALYSTS, "version": 1, "manifest_hash": manifest.hash,
        "content_hash": manifest.content_hash, "state": "published", "uri": str(place), "data_key_id": "none",
        "manifest": manifest.canonical().decode(), "created_at": now(), "published_at": now(),
    }  # fmt: skip
    connection.execute(insert(TABLE).values(row))
    entry = Entry(
        action=Action.PUBLISH, actor="bench", code_commit="0" * 40, recipient=ANALYSTS, purpose="strategy",
        release=NAME, table="involvement", columns=COLUMNS, detail={"manifest": manifest.hash},
    )  # fmt: skip
    began = time.process_time()
    log_disclosure(connection, [entry], persons)
    print(f"whose data it was, logged for {len(persons):,} persons: {time.process_time() - began:.2f} s of processor")


def _manifest(settings: Settings, frame: pl.DataFrame, content: bytes) -> Manifest:
    agreement = load_agreement(settings)
    entry = TableEntry(
        name="involvement", file="involvement.parquet", sha256=hashlib.sha256(content).hexdigest(), bytes=len(content),
        rows=frame.height, columns=COLUMNS, purposes=("strategy",), narrowed_by={},
    )  # fmt: skip
    linked = LinkageEntry(model="bench", records=0, persons=0, quality={})
    disclosed = DisclosureEntry(
        quasi_identifiers=(), smallest_group=None, threshold=5, persons_below_threshold=0, treatment="none"
    )
    stands = AgreementEntry(id=agreement.id, version=agreement.version, hash=agreement.hash)
    return Manifest(
        partnership="bench", release=NAME, quarter="2026-Q3", recipient=ANALYSTS, tables=(entry,), inputs=(),
        missing=(), agreement=stands, code_commit="0" * 40, key_versions={}, linkage=linked, disclosure=disclosed,
    )  # fmt: skip


def read(settings: Settings, rows: int) -> None:
    """Serve the release by a process of its own, and read it."""
    purposes = ["strategy"]
    token = issue(settings, open_ring(settings, Service.ISSUER), "bench", recipient=ANALYSTS, purposes=purposes).token
    command = [sys.executable, "-m", "benchmarks.api", "--serve", str(settings.home)]
    server = subprocess.Popen(command, env=os.environ | {"HUB_CONFIG": str(settings.config), "HUB_COMMIT": "0" * 40})
    try:
        _await()
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        pages(session, psutil.Process(server.pid))
        for media in ("vnd.apache.arrow.stream", "vnd.apache.parquet", "vnd.apache.parquet 5 columns", "csv"):
            stream(session, psutil.Process(server.pid), media, rows)
    finally:
        server.terminate()
        server.wait()


def _await() -> None:
    for _ in range(300):
        try:
            requests.get(f"http://127.0.0.1:{PORT}/openapi.json", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return


def pages(session: requests.Session, server: psutil.Process) -> None:
    """First pages of 100 rows, each permitted and logged with whose rows they are; the very first opens the file."""
    took, used = [], []
    for _ in range(PAGES + 1):
        before, began = _cpu(server), time.perf_counter()
        answer = session.get(_address() + "?purpose=strategy&limit=100", timeout=60)
        took.append(time.perf_counter() - began)
        used.append(_cpu(server) - before)
        assert len(answer.json()["rows"]) == 100
    quick = sorted(took[1:])
    print(
        f"first page of 100 rows: median {statistics.median(quick) * 1e3:.0f} ms, 9 of 10 within "
        f"{quick[len(quick) * 9 // 10] * 1e3:.0f} ms, processor {statistics.mean(used[1:]) * 1e3:.0f} ms; the very "
        f"first, which opens the file and looks up every person, {took[0] * 1e3:.0f} ms"
    )


def stream(session: requests.Session, server: psutil.Process, media: str, rows: int) -> None:
    """The whole table, thrown away as it arrives; ``5 columns`` has it made anew and not sent as it lies there."""
    kind, _, some = media.partition(" ")
    accept = "text/csv" if kind == "csv" else f"application/{kind}"
    more = "&columns=" + ",".join(COLUMNS[:5]) if some else ""
    used, resident, began = _cpu(server), server.memory_info().rss, time.perf_counter()
    first, size, most = 0.0, 0, 0
    with session.get(
        f"{_address()}?purpose=strategy{more}", headers={"Accept": accept}, stream=True, timeout=300
    ) as got:
        got.raise_for_status()
        for part in got.iter_content(1 << 20):
            first = first or time.perf_counter() - began
            size += len(part)
            most = max(most, server.memory_info().rss - resident)
    took = time.perf_counter() - began
    print(
        f"{media}: {rows / (took - first):,.0f} rows/s once it flows, after {first:.2f} s in which the log is told; "
        f"{rows / took:,.0f} rows/s in all, {size / took / 1e6:.0f} MB/s, processor {_cpu(server) - used:.1f} s, "
        f"at most {most / 1e6:.0f} MB more memory"
    )


def serve(home: Path) -> None:
    """What ``hub serve`` does, without its limits."""
    import uvicorn  # noqa: PLC0415

    settings = Settings(home=home, commit="0" * 40, api_requests_per_minute=100_000)
    app = create(settings, open_ring(settings, Service.CONSOLE))
    uvicorn.run(app, host="127.0.0.1", port=PORT, access_log=False, log_level="error")


def _address() -> str:
    return f"http://127.0.0.1:{PORT}/v1/releases/{NAME}/tables/involvement"


def _cpu(*processes: psutil.Process) -> float:
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


if __name__ == "__main__":
    main()
