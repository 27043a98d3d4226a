"""The program itself, as an authority runs it: started, killed at the worst moment, started again."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from hub.settings import PROJECT
from tests.unit.witness import small_log
from tests.unit.witness.small_log import KEY, body, encoded, entries, note
from witness.__main__ import log_key
from witness.verify_log import Key, parse_checkpoint

TEN = entries(10)
FORKED = [*entries(9), b"forged", b"forged"]
LOG = f"{KEY.name}={encoded(KEY.public)}"
SLEEPY = """
import sys, time
from http.server import BaseHTTPRequestHandler
BaseHTTPRequestHandler.send_response = lambda *_: (print("kept, not answered", file=sys.stderr), time.sleep(60))
from witness.__main__ import main
main(sys.argv[1:])
"""
KILLED_IN_WRITING = """
import os, pathlib, signal, sys
write = os.fsync
def fsync(descriptor):
    write(descriptor)
    os.kill(os.getpid(), signal.SIGKILL)
from witness.__main__ import main
os.fsync = fsync
main(sys.argv[1:])
"""


def keygen(folder: Path) -> str:
    line = [sys.executable, "-m", "witness", "keygen", "--folder", str(folder), "--name", "council.witness"]
    return subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start the witness of this test's folder; its process and URL."""
    started: list[subprocess.Popen[str]] = []
    keygen(tmp_path)

    def run(program: str = "") -> tuple[subprocess.Popen[str], str]:
        how = ["-c", program] if program else ["-m", "witness"]
        words = ["serve", "--folder", str(tmp_path), "--name", "council.witness", "--log", LOG, "--port", "0"]
        process = subprocess.Popen([sys.executable, *how, *words], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, process.stderr.read()
        return process, found[0]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def post(url: str, content: bytes) -> requests.Response:
    return requests.post(f"{url}/add-checkpoint", content, timeout=10)


def send_and_hang_up(url: str, content: bytes) -> None:
    with pytest.raises(requests.RequestException):
        requests.post(f"{url}/add-checkpoint", content, timeout=(5, 1))


def test_keygen_makes_a_private_key_once_and_prints_both_forms(tmp_path) -> None:
    said = keygen(tmp_path)
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    key = Key.parse(said.split()[-1])
    assert encoded(key.public) in said
    assert keygen(tmp_path) == said
    line = [sys.executable, "-m", "witness", "key", f"{key.name}={encoded(key.public)}"]
    assert (
        subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip() == said.split()[-1]
    )


@pytest.mark.parametrize("text", [LOG, f"{KEY.name}+{KEY.hash.hex()}+{encoded(bytes([1]) + KEY.public)}"])
def test_a_log_s_key_is_given_in_either_form(text) -> None:
    assert log_key(text) == KEY


@pytest.mark.parametrize("text", ["", "x", "x=AAAA", "a b=" + encoded(bytes(32)), f"w+{'0' * 8}+{encoded(bytes(33))}"])
def test_what_is_no_log_s_key_is_refused(text) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        log_key(text)


def test_it_serves_stops_at_a_signal_and_goes_on(start) -> None:
    for number, sign in enumerate((signal.SIGTERM, signal.SIGINT)):
        process, url = start()
        assert post(url, body(10 * number, entries(10 * number + 10))).status_code == 200
        process.send_signal(sign)
        assert process.wait(10) == 0
    _, url = start()
    assert post(url, body(0, TEN)).text == "20\n"


def test_killed_after_it_kept_and_before_it_answered_it_cosigns_no_fork(start, tmp_path) -> None:
    process, url = start()
    assert post(url, body(0, entries(5))).status_code == 200
    process.kill()
    process.wait()
    process, url = start(SLEEPY)
    send_and_hang_up(url, body(5, TEN))
    process.kill()
    process.wait()
    _, url = start()
    assert post(url, body(5, FORKED)).text == "10\n"  # the log's own table still says 5
    assert post(url, body(10, FORKED)).status_code == 422
    answer = post(url, body(10, TEN))  # the honest log gets what it missed
    assert answer.status_code == 200
    key = Key.parse(keygen(tmp_path).split()[-1])
    assert key.signed(parse_checkpoint(note(TEN) + answer.text)) is True


def test_killed_while_it_wrote_it_has_answered_nobody_and_what_it_had_is_whole(start, tmp_path) -> None:
    process, url = start()
    assert post(url, body(0, entries(5))).status_code == 200
    process.kill()
    process.wait()
    process, url = start(KILLED_IN_WRITING)
    send_and_hang_up(url, body(5, TEN))
    assert process.wait(10) == -signal.SIGKILL
    _, url = start()
    newest = requests.get(f"{url}/checkpoint", {"origin": KEY.name}, timeout=10)
    assert parse_checkpoint(newest.text).root == small_log.root(entries(5))
    assert post(url, body(5, TEN)).status_code == 200


def test_two_do_not_run_on_one_folder(start, tmp_path) -> None:
    start()
    words = ["serve", "--folder", str(tmp_path), "--name", "council.witness", "--log", LOG, "--port", "0"]
    ran = subprocess.run(
        [sys.executable, "-m", "witness", *words], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == 1
    assert ran.stderr == f"Another witness runs on {tmp_path}.\n"


@pytest.mark.parametrize("fault", ["no key", "open key", "no log", "name"])
def test_what_is_wrong_with_its_start_is_one_sentence(tmp_path, fault) -> None:
    if fault != "no key":
        keygen(tmp_path)
    if fault == "open key":
        (tmp_path / "witness.key").chmod(0o644)
    log, name = (f"{KEY.name}=AAAA" if fault == "no log" else LOG), ("two words" if fault == "name" else "w")
    words = ["serve", "--folder", str(tmp_path), "--name", name, "--log", log, "--port", "0"]
    ran = subprocess.run(
        [sys.executable, "-m", "witness", *words], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == (1 if fault.endswith("key") else 2)
    assert "Traceback" not in ran.stderr
    assert ran.stderr


def test_it_needs_nothing_but_python_and_cryptography(tmp_path) -> None:
    """The folder alone, copied to a machine without the hub."""
    import ast
    import shutil

    shutil.copytree(PROJECT / "witness", tmp_path / "witness")
    imported: set[str] = set()
    for path in sorted((tmp_path / "witness").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported |= {name.split(".")[0] for name in names}
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(str(node.module).split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography", "witness"}
    line = [sys.executable, "-m", "witness", "keygen", "--folder", "here", "--name", "council.witness"]
    ran = subprocess.run(
        line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30, env={"PATH": os.environ["PATH"]}
    )
    assert ran.returncode == 0, ran.stderr
