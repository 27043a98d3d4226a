"""Five hundred people found nowhere else go through every command and failure: nothing of them lies or shows unsealed.

They come in by two feeds, one in clear and one that its authority pseudonymises, some in rows at fault. Searched is all
that the hub writes and says: standard output and error at log level DEBUG, every file of the home and of what commands
hand out, every value of every table and the database's own files, the console's pages, and what a crash prints, with
the local variables of every frame.
"""

import csv
import io
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from cli.main import NOUNS
from cli.nouns import load
from console.app import create
from hub.clock import now
from hub.database import transaction
from hub.settings import PROJECT, Settings
from partners.population.identifiers import nhs_number, pnc_id
from tests.agreed import SEALING_KEYS, agree, pem
from tests.cases import ALL, takes_long
from tests.conftest import copied_database
from tests.unit.cli.conftest import Command
from tests.unit.console.conftest import PAGES, SIGNED_IN, Visitor, known_user, served
from tests.unit.pseudonymise.sent import CRIME
from tests.unit.pseudonymise.test_source import CLEAR
from tests.warm import LOADED_WITH, warm

pytestmark = pytest.mark.timeout(1500)
PEOPLE = 500 if ALL else 40
QUARTER, POLICE, HEALTH = "2026-Q3", "police.recorded_crime", "health.emergency_care"
OFFICERS = {"council officer": "council", "police officer": "police", "health officer": "health"}
NOT_HERE = {"demo", "up", "down", "airflow", "serve", "database revision"}
"""Commands that start Airflow or a server, at whose answers tests/e2e/test_console.py and tests/unit/api look; and one
that writes code."""
PUBLIC = {"purposes": ["needs-assessment"], "tables": ["quarter", "needs"], "smallest_count": 10, "round_to": 5}
CRASHES = (  # where the ground gives way, at what depth: each while rows in clear are in hand
    "pseudonymise.on_spark:linkage_columns",
    "pseudonymise.linkage_columns:_full_name",
    "pseudonymise.references:AESSIV",
    "ingest.checking:_ndjson",
    "ingest.storing:held_columns",
    "store.tables:repetitive",
)
CRASH = """
import logging, os, sys, traceback
from importlib import import_module
logging.basicConfig(level=logging.DEBUG, force=True)
place, how, *words = sys.argv[1:]
module, name = place.split(":")
if how == "keep":
    traceback.clear_frames = lambda trace: None
def boom(*given, **named):
    if how == "abort":
        os.abort()
    raise RuntimeError("the ground gave way")
def show(kind, error, trace):
    print("".join(traceback.TracebackException(kind, error, trace, capture_locals=True).format()), file=sys.stderr)
    from rich.console import Console
    from rich.traceback import Traceback
    Console(stderr=True, width=400).print(Traceback.from_exception(
        kind, error, trace, show_locals=True, locals_max_string=None, locals_max_length=None))
sys.excepthook = show
setattr(import_module(module), name, boom)
sys.argv = ["hub", *words]
from cli.main import main
main()
"""


@dataclass(frozen=True)
class Somebody:
    """One invented person, whose every word is found nowhere else."""

    forename: str
    surname: str
    born_on: date
    nhs_number: str
    pnc_id: str
    postcode: str
    address: str
    uprn: str

    @property
    def words(self) -> tuple[str, ...]:
        """All by which the person could be known, in the forms in which they were sent."""
        nhs = self.nhs_number
        dates = (self.born_on.isoformat(), f"{self.born_on:%d/%m/%Y}")
        spaced = f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}"
        return (
            self.forename, self.surname, *dates, nhs, spaced, self.pnc_id, self.postcode, self.address, self.uprn,
            self.postcode.replace(" ", ""),
        )  # fmt: skip


