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

from hub import postgres

PROJECT = Path(__file__).parents[2]
HUB = Path(sys.executable).parent / "hub"


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
        ran = self.hub("demo", "--partners", str(self.partners))
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
