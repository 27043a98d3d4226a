"""Every DAG run by ``dag.test()`` against the real partner servers, with a borough of few people."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agreement.policy import load_agreement
from cli.officer import write_key_pair
from cli.running import prepare, start_partners, stop_all
from cli.runtime.configuration import airflow_environment
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from publish.appointing import appoint
from publish.deciding import decide
from publish.decision import Verdict
from publish.officers import register
from publish.releases import releases
from tests.cases import takes_long
from tests.dags.conftest import FEEDS, dag_id

QUARTER = Quarter(2026, 3)
OFFICER = "test-ig-reviewer"
pytestmark = [pytest.mark.timeout(600), takes_long]  # the demo's test runs the same DAGs through the scheduler


@dataclass(frozen=True)
class Home:
    """A hub with partners, and Airflow's tables; no scheduler."""

    settings: Settings
    folder: Path

    def run(self, *names: str) -> dict[str, Any]:
        """Run DAGs by ``dag.test()``, and return their states."""
        return self.result_of("run_dags.py", str(QUARTER), *names)

    def result_of(self, program: str, *words: str) -> dict[str, Any]:
        """What one of the programs beside this file writes."""
        result = self.folder / "result.json"
        self.python(str(Path(__file__).with_name(program)), str(result), *words)
        return dict(json.loads(result.read_text()))

    def python(self, *words: str) -> None:
        """Run a Python program in Airflow's environment."""
        ran = subprocess.run(
            [sys.executable, *words],
            env=airflow_environment(self.settings)
            | {"HUB_COMMIT": str(self.settings.commit), "HUB_CONFIG": str(self.settings.config)},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        print(*(line for line in ran.stdout.splitlines() if "Retry policy decision" in line), sep="\n")

    def appoint(self, public_key: bytes) -> None:
        """Have the simulated council appoint the officer."""
        agreement = load_agreement(self.settings)
        council = (self.folder / "partners" / "officers" / "council.pem").read_bytes()
        term = (agreement.commences_on, agreement.expires_on)
        register(self.settings, appoint(agreement, OFFICER, public_key, "council", council, *term).document())

    def sign(self, verdict: Verdict) -> None:
        """Sign a decision on the only release, as an officer."""
        key = self.folder / "officer.pem"
        if not key.exists():
            write_key_pair(key)
            self.appoint(Path(f"{key}.pub").read_bytes())
        name = releases(self.settings)[-1].name
        decide(self.settings, name, verdict=verdict, reason="a test", officer=OFFICER, key=key.read_bytes())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("hub")
    draft = folder / "draft.yaml"
    asked = (PROJECT / "config/agreement.yaml").read_text(encoding="utf-8")
    draft.write_text(asked.replace("precision: 0.98 ", "precision: 0.9 "), encoding="utf-8")  # so few are linked worse
    partners("agree", folder, "--draft", str(draft), "--hub-home", str(folder / "home"))
    shutil.copytree(PROJECT / "config", folder / "config")
    with (folder / "config" / "feeds" / "yot.cases.yaml").open("a", encoding="utf-8") as feed:
        feed.write("partitions: 2\n")
    settings = Settings(home=folder / "home", config=folder / "config", commit="0" * 40)
    try:
        prepare(settings)
        partners("generate", folder, "--people", "400", "--quarter", str(QUARTER))
        start_partners(settings, folder / "partners")
        made = Home(settings, folder)
        made.python("-m", "airflow", "db", "migrate")
        yield made
    finally:
        stop_all(settings)


def partners(command: str, folder: Path, *options: str) -> None:
    words = [sys.executable, "-m", "partners", command, "--folder", str(folder / "partners"), *options]
    subprocess.run(words, cwd=PROJECT, check=True, capture_output=True)


def test_feeds_are_collected_and_admitted(home: Home) -> None:
    """From a database, a folder and an SFTP server; the demo's test runs all feeds, through the scheduler."""
    chosen = [dag_id(FEEDS[name]) for name in ("council.exclusions", "fire.incidents", "yot.cases")]
    found = home.run(*chosen)
    alone, side_by_side = ("collect", "admit"), ("collect", "check", "settle", "tokenise", "admit")
    for name, tasks in zip(chosen, (alone, alone, side_by_side), strict=True):
        assert found[name] == {"state": "success", "tasks": dict.fromkeys(tasks, "success")}


def test_the_quarter_is_linked(home: Home) -> None:
    assert home.run("link") == {"link": {"state": "success", "tasks": {"link": "success"}}}


def test_an_approval_marked_successful_by_hand_publishes_nothing(home: Home) -> None:
    states = home.run("release")["release"]["tasks"]
    assert states == {"build_candidate": "success", "approve": "success", "publish": "failed"}
    assert [release.state for release in releases(home.settings)] == ["candidate"]


def test_a_signed_decision_publishes(home: Home) -> None:
    home.sign(Verdict.APPROVE)
    assert home.run("release")["release"]["state"] == "success"
    assert [release.state for release in releases(home.settings)] == ["published"]


def test_the_same_release_is_not_asked_about_again(home: Home) -> None:
    states = home.run("release")["release"]["tasks"]
    assert states == {"build_candidate": "success", "approve": "skipped", "publish": "skipped"}


def test_feeds_delivered_at_the_same_moment_make_one_pending_quarter(home: Home) -> None:
    home.python("-m", "airflow", "dags", "reserialize")
    quarters = [f"{year}-Q{number}" for year in (2023, 2024) for number in (1, 2, 3, 4)]
    assert home.result_of("same_moment.py", *quarters) == dict.fromkeys(quarters, 1)