def planted() -> list[Somebody]:
    dice = random.Random(500)
    letters = "abcdefghijklmnopqrstuvwxyz"

    def word(first: str) -> str:
        return first + "".join(dice.choice(letters) for _ in range(8))

    days = dice.sample(range(6000), PEOPLE)
    serials = iter(number for n in range(400_000, 500_000) if (number := nhs_number(n)))
    made = []
    for n in range(PEOPLE):
        place = f"KT{dice.randint(1, 9)} {dice.randint(1, 9)}{dice.choice('ABDEFGH')}{dice.choice('JLNPQRS')}"
        made.append(
            Somebody(
                word("Qzv").capitalize(), word("Vqx").capitalize(), date(1931, 1, 1) + timedelta(days=days[n]),
                next(serials), pnc_id(1988, 5_000_000 + 7 * n), place, f"{n} {word('Zqj').capitalize()} Lane",
                f"{100_000_000_000 + 7919 * n + 31}",
            )
        )  # fmt: skip
    return made


SOMEBODIES = planted()
WORDS = sorted({word for one in SOMEBODIES for word in one.words})


@dataclass
class Search:
    """All that was looked through, and where a word of somebody was found."""

    hits: dict[str, list[str]] = field(default_factory=dict)
    looked: int = 0
    places: int = 0

    def look(self, where: str, content: bytes | str) -> None:
        raw = content if isinstance(content, bytes) else content.encode(errors="replace")
        self.looked, self.places = self.looked + len(raw), self.places + 1
        for shown in _layers(raw):
            found = pl.Series([shown]).str.extract_many(WORDS, ascii_case_insensitive=True).explode().drop_nulls()
            if len(found):
                self.hits.setdefault(where, []).extend(found.unique().to_list())


def _layers(raw: bytes) -> Iterator[str]:
    """Bytes as text, and what is packed in them: workbooks, archives, plain Parquet."""
    yield raw.decode("latin-1")
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            yield from (packed.read(name).decode("latin-1") for name in packed.namelist())
    if raw[:4] == b"PAR1":
        yield pl.read_parquet(io.BytesIO(raw)).cast(pl.String).write_csv()


