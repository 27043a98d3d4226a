"""``python -m benchmarks.publication [--involvements 5000000]``: from linked rows to a release in all three forms.

A home with its own PostgreSQL holds crimes, hospital visits and court orders of three years in an area as large as
London, admitted and linked to persons (their truth is the register: linking is measured elsewhere). Then each in a
process of its own, by the clock and by the most memory that it held, PostgreSQL's beside it:

1. The candidate: read, incidents found, tables made, checked, measured for disclosure, sealed.
2. Publication of the approved candidate: opened and proved, PostgreSQL schema and rows, who is in it logged, and the
   plain files, which the interface serves too: the release is then there in all three forms.
"""

import sys

from hub.memory import keep_freed_memory

if "candidate" not in sys.argv:
    keep_freed_memory()  # as the hub command does

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import psutil

from audit.events import Action, Entry
from audit.log import append
from benchmarks.measure import machine
from hub import database, postgres
from hub.database import transaction
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.services import Service
from linkage.bulk import append_rows
from linkage.models import Membership, Person
from linkage.registered.seen import deliveries_digest
from publish.appointing import new_key
from publish.candidate import build_candidate
from publish.publication import publish
from store.datakeys import open_data_key
from store.deliveries import State, admitted_deliveries, advance, open_delivery
from store.landing import close_delivery, seal_page
from store.tables import write_table
from tests.agreed import agree
from tests.unit.publish.small_hub import FEEDS, OFFICER, Q3, RIGHT, Hub

FIRST, DAYS, AREAS, MIB = date(2023, 7, 1), 1180, 4_900, 1 << 20
SHARES = {"police.recorded_crime": 0.66, "health.emergency_care": 0.18, "probation.supervision": 0.16}
TYPES = {
    "police.recorded_crime": "crime",
    "health.emergency_care": "emergency attendance",
    "probation.supervision": "supervision",
}
ROLES = {
    "police.recorded_crime": ("victim", "suspect"),
    "health.emergency_care": ("patient",),
    "probation.supervision": ("supervised person",),
}
OFFENCES = ("005/01", "008/01", "008/06", "034/10", "104/25", "125/11", "028/03", "105/01")


def ids(kind: str, count: int) -> pl.Series:
    """Ids of 32 hexadecimal digits, in an order that says nothing, as keyed ones have."""
    numbers = pl.int_range(count, eager=True).alias("n").to_frame().with_columns(kind=pl.lit(kind))
    halves = [numbers.hash_rows(seed).to_numpy() for seed in (1, 2)]
    digits = np.column_stack(halves).tobytes().hex()
    return pl.Series([digits[at : at + 32] for at in range(0, 32 * count, 32)])


