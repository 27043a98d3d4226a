"""A long-lived child process in a session of its own: started, found again by its pid file, ended whole."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Child:
    """A process that we started: its id, and when it began, since ids are used again."""

    pid: int
    began_at_s: float

    @property
    def alive(self) -> bool:
        """Whether it is still the process that we started, and not a zombie."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.began_at_s and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def session(self) -> list[psutil.Process]:
        """Every living process of its session, itself and orphans of it included.

        The kernel gives no new process the number of a session that still has members, so the number alone will do.
        """
        if self._pid_is_another():
            return []
        return [process for process in psutil.process_iter(["status"]) if _in_session(process, self.pid)]

    def _pid_is_another(self) -> bool:
        try:
            return psutil.Process(self.pid).create_time() != self.began_at_s
        except psutil.NoSuchProcess:
            return False


def _in_session(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session and process.info["status"] != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError):
        return False


def start(command: Sequence[str], environment: Mapping[str, str], pid_file: Path, output: Path) -> Child:
    """Start a command in its own session, its output appended to a file, and write its pid file."""
    with output.open("ab") as sink:
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    child = Child(process.pid, psutil.Process(process.pid).create_time())
    pid_file.write_text(json.dumps(asdict(child)) + "\n", encoding="utf-8")
    return child


def recall(pid_file: Path) -> Child | None:
    """The child that a pid file names, whether or not it still runs; None without a file."""
    if not pid_file.exists():
        return None
    return Child(**json.loads(pid_file.read_text(encoding="utf-8")))


def stop(child: Child, patience_s: float) -> list[int]:
    """Interrupt the child, wait for its whole session to end, then end what is left of it by id.

    Returns the ids of the processes that had to be ended so: none when all went well.
    """
    if child.alive:
        os.kill(child.pid, signal.SIGINT)
    _wait(child, patience_s)
    left = child.session()
    for process in left:
        process.terminate()
    _wait(child, 5)
    for process in child.session():
        process.kill()
    return [process.pid for process in left]


def _wait(child: Child, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while child.session() and time.monotonic() < until:
        _reap(child.pid)
        time.sleep(0.1)


def _reap(pid: int) -> None:
    """Collect the exit of the child if this process is its parent, so that no zombie stays."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
