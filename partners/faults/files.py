"""A partner's file with its receipt, its marker and its time, and what goes wrong with them."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partners.faults.kinds import Way
from partners.faults.sources import Listed, remove, write

Mend = Callable[[], None]
_HOUR_S = 3600
_APART_S = 2  # a server tells of whole seconds, and a partner does not send two files in one


@dataclass
class HandedFile(Listed):
    """The file of a quarter as it lies there to be fetched. Each writing has a later time than the one before."""

    way: Way
    path: Path
    read: Callable[[bytes], list[Any]] = field(repr=False)
    made: Callable[[list[Any]], bytes] = field(repr=False)
    at_s: float = field(default_factory=time.time)

    def rows(self) -> list[Any]:
        """See Listed."""
        return self.read(self.path.read_bytes())

    def write(self, rows: list[Any]) -> None:
        """See Listed."""
        self.send(self.made(rows))

    def state(self) -> bytes:
        """See Source."""
        return self.path.read_bytes()

    def restore(self, state: bytes) -> None:
        """See Source."""
        self.send(state)

    def send(self, content: bytes, said: bytes | None = None) -> None:
        """Hand out a file with what ``sha256sum`` says of it, or of other content; the marker comes last."""
        remove(self._marker)
        digest = hashlib.sha256(content if said is None else said).hexdigest()
        write(self._receipt, f"{digest}  {self.path.name}\n".encode())
        write(self.path, content)
        self.at_s += _APART_S
        os.utime(self.path, (self.at_s, self.at_s))
        self._mark()

    def shorten(self) -> Mend:
        """Cut the file, whose receipt tells of the whole; the mend sends it whole."""
        content = self.path.read_bytes()
        self.send(content[: len(content) * 2 // 3], said=content)
        return lambda: self.send(content)

    def confuse(self) -> Mend:
        """Have the receipt be another file's; the mend sends the right one."""
        content = self.path.read_bytes()
        self.send(content, said=b"another file")
        return lambda: self.send(content)

    def grow(self, seconds: float) -> Mend:
        """Have the file be half there, and the rest come a little later; the mend waits for that."""
        content = self.path.read_bytes()
        remove(self._marker)
        self.path.write_bytes(content[: len(content) // 2])

        def finish() -> None:
            time.sleep(seconds)
            with self.path.open("ab") as file:
                file.write(content[len(content) // 2 :])
            self._mark()

        writing = threading.Thread(target=finish)
        writing.start()
        return writing.join

    def skew(self, hours: int) -> None:
        """Have the partner's clock be wrong: all its files are of another hour."""
        self.at_s += hours * _HOUR_S
        for path in (self.path, self._receipt, self._marker):
            if path.exists():
                os.utime(path, (self.at_s, self.at_s))

    def _mark(self) -> None:
        if self.way.transport.get("marker"):
            write(self._marker, b"")
            os.utime(self._marker, (max(self.at_s, time.time()),) * 2)

    @property
    def _receipt(self) -> Path:
        return self.path.with_name(f"{self.path.name}.sha256")

    @property
    def _marker(self) -> Path:
        return self.path.with_name(f"{self.path.name}.done")
