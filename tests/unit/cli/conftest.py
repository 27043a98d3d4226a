"""The real command, run as a person runs it."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cases import ALL
from tests.warm import HUB, LOADED_WITH
from tests.warm import hub as run

__all__ = ["HUB", "Command"]


@dataclass(frozen=True)
class Command:
    """The hub command in one home."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        said = {"HUB_HOME": str(self.home)} | dict(self.settings) | settings
        plain = all(name.startswith("HUB_") for name in said)  # all else may change what is loaded
        return run(list(words), own | LOADED_WITH | said, given, forked=plain and not ALL)

    @property
    def postgres_runs(self) -> bool:
        return (self.home / "postgres" / "postmaster.pid").exists()


@pytest.fixture
def hub(tmp_path: Path) -> Command:
    """The command where no home was made."""
    return Command(tmp_path / "home", {"HUB_COMMIT": "0" * 40})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command in a home that hub init made."""
    command = Command(tmp_path_factory.mktemp("made") / "home", {"HUB_COMMIT": "0" * 40})
    ran = command("init")
    assert ran.returncode == 0, ran.stderr
    yield command
    command("down")
