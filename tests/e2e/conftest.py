"""The demo, run once for all tests of this folder: a real Airflow, six real servers, one published release."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hub import postgres
from tests.cases import ALL

PROJECT = Path(__file__).parents[2]
HUB = Path(sys.executable).parent / "hub"
PEOPLE = 5000 if ALL else 2000


@dataclass(frozen=True)
class DemoHome:
    """A home in which the demo has run, and the folder of its authorities, who know the truth."""

    home: Path
    partners: Path

    def hub(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the hub command in this home."""
        environment = os.environ | {"HUB_HOME": str(self.home), "HUB_AIRFLOW_PORT": "18080", "COLUMNS": "200"}
        command = [str(HUB), *arguments]
        return subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)

    def demo(self) -> str:
        """Run the demo; what it printed."""
        ran = self.hub("demo", "--partners", str(self.partners), "--people", str(PEOPLE))
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran.stdout

    def status(self) -> dict[str, Any]:
        """What hub status --json says."""
        asked = self.hub("status", "--json")
        assert asked.returncode == 0, asked.stderr
        found: dict[str, Any] = json.loads(asked.stdout)
        return found


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoHome]:
    """A home that the demo filled, all stopped."""
    folder = tmp_path_factory.mktemp("demo")
    made = DemoHome(folder / "home", folder / "partners")
    (folder / "screen.txt").write_text(made.demo(), encoding="utf-8")
    yield made
    made.hub("down")
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Running:
    """The Airflow of the demo's home, running: where it is, and the way in for each of its users."""

    demo: DemoHome
    url: str

    def password(self, user: str) -> str:
        """The password of ``admin``, ``engineer``, ``ig`` or ``auditor``."""
        found: dict[str, str] = json.loads((self.demo.home / "secrets" / "airflow_passwords.json").read_text())
        return found[user]

    def token(self, user: str) -> str:
        """A bearer token for Airflow's REST interface."""
        said = {"username": user, "password": self.password(user)}
        answer = requests.post(f"{self.url}/auth/token", json=said, timeout=30)
        answer.raise_for_status()
        found: str = answer.json()["access_token"]
        return found


@pytest.fixture(scope="module")
def running(demo_home: DemoHome) -> Iterator[Running]:
    """The demo's home with Airflow and PostgreSQL running, without the simulated authorities.

    Stopped at the end of each file of tests: other files stop and start the same home themselves.
    """
    came = demo_home.hub("up", "--no-partners")
    assert came.returncode == 0, came.stdout[-2000:] + came.stderr[-2000:]
    port = json.loads((demo_home.home / "run" / "ports.json").read_text())["api"]
    yield Running(demo_home, f"http://127.0.0.1:{port}")
    demo_home.hub("down")


@pytest.fixture
def postgres_runs(demo_home: DemoHome) -> Iterator[None]:
    """The demo home's embedded PostgreSQL runs as long as the test."""
    postgres.start(demo_home.home)
    yield
    postgres.stop(demo_home.home)


@pytest.fixture(scope="session")
def screen(demo_home: DemoHome) -> str:
    """What the first demo printed."""
    return (demo_home.home.parent / "screen.txt").read_text(encoding="utf-8")
