"""A hospital's analyst makes a delivery on the hospital's own machine, and the hub's connector takes it."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from connectors import connect
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import FileTransport, OpenPgp
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE
from schemas.validation import validate
from tests.unit.pseudonymise.test_source import CLEAR

FEED, QUARTER = "health.emergency_care", Quarter(2026, 3)
CANARIES = ("Canarytest", "Zoë", "9434765919", "1990-02-03", "KT1 1EU", "Canary Arms", "A-901", "Quarantined")
MORE = "".join(f"A-91{n},RAX01,2026-07-0{n},23:10:00,,,10,,,,,,Ann,,,1,99,ZZ99 3VZ,\n" for n in range(1, 10))
HUB_OWN = "airflow splink paramiko mesh_client psycopg fastapi alembic requests"


@dataclass
class Machine:
    """A machine at the hospital: the keys, and a file."""

    hub: object
    folder: Path

    def encode(self, *more: str, **other: str) -> subprocess.CompletedProcess[str]:
        """Encode the file; an option of another name is given another way."""
        said = {
            "source-key": "sealed/health-source-1.sealed",
            "private": "health.key",
            "hub-key": "hub.pgp.pub",
            "signing-key": "health.pgp",
            "out": "delivery.pgp",
        } | {name.replace("_", "-"): value for name, value in other.items()}
        options = [word for name, value in said.items() for word in (f"--{name}", str(self.folder / value))]
        return self.hub("source", "encode", str(self.file), "--quarter", str(QUARTER), *options, *more)

    @property
    def file(self) -> Path:
        return self.folder / "attendances.csv"

    @property
    def delivery(self) -> Path:
        return self.folder / "delivery.pgp"


def ok(ran):
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def refused(ran):
    assert ran.returncode == 1, ran.stdout
    assert "Traceback" not in ran.stderr
    return " ".join(ran.stderr.split())


@pytest.fixture
def machine(hub, tmp_path) -> Machine:
    there = tmp_path / "hospital"
    there.mkdir()
    made = Machine(hub, there)
    ok(hub("source", "keygen", str(there / "health.key")))
    ok(hub("source", "new-key", f"health={there / 'health.key.pub'}", "--out", str(there / "sealed")))
    for name in ("hub", "health"):
        ok(hub("source", "signing-key", str(there / f"{name}.pgp"), "--owner", f"{name} <{name}@example.com>"))
    made.file.write_text(CLEAR + MORE, encoding="utf-8")
    return made


def fetched(machine: Machine) -> bytes:
    """What the hub's connector makes of the delivery."""
    home = machine.folder / "home"
    (home / "secrets").mkdir(parents=True)
    shutil.copy(machine.folder / "hub.pgp", home / "secrets" / "hub_key")
    shutil.copy(machine.folder / "health.pgp.pub", home / "secrets" / "sender_key")
    settings = Settings(home=home)
    agreed = OpenPgp(private_key="hub_key", signed_by="sender_key")
    drop = FileTransport(kind="file", url=str(machine.folder), path="delivery.pgp", settle_s=0, openpgp=agreed)
    feed = load_feed(settings.config, FEED).model_copy(update={"transport": drop})
    return b"".join(page.body for page in connect(settings, feed).pages(QUARTER))


def test_the_delivery_is_taken_and_holds_no_name(machine):
    told = ok(machine.encode("--yes"))
    clear = fetched(machine)
    taken = validate(parse("ndjson", clear, EMERGENCY_CARE), EMERGENCY_CARE, QUARTER)

    assert (taken.valid.height, taken.quarantined.height) == (11, 0)
    for canary in CANARIES:
        assert canary not in told
        assert canary.encode() not in clear
        assert canary.encode() not in machine.delivery.read_bytes()


def test_it_tells_what_leaves_and_what_stays_by_column_and_count(machine):
    told = ok(machine.encode("--yes"))
    assert "12 rows: 11 would be taken, 1 not" in told
    assert "What leaves: 11 rows" in told
    assert re.search(r"token_surname +keyed digest.* 1 +1\n", told)
    assert re.search(r"encoding_forename +keyed similarity.* 11 +3\n", told)
    assert "reference_sealed" in told
    assert re.search(r"What stays here, of attendances.csv: .*PERSON FAMILY NAME", told)


def test_it_asks_first_and_writes_nothing_without_a_yes(machine):
    assert machine.encode().returncode == 1
    assert not machine.delivery.exists()


def test_who_opted_out_stays_behind(machine):
    (machine.folder / "opted_out.txt").write_text("943 476 5919\n")
    told = ok(machine.encode("--yes", opt_outs="opted_out.txt"))
    assert "1 rows stay here because the patient opted out" in told
    assert "What leaves: 10 rows" in told
    (machine.folder / "opted_out.txt").write_text("NHS number\n943 476 5919\n")
    said = refused(machine.encode("--yes", opt_outs="opted_out.txt", out="other.pgp"))
    assert "1 of its lines are no NHS number, the first of them line 1" in said
    (machine.folder / "opted_out.txt").write_bytes(b"\xff\xfe9\x004\x00")
    said = refused(machine.encode("--yes", opt_outs="opted_out.txt", out="other.pgp"))
    assert "1 of its lines are no NHS number" in said
    assert not list(machine.folder.glob("other.pgp*"))


def test_a_key_that_is_none_refuses_and_writes_nothing(machine):
    (machine.folder / "hub.pgp.pub").write_text("no key")
    assert "it holds no OpenPGP public key" in refused(machine.encode("--yes"))
    shutil.copy(machine.folder / "hub.pgp", machine.folder / "hub.pgp.pub")
    assert "it holds a private key, which the hub's never leaves" in refused(machine.encode("--yes"))
    assert not machine.delivery.exists()


def test_a_delivery_is_not_written_over_another(machine):
    machine.delivery.write_text("kept")
    assert "a file is there already" in refused(machine.encode("--yes"))
    assert machine.delivery.read_text() == "kept"


def test_a_feed_that_the_hub_pseudonymises_is_refused(machine):
    said = refused(machine.hub(*machine.encode("--feed", "yot.cases", "--yes").args[1:]))
    assert "it is not pseudonymised at source" in said


def test_it_needs_neither_airflow_nor_a_database_nor_a_network_library():
    program = "import sys, cli.keys_source\nprint(*sorted(set(sys.argv[1:]) & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", program, *HUB_OWN.split()], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == []


def test_once_the_key_was_turned_it_travels_under_the_new_version_too(machine, tmp_path):
    told = ok(machine.encode("--yes"))
    assert re.search(r"source_key +as it is +11 +1\n", told)
    public = f"health={machine.folder / 'health.key.pub'}"
    ok(machine.hub("source", "new-key", public, "--out", str(machine.folder / "sealed"), "--version", "2"))
    second = str(machine.folder / "sealed" / "health-source-2.sealed")
    ok(machine.encode("--yes", "--source-key", second, out="turned.pgp"))
    before = pl.read_ndjson(fetched(machine))
    machine.delivery.unlink()
    (machine.folder / "turned.pgp").rename(machine.delivery)
    shutil.rmtree(machine.folder / "home")
    after = pl.read_ndjson(fetched(machine))
    assert (set(before["source_key"]), set(after["source_key"])) == ({"1"}, {"1+2"})
    for name in ("reference", *(each for each in before.columns if each.startswith(("token_", "encoding_")))):
        assert set(before[name].drop_nulls()).isdisjoint(after[name].drop_nulls()), name
