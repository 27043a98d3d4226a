"""The local place of a key ring: one file, readable by its owner only. And private files as such."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.errors import KeyRingExists, KeyRingExposed, KeyRingMissing


class FilePlace:
    """A key ring in one file of mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)

    def read(self) -> bytes:
        """The content; raises KeyRingMissing or KeyRingExposed."""
        check_private(self.path, "The key ring")
        return self.path.read_bytes()

    def create(self, content: bytes) -> None:
        """Write a new file; raises KeyRingExists if there is one."""
        with self._locked():
            if self.path.exists():
                raise KeyRingExists(
                    "The key ring is not made",
                    where=self.name,
                    why="one is there, and to replace it would lose what its keys open",
                    fix="Use it, or move it away yourself",
                )
            write_private(self.path, content)

    def change(self, changed: Callable[[bytes], bytes | None], *, forget: bool = False) -> None:
        """Replace the file while no other process can. No former file is kept; the disk may keep its blocks."""
        with self._locked():
            new = changed(self.read())
            if new is not None:
                write_private(self.path, new)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path.parent / f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def check_private(path: Path, what: str) -> None:
    """Refuse a file that is not there (KeyRingMissing), or that others than its owner may touch (KeyRingExposed)."""
    if not path.is_file():
        raise KeyRingMissing(f"{what} is missing", where=str(path), why="no such file", fix="Make one with: hub init")
    if path.stat().st_mode & 0o077:
        raise KeyRingExposed(
            f"{what} is refused",
            where=str(path),
            why="other users of this machine may read it",
            fix=f"Run chmod 600 {path}, and think who may have copied it",
        )


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read: whole or not at all, and on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
