"""The ``hub`` command without its two seconds of loading: one process knows the modules, and each command is forked.

A forked command is a process of its own, with its own environment, output and end, which runs what the installed
command runs. Only modules are loaded before the fork: no thread is started and nothing is opened. ``make test-all``
starts the installed command each time.
"""

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory

import cli
from cli.main import main
from tests.cases import ALL

HUB = Path(sys.executable).parent / "hub"
PATIENCE_S = 120
LOADED_WITH = {"COLUMNS": "120"}  # what a module reads when it is loaded


def hub(
    words: list[str], environment: Mapping[str, str], given: str = "", forked: bool = not ALL
) -> subprocess.CompletedProcess[str]:
    """What the hub command answers to these words in this environment, where its modules are those of the tests."""
    if forked:
        return warm().run(words, environment | LOADED_WITH, given)
    return subprocess.run(
        [HUB, *words], env=environment, input=given, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


class Warm:
    """Starts commands one after the other, of this project or of a copy in another folder."""

    def __init__(self, project: Path | None = None) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | LOADED_WITH
        command = [sys.executable, "-m", "tests.warm"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._server = subprocess.Popen(command, env=own, cwd=project, text=True, **pipes)

    def close(self) -> None:
        """End it; without this it ends with the tests."""
        self._server.communicate()

    def run(
        self, words: list[str], environment: Mapping[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """What the command answered to these words in this environment; ``given`` is its standard input."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with TemporaryDirectory() as folder:
            Path(folder, "in").write_text(given, encoding="utf-8")
            asked = {"words": words, "environment": dict(environment), "folder": folder}
            print(json.dumps(asked), file=self._server.stdin, flush=True)
            code = os.waitstatus_to_exitcode(int(self._server.stdout.readline()))
            said = [Path(folder, name).read_text(encoding="utf-8") for name in ("out", "err")]
        return subprocess.CompletedProcess(["hub", *words], code, *said)


warm = cache(Warm)


def _serve() -> None:
    for module in walk_packages(cli.__path__, "cli."):
        import_module(module.name)
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(**json.loads(line))
        print(os.waitpid(child, 0)[1], flush=True)
    os._exit(0)


def _become(words: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Be the command, to its end."""
    os.environ.clear()
    os.environ.update(environment)
    signal.alarm(PATIENCE_S)
    for number, name in enumerate((f"{folder}/in", f"{folder}/out", f"{folder}/err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), number)
    sys.argv = ["hub", *words]
    code: object = None
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))  # without the second that tidying up takes


if __name__ == "__main__":
    _serve()
