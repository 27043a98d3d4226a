"""A long-lived child process in a session of its own: started, found again by its pid file, ended whole."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import psutil

MARK = "HUB_CHILD"


@dataclass(frozen=True)
class Child:
    """A process that we started: its id, and a mark in its environment, since ids are used again.

    A process's start time would not do: the kernel counts it from a boot time that moves with the clock.
    """

    pid: int
    mark: str

    @property
    def alive(self) -> bool:
        """Whether it is still the process that we started, and not a zombie."""
        try:
            return psutil.Process(self.pid).environ().get(MARK) == self.mark
        except psutil.Error:
            return False

    def session(self) -> list[psutil.Process]:
        """Every living process of its session: itself, and orphans of it.

        No new process gets the number of a session that still has members, so once the process itself is gone the
        number alone tells.
        """
        if _living(self.pid) and not self.alive:
            return []
        return [process for process in psutil.process_iter() if _in_session(process.pid, self.pid)]


def _living(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _in_session(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) == session and _living(pid)
    except (ProcessLookupError, PermissionError):
        return False


def start(command: Sequence[str], environment: Mapping[str, str], pid_file: Path, output: Path) -> Child:
    """Start a command in its own session, its output appended to a file, and write its pid file."""
    mark = uuid4().hex
    with output.open("ab") as sink:
        process = subprocess.Popen(
            command,
            env=dict(environment) | {MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    child = Child(process.pid, mark)
    while process.poll() is None and not child.alive:
        time.sleep(0.005)  # for a moment after it begins, a program shows no environment
    pid_file.write_text(json.dumps(asdict(child)) + "\n", encoding="utf-8")
    return child


def recall(pid_file: Path) -> Child | None:
    """The child that a pid file names, whether or not it still runs; None without a file."""
    if not pid_file.exists():
        return None
    return Child(**json.loads(pid_file.read_text(encoding="utf-8")))


def end(child: Child, which: Callable[[str], bool]) -> None:
    """End at once those processes of the child's session whose command line is such."""
    for process in child.session():
        with suppress(psutil.NoSuchProcess):
            if process.pid != child.pid and which(" ".join(process.cmdline())):
                process.kill()


def stop(child: Child, patience_s: float) -> list[str]:
    """Interrupt the child, wait for its whole session to end, then end what is left of it by id.

    Returns the names of the processes that had to be ended so: none when all went well.
    """
    if child.alive:
        os.kill(child.pid, signal.SIGINT)
    _wait(child, patience_s)
    left = child.session()
    names = [f"{process.pid} {' '.join(process.cmdline())[:80]}" for process in left]
    for process in left:
        process.terminate()
    _wait(child, 5)
    for process in child.session():
        process.kill()
    _wait(child, 5)
    return names


def _wait(child: Child, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while child.session() and time.monotonic() < until:
        _reap(child.pid)
        time.sleep(0.1)
    _reap(child.pid)


def _reap(pid: int) -> None:
    """Collect the exit of the child if this process is its parent, so that no zombie stays."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
