"""Killing an act at a call of a function: within this process as far as it can be, or a process of its own for good."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

import pytest

from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from publish.ordering import Officer
from tests.unit.publish.small_hub import OFFICER, Hub


class Killed(BaseException):
    """What no code of the hub catches: its transaction is rolled back, as the server does when its client dies."""


def stop_at(monkeypatch: pytest.MonkeyPatch, module: str, function: str, call: int, how: Callable[[], None]) -> None:
    """Have the process end at the so-manieth call of a function."""
    whole = getattr(import_module(module), function)
    calls = iter(range(1, 1000))

    def stopping(*words: object, **named: object) -> object:
        if next(calls) == call:
            how()
        return whole(*words, **named)

    monkeypatch.setattr(f"{module}.{function}", stopping)


def die() -> None:
    """Within this process."""
    raise Killed


def kill_for_good(hub: Hub, person: str, module: str, function: str, call: int) -> int:
    """Run retention, or the erasure of a person, in a process that kills itself there; returns how it ended."""
    settings = hub.settings
    words = [str(settings.home), str(settings.config), str(settings.database_url), person, module, function, str(call)]
    command = [sys.executable, "-m", "tests.unit.retention.killing", *words]
    return subprocess.run(command, input=hub.officer_key, timeout=120, check=False).returncode


def _main(home: str, config: str, url: str, person: str, module: str, function: str, call: str) -> None:
    from retention.running import run
    from subjects.erasing import erase

    settings = Settings(home=home, config=config, database_url=url, commit="0" * 40)
    key = sys.stdin.buffer.read()
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, module, function, int(call), lambda: os.kill(os.getpid(), signal.SIGKILL))
        if person:
            erase(settings, open_ring(settings, Service.SUBJECTS), Officer(OFFICER, "the person asked", key), person)
        else:
            run(settings, open_ring(settings, Service.RETENTION))


if __name__ == "__main__":
    _main(*sys.argv[1:])