def crimes(path: Path, quarter: str, *, spoiled: int) -> None:
    """The police's file: everybody once, one row in so many at fault."""
    month = {"2026-Q2": "05", "2026-Q3": "08"}[quarter]
    rows = [_crime(n, one, month, n % spoiled == 0) for n, one in enumerate(SOMEBODIES)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _crime(n: int, one: Somebody, month: str, spoiled: bool) -> dict[str, str]:
    about = {
        "Crime Reference": f"01/{n:06}/26", "Committed From": f"01/{month}/2026 22:15", "Committed To": "",
        "Recorded Date": f"02/{month}/2026", "Weapon": "", "Age": "", "Outcome Date": "",
        "Person Role": ("VICTIM", "SUSPECT")[n % 2],
        "Forename": one.forename, "Surname": one.surname, "Date of Birth": f"{one.born_on:%d/%m/%Y}",
        "PNC ID": one.pnc_id, "Address": one.address, "Postcode": one.postcode, "UPRN": one.uprn,
        "HO Code": one.surname if spoiled else "008/01", "MO": f"Known as {one.forename} {one.surname}",
    }  # fmt: skip
    return CRIME | {f"{flag} Flag": "N" for flag in ("DA", "Knife", "Gang", "Hate", "Alcohol")} | about


def attendances(path: Path) -> None:
    """The hospital's own file, in clear: everybody once, one row in fifteen at fault."""
    head = CLEAR.splitlines()[0]
    lines = [head]
    for n, one in enumerate(SOMEBODIES):
        method = one.surname if n % 15 == 0 else "fist"
        arrived = one.surname if n % 15 == 0 else "2026-07-02"
        lines.append(
            f"A-{n},RAX01,{arrived},23:10:00,2026-07-02,22:15:00,60,Outside {one.address},{method},assault,Y,"
            f"{one.nhs_number},{one.forename},{one.surname},{one.born_on},2,A,{one.postcode},"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class Borough:
    """A hub, the machines of its authorities and its officers, and all that was said."""

    hub: Command
    settings: Settings
    folder: Path
    search: Search = field(default_factory=Search)
    called: set[str] = field(default_factory=set)

    def run(self, *words: str, given: str = "", fails: bool | None = False) -> str:
        """Call a command and look at what it says; ``fails``: it must (True), must not (False), or may (None)."""
        own = LOADED_WITH | self.hub.settings | {"HUB_HOME": str(self.hub.home), "PATH": os.environ["PATH"]}
        ran = warm().run(list(words), own, given)
        self.called.add(" ".join(words))
        said = ran.stdout + ran.stderr
        self.search.look(f"hub {' '.join(words[:3])}", said)
        if fails is not None:
            assert (ran.returncode != 0) is fails, said[-1500:]
        return said

    def crash(self, place: str, words: Sequence[str], how: str) -> str:
        """Let the ground give way beneath a command; what it leaves."""
        environment = dict(os.environ) | dict(self.hub.settings) | {"HUB_HOME": str(self.hub.home)}
        command = [sys.executable, "-X", "faulthandler", "-c", CRASH, place, how, *words]
        ran = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, timeout=200, check=False)
        assert ran.returncode != 0
        expected = b"Fatal Python error: Aborted" if how == "abort" else b"the ground gave way"
        assert expected in ran.stderr, ran.stderr[-1500:]
        left = (ran.stdout + ran.stderr).decode("latin-1")
        if how != "keep":
            self.search.look(f"crash at {place} by {how}", left)
        return left

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def signed(self, officer: str) -> list[str]:
        key = self.path(f"{officer}.pem")
        return ["--officer", officer, "--key", key, "--reason", "Looked at and found in order"]


@pytest.fixture
def borough(postgres_url: URL, tmp_path: Path) -> Iterator[Borough]:
    config, sent = tmp_path / "config", tmp_path / "sent"
    sent.mkdir()
    _configure(config, sent)
    with copied_database(postgres_url, "template_hub") as url:
        own = {"HUB_CONFIG": str(config), "HUB_DATABASE_URL": url, "HUB_COMMIT": "0" * 40, "HUB_LOG_LEVEL": "DEBUG"}
        settings = Settings(home=tmp_path / "home", config=config, database_url=url, commit="0" * 40)
        yield Borough(Command(tmp_path / "home", own), settings, tmp_path)


def _configure(config: Path, sent: Path) -> None:
    """The project's configuration, whose two feeds are fetched from a folder."""
    shutil.copytree(PROJECT / "config", config)
    agree(config / "agreement.yaml", lambda terms: terms.update(public=PUBLIC))
    names = {POLICE: "crimes_{period}.csv", HEALTH: "care_{period}.pgp"}
    for feed, name in names.items():
        path = config / "feeds" / f"{feed}.yaml"
        terms = yaml.safe_load(path.read_text(encoding="utf-8"))
        openpgp = terms["transport"].get("openpgp")
        terms["transport"] = {"kind": "file", "url": str(sent), "path": name, "settle_s": 0}
        if openpgp:
            terms["transport"]["openpgp"] = openpgp
        path.write_text(yaml.safe_dump(terms), encoding="utf-8")


@takes_long
def test_nothing_of_five_hundred_people_lies_or_shows_unsealed(borough: Borough) -> None:
    make(borough)
    crash_and_fail(borough, CRASHES)
    bring_in(borough)
    bring_in_from_source(borough)
    use(borough)
    lead_back(borough)
    the_rest(borough)
    assert not uncalled(borough.called)
    look_at_pages(borough)
    nothing_is_found(borough)
    assert borough.search.looked > 10_000_000


def test_nothing_of_some_people_lies_or_shows_unsealed_on_their_way_in(borough: Borough) -> None:
    make(borough)
    crash_and_fail(borough, CRASHES[:1])
    bring_in(borough)
    nothing_is_found(borough)


def nothing_is_found(borough: Borough) -> None:
    look_at_files(borough)
    look_at_database(borough)
    found = borough.search
    size = f"{found.places:,} places, {found.looked:,} bytes"
    print(f"{PEOPLE} people, {len(WORDS):,} words: {size}, {len(found.hits)} places with hits")
    assert found.hits == {}


def test_the_search_would_find_them() -> None:
    one, search = SOMEBODIES[0], Search()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", one.surname)
    table = io.BytesIO()
    pl.DataFrame({"a": [one.nhs_number]}).write_parquet(table)
    for where, content in (
        ("text", f"was {one.forename.upper()}!"),
        ("bytes", b"\x00\xff" + one.postcode.encode()),
        ("archive", packed.getvalue()),
        ("parquet", table.getvalue()),
        ("nothing", "Ada Example, KT1 1EU"),
    ):
        search.look(where, content)
    assert set(search.hits) == {"text", "bytes", "archive", "parquet"}
    assert len({word for one in SOMEBODIES for word in one.words}) > 9 * PEOPLE


# The steps -------------------------------------------------------------------------------------------------------


def make(it: Borough) -> None:
    """A home, and its officers."""
    it.run("init")
    for name, party in OFFICERS.items():
        (it.folder / f"{party}-party.pem").write_bytes(pem(party))
        it.run("officer", "keygen", it.path(f"{name}.pem"))
        out, until = it.path(f"{name}.json"), str(now().date() + timedelta(days=90))
        key = ["--public-key", it.path(f"{name}.pem.pub"), "--party", party]
        key += ["--party-key", it.path(f"{party}-party.pem")]
        it.run("officer", "appoint", name, *key, "--until", until, "--out", out)
        it.run("officer", "register", out)


def crash_and_fail(it: Borough, crashes: Sequence[str]) -> None:
    """Every way in which a delivery goes wrong, before one goes right."""
    sent = it.folder / "sent"
    crimes(sent / "crimes_2026-Q2.csv", "2026-Q2", spoiled=3)  # more than a tenth is at fault
    it.run("validate", POLICE, str(sent / "crimes_2026-Q2.csv"), "--quarter", "2026-Q2", fails=None)
    it.run("ingest", POLICE, "2026-Q2", fails=True)
    good = sent / "crimes_2026-Q3.csv"
    crimes(good, QUARTER, spoiled=20)
    whole = good.read_bytes()
    for wrong in (whole.replace(b"Surname", b"Family", 1), whole[: len(whole) // 2] + b'"\xff\x00', whole[200:]):
        good.write_bytes(wrong)
        it.run("ingest", POLICE, QUARTER, fails=True)
        it.run("validate", POLICE, str(good), "--quarter", QUARTER, fails=None)
    good.write_bytes(whole)
    for place in crashes:
        it.crash(place, ("ingest", POLICE, QUARTER), "raise")
    if len(crashes) > 1:
        it.crash(crashes[0], ("ingest", POLICE, QUARTER), "abort")
        shown = Search()  # were the frames kept, the very search would find somebody in them
        shown.look("kept", it.crash(crashes[0], ("ingest", POLICE, QUARTER), "keep"))
        assert shown.hits


def bring_in(it: Borough) -> None:
    """The police's rows; those at fault wait, and are told of."""
    it.run("validate", POLICE, it.path("sent/crimes_2026-Q3.csv"), "--quarter", QUARTER, fails=None)
    it.run("ingest", POLICE, QUARTER)
    it.run("quarantine", "list")
    for number in range(1, 6):  # whichever of them was taken
        delivery = f"{POLICE}_{QUARTER}_{number:03}"
        it.run("quarantine", "export", delivery, it.path(f"out/report{number}"), fails=None)
        it.run("quarantine", "release", delivery, it.path("sent/crimes_2026-Q3.csv"), fails=None)
    it.run("status")


def bring_in_from_source(it: Borough) -> None:
    """The hospital's rows, from its own machine."""
    send_from_source(it)
    it.run("ingest", HEALTH, QUARTER)


def send_from_source(it: Borough) -> None:
    """What the hospital makes of its file, where the hub fetches it."""
    it.run("source", "keygen", it.path("health.key"))
    it.run("source", "sealing-key", it.path("health.key.pub"))
    for name in ("hub", "health"):
        it.run("source", "signing-key", it.path(f"{name}.pgp"), "--owner", f"{name} <{name}@example.com>")
    secrets = it.settings.home / "secrets"
    (secrets / "hub_openpgp_private_key").write_bytes((it.folder / "hub.pgp").read_bytes())
    (secrets / "health_openpgp_public_key").write_bytes((it.folder / "health.pgp.pub").read_bytes())
    it.run("keys", "seal-source", "--to", "health", "--public-key", it.path("health.key.pub"), "--out", it.path("copy"))
    it.run("source", "open-key", it.path("copy"), "--private", it.path("health.key"))
    attendances(it.folder / "care.csv")
    keys = ["--source-key", it.path("copy"), "--private", it.path("health.key"), "--hub-key", it.path("hub.pgp.pub")]
    keys += ["--signing-key", it.path("health.pgp"), "--quarter", QUARTER]
    (it.folder / "opted.txt").write_text(SOMEBODIES[1].nhs_number + "\n" + SOMEBODIES[0].surname)
    file, out = it.path("care.csv"), ["--out", it.path("sent/care_2026-Q3.pgp"), "--yes"]
    it.run("source", "encode", file, *keys, *out, "--opt-outs", it.path("opted.txt"), fails=True)
    it.run("source", "encode", file, *keys, *out)


def use(it: Borough) -> None:
    """Linked, released, read, and looked after."""
    it.run("link", "run", QUARTER)
    told = it.folder / "incidents.csv"
    told.write_text("feed,source_reference,true_incident_id\npolice.recorded_crime,C/1,C/1\n", encoding="utf-8")
    it.run("incident", "truth", QUARTER, str(told), fails=True)  # of another borough
    it.run("definition", "check")
    it.run("definition", "code", "008/06")
    it.run("release", "build", QUARTER)
    it.run("release", "approve", f"{QUARTER}-v1", *it.signed("council officer"))
    it.run("release", "publish", f"{QUARTER}-v1")
    for table in ("person", "event", "involvement", "incident", "factor", "intervention", "area", "release"):
        out = it.path(f"out/{table}.parquet")
        (it.folder / "out").mkdir(exist_ok=True)
        it.run("release", "read", f"{QUARTER}-v1", table, "--purpose", "strategy", "--out", out)
    it.run("release", "read", f"{QUARTER}-v1", "person", "--purpose", "insurance", fails=True)
    it.run("release", "rebuild", f"{QUARTER}-v1", fails=None)
    it.run("evaluate", "mentoring", "--page", it.path("out/evaluation.html"), fails=None)
    it.run("assess", QUARTER, "--out", it.path("out/assessment"))
    assert (it.folder / "out" / "assessment").is_dir()
    publish_for_all(it)
    it.run("audit", "export", it.path("out/log"), fails=None)
    it.run("audit", "verify", "--without-witnesses", fails=None)
    it.run("agreement", "documents", it.path("out/documents"), fails=None)
    it.run("feed", "pages", it.path("out/pages"), fails=None)
    it.run("link", "charts", it.path("out/charts"), fails=None)


def publish_for_all(it: Borough) -> None:
    """The tables that anybody may see."""
    it.run("release", "public", "build", QUARTER, "--preview", it.path("out/preview"))
    it.run("release", "public", "approve", f"public-{QUARTER}-v1", *it.signed("council officer"))
    it.run("release", "public", "publish", f"public-{QUARTER}-v1")
    assert any((it.folder / "out" / "preview").iterdir())
    it.run("release", "public", "withdraw", f"public-{QUARTER}-v1", *it.signed("council officer"))


def lead_back(it: Borough) -> None:
    """The one road back, to the police's own machine."""
    with transaction(it.settings) as connection:
        person = connection.execute(text("SELECT person_id FROM hub.membership LIMIT 1")).scalar_one()
    said = ["--feed", POLICE, "--purpose", "safeguarding", "--clause", "Children Act 2004 s.11"]
    asked = it.run("reidentify", "request", "-", *said, *it.signed("council officer"), given=person)
    name = asked.split("request ")[1][:12]
    it.run("reidentify", "request", "-", *said, *it.signed("council officer"), given=SOMEBODIES[0].surname, fails=True)
    it.run("reidentify", "approve", name, *it.signed("council officer"), fails=True)
    for officer in ("police officer", "health officer"):
        it.run("reidentify", "approve", name, *it.signed(officer))
    it.crash("reidentify.fulfilling:disclose", ("reidentify", "fulfil", name), "raise")
    done = it.run("reidentify", "fulfil", name, fails=None)
    key = it.folder / "police.sealing"
    key.write_bytes(SEALING_KEYS["police"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    file = it.path(f"home/outbox/police/{name}.sealed")
    assert Path(file).exists(), done
    it.run("reidentify", "open", file, "--private", str(key), "--out", it.path("police"))
    assert "/26" in next((it.folder / "police").glob("*.csv")).read_text()


def the_rest(it: Borough) -> None:
    """Every other command, rightly or wrongly called, with what a person might type into it."""
    it.run("release", "withdraw", f"{QUARTER}-v1", *it.signed("council officer"))
    one = SOMEBODIES[2]
    details = "\n".join([one.forename, one.surname, f"{one.born_on}", one.nhs_number, one.postcode, "", "", ""]) + "\n"
    tokens = ["--source-key", it.path("copy"), "--private", it.path("health.key"), "--out", it.path("out/tokens")]
    it.run("subject", "tokens", *tokens, given=details, fails=None)
    it.run("subject", "find", *it.signed("council officer"), "--tokens", it.path("out/tokens"), fails=None)
    for path, required in leaves():
        if path not in it.called and not any(made == path or made.startswith(f"{path} ") for made in it.called):
            words = [word for name in required for word in (name, it.path(f"odd/{len(path)}")) if word]
            it.run(*path.split(), *words, given=details, fails=None)


def leaves() -> Iterator[tuple[str, list[str]]]:
    """Every command of the hub, with the words that it cannot do without."""
    for noun, (module, _) in NOUNS.items():
        if noun not in NOT_HERE:
            yield from _below(load(module, noun), noun)


def _below(command: object, path: str) -> Iterator[tuple[str, list[str]]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below(inner, f"{path} {name}")
    if not hasattr(command, "commands") and path not in NOT_HERE:
        needed = [each for each in getattr(command, "params", ()) if each.required]
        yield path, [each.opts[0] if each.param_type_name == "option" else "" for each in needed]


def uncalled(called: set[str]) -> list[str]:
    """Commands that nobody called."""
    return [path for path, _ in leaves() if not any(made == path or made.startswith(f"{path} ") for made in called)]


# The places ------------------------------------------------------------------------------------------------------


def look_at_pages(it: Borough) -> None:
    """The console's pages, a failing one among them; they stand for Airflow's page, where they are mounted."""
    with served(create(known_user, lambda: it.settings)) as base:
        visitor = Visitor(base, SIGNED_IN)
        with transaction(it.settings) as connection:
            last = connection.execute(text("SELECT max(first) FROM hub.audit_bundle")).scalar_one()
        pages = (*PAGES, "/nowhere", *(f"/entries/{n}" for n in range(last)))
        it.search.look("pages", "\n".join(visitor.get(page).text for page in pages))


def look_at_files(it: Borough) -> None:
    """Every file of the home, and of what commands handed out."""
    for folder in ("home", "out", "config"):
        for path in (it.folder / folder).rglob("*"):
            if path.is_file():
                it.search.look(str(path.relative_to(it.folder)), path.read_bytes())
    for name in ("sent/care_2026-Q3.pgp", "copy"):
        if (it.folder / name).exists():
            it.search.look(name, (it.folder / name).read_bytes())


def look_at_database(it: Borough) -> None:
    """Every value of every table, and the files of the database as they lie on the disk."""
    with transaction(it.settings) as connection:
        connection.execute(text("CHECKPOINT"))
        tables = connection.execute(
            text("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
        ).all()
        for schema, table in tables:
            if schema not in {"pg_catalog", "information_schema"}:
                rows = connection.execute(text(f'SELECT * FROM "{schema}"."{table}"')).all()
                values = [bytes(v) if isinstance(v, bytes) else str(v).encode() for row in rows for v in row]
                it.search.look(f"table {schema}.{table}", b"\x00".join(values))
        place, number = connection.execute(
            text("SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()")
        ).one()
    assert re.fullmatch(r"\w+", make_url(str(it.settings.database_url)).database or "")
    for path in (Path(place) / "base" / str(number)).iterdir():
        it.search.look(f"database file {path.name}", path.read_bytes())
    for path in Path(place).glob("*log*"):
        if path.is_file():
            it.search.look(f"database {path.name}", path.read_bytes())
