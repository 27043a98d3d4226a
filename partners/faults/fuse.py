"""kill -9 at a step: before a file is opened or renamed, a question put to a partner or the database, a page kept.

Time alone would seldom hit the instant between two steps that must hold together, and never twice the same.
"""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

_ALWAYS = frozenset({"os.rename", "os.remove", "os.mkdir", "socket.connect", "http.client.send"})


@dataclass
class Fuse:
    """Counts the steps of this process, and kills it before the ``blows_at``-th (0: the first; None: never)."""

    folder: str
    blows_at: int | None
    steps: int = 0

    def step(self) -> None:
        """One more step."""
        if self.steps == self.blows_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.steps += 1

    def lay(self) -> None:
        """Count from now on, for as long as the process lives."""
        sys.addaudithook(self._audited)
        for name in ("before_cursor_execute", "commit", "rollback"):
            event.listen(Engine, name, self._asked)

    def pages(self, given: Iterator[Any], counted: int) -> Iterator[Any]:
        """The same pages; each is a step before it is fetched and after, and the file ``counted`` says how many came.

        What stands in that file outlives the process.
        """
        came = int(os.pread(counted, 20, 0) or b"0")
        while True:
            self.step()
            page = next(given, None)
            if page is None:
                return
            came += 1
            os.pwrite(counted, b"%d" % came, 0)
            self.step()
            yield page

    def _audited(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _ALWAYS or (name == "open" and self._is_ours(arguments[0])):
            self.step()

    def _is_ours(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and str(os.fspath(path)).startswith(self.folder)

    def _asked(self, *_: Any) -> None:
        self.step()
