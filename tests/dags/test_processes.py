"""A child process that is found again, and ended with all that it started."""

import os
import sys
import time
from pathlib import Path

import pytest

from cli.runtime import processes

ORPHANING = """
import subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", deaf])
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def child(tmp_path: Path) -> processes.Child:
    child = processes.start([sys.executable, "-c", ORPHANING], os.environ, tmp_path / "pid", tmp_path / "output")
    until = time.monotonic() + 20
    while "started" not in (tmp_path / "output").read_text() and time.monotonic() < until:
        time.sleep(0.05)
    return child


def test_it_is_found_by_its_pid_file(child: processes.Child, tmp_path: Path) -> None:
    found = processes.recall(tmp_path / "pid")
    assert found == child
    assert child.alive
    assert len(child.session()) == 2
    processes.stop(child, patience_s=0.2)


def test_what_outlives_the_interrupt_is_ended_and_named(child: processes.Child) -> None:
    orphan = next(process for process in child.session() if process.pid != child.pid)
    named = processes.stop(child, patience_s=0.5)
    assert [name.split()[0] for name in named] == [str(orphan.pid)]
    assert child.session() == []


def test_what_is_named_is_ended_at_once_and_nothing_else(child: processes.Child) -> None:
    processes.end(child, lambda command: "SIG_IGN" not in command or "Popen" in command)
    assert len(child.session()) == 2  # the child itself is not ended so, however it is named
    processes.end(child, lambda command: "SIG_IGN" in command)
    processes.stop(child, patience_s=0.2)
    assert child.session() == []


def test_an_orphan_is_found_when_the_child_itself_is_gone(child: processes.Child) -> None:
    os.kill(child.pid, 9)
    os.waitpid(child.pid, 0)
    assert not child.alive
    assert len(child.session()) == 1
    processes.stop(child, patience_s=0.2)
    assert child.session() == []


def test_another_process_with_the_same_number_is_left_alone(child: processes.Child) -> None:
    stranger = processes.Child(child.pid, "another mark")
    assert not stranger.alive
    assert stranger.session() == []
    assert processes.stop(stranger, patience_s=0.1) == []
    assert child.alive
    processes.stop(child, patience_s=0.2)


def test_without_a_pid_file_there_is_no_child(tmp_path: Path) -> None:
    assert processes.recall(tmp_path / "pid") is None