def told(
    feed: str, parts: int, persons: pl.DataFrame, chance: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and involvements of a feed; the involvements have the person's own column ``person_id`` still."""
    each = 2 if feed == "police.recorded_crime" else 1
    count = parts // each
    event = ids(feed, count)
    on = pl.Series(np.datetime64(FIRST) + chance.integers(0, DAYS, count).astype("timedelta64[D]")).cast(pl.Date)
    minutes = pl.Series(chance.integers(0, 1440, count)).cast(pl.Int64)
    events = pl.DataFrame({"event_id": event, "occurred_on": on}).with_columns(
        pl.lit(feed).alias("feed"),
        pl.lit(TYPES[feed]).alias("event_type"),
        (pl.col("occurred_on").cast(pl.Datetime("us", "UTC")) + pl.duration(minutes=minutes)).alias("occurred_at"),
        pl.format("E010{}", pl.Series(chance.integers(0, AREAS, count)).cast(pl.String).str.zfill(5)).alias(
            "lsoa_code"
        ),
    )
    if feed == "police.recorded_crime":
        events = events.with_columns(
            pl.Series("offence_code", np.array(OFFENCES)[chance.integers(0, len(OFFENCES), count)]),
            pl.Series("knife", chance.random(count) < 0.1),
            pl.Series("domestic_abuse", chance.random(count) < 0.2),
        )
    who = persons[(chance.random(count * each) ** 2 * persons.height).astype(np.int64)]
    roles = np.array(ROLES[feed])[np.tile(np.arange(each) % len(ROLES[feed]), count)]
    involved = who.with_columns(
        event_id=event.gather(np.repeat(np.arange(count), each)),
        record_id=ids(f"{feed} record", count * each),
        feed=pl.lit(feed),
        role=pl.Series(roles),
    )
    return events, involved


def people(count: int, chance: np.random.Generator) -> pl.DataFrame:
    """So many persons: person_id and what every feed states of them."""
    return pl.DataFrame(
        {
            "person_id": ids("person", count),
            "sex": np.array(["female", "male"])[chance.integers(0, 2, count)],
            "ethnic_group": np.array(["white", "black", "asian", "mixed", "other"])[chance.integers(0, 5, count)],
            "birth_year": chance.integers(1945, 2014, count),
        }
    )


def filled(folder: Path, involvements: int) -> Hub:
    """A hub that holds so many, admitted, linked, and with an officer."""
    private, public = new_key()
    settings = Settings(home=folder / "home", config=folder / "config", commit="c" * 40)
    subprocess.run(["cp", "-r", str(PROJECT / "config"), str(settings.config)], check=True)
    agree(settings.agreement_path)
    database.migrate(settings)
    hub = Hub(settings, create_ring(settings), private)
    hub.appoint(OFFICER, public)
    chance = np.random.default_rng(1)
    persons = people(involvements * 3 // 10, chance)
    members: list[pl.DataFrame] = []
    for feed, share in SHARES.items():
        events, involved = told(feed, int(involvements * share), persons, chance)
        members.append(involved.select("record_id", "person_id"))
        deliver(hub, feed, events, involved.drop("person_id"))
    register(hub, pl.concat(members))
    return hub


def deliver(hub: Hub, feed: str, events: pl.DataFrame, involved: pl.DataFrame) -> None:
    """Admit a delivery whose split tables are these; the sealed delivery itself is a stand-in, nothing reads it."""
    with transaction(hub.settings) as connection:
        delivery = open_delivery(connection, hub.ring, FEEDS[feed], Q3)
        delivery = close_delivery(
            connection, seal_page(hub.settings, connection, hub.ring, delivery, b"elsewhere", cursor=None)
        )
        key = open_data_key(connection, hub.ring, delivery.data_key_id)
        for ending, table in (("", events), (".involvements", involved)):
            write_table(hub.settings, "events", f"{feed}/{delivery.id}{ending}.parquet", key, table)
        counts = {"rows_received": involved.height, "rows_accepted": involved.height, "rows_quarantined": 0}
        advance(connection, delivery.id, State.ADMITTED, **counts)


def register(hub: Hub, members: pl.DataFrame) -> None:
    """Make the register know whose records these are, and log a link."""
    named = members["person_id"].unique()
    with transaction(hub.settings) as connection:
        append_rows(connection, Person, pl.DataFrame({"person_id": named, "founded_in": [str(Q3)] * len(named)}))
        append_rows(connection, Membership, members.with_columns(since=pl.lit(str(Q3))))
        seen = {"deliveries": deliveries_digest(row.id for row in admitted_deliveries(connection, Q3))} | RIGHT
        said = {"actor": "linker", "period": str(Q3), "purpose": "linkage", "agreement_hash": "a" * 64}
        append(connection, Entry(action=Action.LINK, code_commit="c" * 40, detail=seen, **said))  # type: ignore[arg-type]
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def watched(process: psutil.Process, server: Path, most: dict[str, int]) -> Iterator[None]:
    """The most memory that a process holds, and PostgreSQL's backends beside it by what is theirs alone, in MiB."""
    done = threading.Event()
    main = psutil.Process(int((server / "postmaster.pid").read_text().split()[0]))

    def look() -> None:
        while not done.wait(0.1):
            try:
                own = process.memory_info().rss // MIB
                most["cpu"] = int(sum(process.cpu_times()[:2]))
                theirs = max((child.memory_full_info().uss for child in main.children()), default=0) // MIB
            except psutil.NoSuchProcess:
                continue
            most["own"], most["server"] = max(most.get("own", 0), own), max(most.get("server", 0), theirs)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def step(hub: Hub, name: str) -> tuple[str, float]:
    """Run a step in a process of its own; what it said, and its seconds."""
    given = hub.settings.model_dump(mode="json", include={"home", "database_url", "config", "commit"})
    command = [sys.executable, "-m", "benchmarks.publication", "--step", name, "--settings", json.dumps(given)]
    began = time.perf_counter()
    most: dict[str, int] = {}
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        with watched(psutil.Process(running.pid), next(hub.settings.home.rglob("postmaster.pid")).parent, most):
            said, _ = running.communicate()
        assert running.returncode == 0, name
    took = time.perf_counter() - began
    held = f"memory at most {most['own']:,} MiB, PostgreSQL's {most['server']:,} MiB"
    print(f"{name}: {took:.1f} s, {most['cpu']} s of its own processor time; {held}", flush=True)
    return said.strip(), took


def child(name: str, settings: Settings) -> None:
    """One step."""
    ring = open_ring(settings, Service.CUSTODIAN)
    if name == "candidate":
        print(build_candidate(settings, ring, Q3).release)
    else:
        print(json.dumps(dict(publish(settings, ring, name).rows)))


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--involvements", type=int, default=5_000_000)
    parser.add_argument("--step")
    parser.add_argument("--settings")
    asked = parser.parse_args()
    if asked.step:
        child(asked.step, Settings(**json.loads(asked.settings)))
        return
    print(machine())
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        hub = filled(Path(folder), asked.involvements)
        try:
            release, built = step(hub, "candidate")
            hub.decide(release)
            rows, published = step(hub, release)
            print(f"{rows}\nfrom linked rows to published: {built + published:.1f} s")
        finally:
            database.engine(hub.settings).dispose()
            postgres.stop(hub.settings.home)


if __name__ == "__main__":
    os.environ.setdefault("HUB_COMMIT", "c" * 40)
    main()
