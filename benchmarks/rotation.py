"""``python -m benchmarks.rotation [PEOPLE] [KILLS]``: the tokens of a million persons go under another hub key, killed.

1. A home with its own PostgreSQL keeps their records, one in ten persons twice, in 99 deliveries, and links them.
2. A rotation is run in a process of its own, which is killed (SIGKILL) at random moments and run again. Is it done
   before all kills are, the next rotation is asked for and killed on.
3. Nothing is mixed: every file states the newest version. Nothing is lost: each record has as many tokens as before,
   and two are alike exactly where they were; encodings, in the order in which linkage has them, are the same bytes.
   They are linked again, all of them anew: the register must be what it was.
"""

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.measure import machine
from benchmarks.people import people
from hub import database, postgres
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.purposes import Purpose
from keys.services import Service
from linkage.linking import link
from linkage.registered.register import read_register
from pseudonymise.fields import ENCODING_COLUMNS, LINKAGE_COLUMNS
from pseudonymise.linkage_columns import in_first_order
from pseudonymise.scheme_keys import HubStage
from rotation.rekeying import run
from tests.agreed import agree
from tests.unit.rotation.keyed_hub import COLUMNS, KeyedHub

DELIVERIES, SEED, LONGEST_S = 99, 2026, 4.0
FEEDS = (
    "police.recorded_crime", "council.marac", "probation.supervision", "council.exclusions", "council.children_in_need",
    "council.looked_after", "council.exploitation", "council.nrm_referrals", "yot.cases",
)  # fmt: skip
LATEST = Quarter(2026, 3)


def child(settings: str, rotation: str) -> None:
    """Run a rotation, and say when it begins and when it is done."""
    own = Settings(**json.loads(settings))
    ring = open_ring(own, Service.CUSTODIAN)
    print("begun", flush=True)
    run(own, ring, rotation)
    print("done", flush=True)


def killed(hub: KeyedHub, rotation: str, chance: random.Random) -> bool:
    """Start a run and kill it after a random time; False if it was done by then."""
    given = hub.settings.model_dump(mode="json", include={"home", "database_url", "agreement", "commit"})
    command = [sys.executable, "-m", "benchmarks.rotation", "--child", json.dumps(given), rotation]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0, LONGEST_S))
        running.send_signal(signal.SIGKILL)
        return "done" not in running.stdout.read()


def alike(hub: KeyedHub) -> dict[str, pl.Series]:
    """Of each column which records are alike: the same numbers before and after, if nothing was mixed or lost."""
    found: dict[str, pl.Series] = {}
    tables = [records for _, (_, records) in sorted(hub.stored().items())]
    for name in ("record_id", *LINKAGE_COLUMNS):
        column = pl.concat([table[name] for table in tables])
        firsts = column.to_frame("value").with_row_index("at").with_columns(pl.col("at").first().over("value"))
        found[name] = firsts.select(pl.when(pl.col("value").is_not_null()).then(pl.col("at"))).to_series()
    return found


def linkable(hub: KeyedHub) -> str:
    """A digest of all encodings as linkage has them: the same bytes before and after."""
    digest, newest = hashlib.sha256(), hub.ring.versions()["hub"]
    later = HubStage.of(hub.ring.chain(Purpose.HUB, after=1)) if newest > 1 else None
    for _, (_, records) in sorted(hub.stored().items()):
        ordered = records if later is None else in_first_order(records, later)
        for name in ENCODING_COLUMNS:
            digest.update(b"".join(ordered[name].drop_nulls()))
    return digest.hexdigest()


def measure(hub: KeyedHub, count: int, kills: int) -> None:
    """Print every figure."""
    clear = people(count, SEED).select(COLUMNS)
    twice = clear.sample(count // 10, seed=SEED)
    hub.spread(pl.concat([clear, twice]).sample(fraction=1.0, shuffle=True, seed=SEED), DELIVERIES, FEEDS)
    print(f"{count:,} persons, {count + twice.height:,} records in {DELIVERIES} deliveries", flush=True)
    first = link(hub.settings, hub.ring, LATEST)
    print(f"linked to {first.persons:,} persons by {first.pairs:,} pairs", flush=True)
    before, ids, encodings = _register(hub), alike(hub), linkable(hub)
    done, begun = kill(hub, kills)
    hub = hub.reopened()
    versions = {version for version, _ in hub.stored().values()}
    print(f"killed {done} times in {begun} rotations; files state version {versions}, the database {hub.versions()}; "
          f"drafts left for retention to sweep: {len(hub.left_beside())}", flush=True)  # fmt: skip
    after = alike(hub)
    print("records and tokens alike exactly where they were:", all(after[name].equals(ids[name]) for name in ids))
    print("encodings as linkage has them are the same bytes:", linkable(hub) == encodings, flush=True)
    again = link(hub.settings, hub.ring, LATEST, full=True)
    print(f"linked again: {sum(again.changes.values())} changes, {again.pairs:,} pairs, "
          f"register identical: {_register(hub).equals(before)}")  # fmt: skip


def kill(hub: KeyedHub, kills: int) -> tuple[int, int]:
    """Kill so often; how often, in how many rotations, the last of which is let end."""
    chance, done, begun = random.Random(SEED), 0, 1
    rotation = hub.asked()
    while done < kills:
        if killed(hub, rotation, chance):
            done += 1
        else:
            begun, hub = begun + 1, hub.reopened()
            rotation = hub.asked()
    began = time.process_time()
    left = hub.reopened().run(rotation).rekeyed
    print(f"the last run re-keyed {left} deliveries in {time.process_time() - began:,.1f} s of processor", flush=True)
    return done, begun


def _register(hub: KeyedHub) -> pl.DataFrame:
    with transaction(hub.settings) as connection:
        return read_register(connection)


def main() -> None:
    """Measure in a fresh home."""
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
        return
    count, kills = (*map(int, sys.argv[1:]), 1_000_000, 50)[:2] if len(sys.argv) < 3 else map(int, sys.argv[1:3])
    print(machine())
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        agreement = Path(folder) / "agreement.yaml"
        shutil.copy(PROJECT / "config" / "agreement.yaml", agreement)
        agree(agreement)
        settings = Settings(home=Path(folder) / "home", agreement=agreement, commit="0" * 40)
        database.migrate(settings)
        try:
            measure(KeyedHub.of(settings, create_ring(settings)), count, kills)
        finally:
            database.engine(settings).dispose()
            postgres.stop(settings.home)


if __name__ == "__main__":
    main()
