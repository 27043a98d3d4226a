"""What a witness keeps on its disk: its key, every checkpoint that it cosigned, and what it refused.

The newest checkpoint that it cosigned is the one of the largest size in the folder: there is one file for each size,
so that two roots of one size cannot both be kept. A file is there whole or not at all, also after a crash.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from witness.verify_log import Checkpoint, parse_checkpoint

MOST_EVIDENCE = 1_000  # pieces for one log; the first ones tell the story


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place, for its owner's eyes, and on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key in a file of mode 0600; the one that is there, if one is."""
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        write_whole(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return read_key(path)


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key of that file; raises ValueError if others may read it, TypeError if it is no Ed25519 key."""
    if path.stat().st_mode & 0o077:
        raise ValueError(f"others may read {path}: run chmod 600 on it")
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is no Ed25519 key")
    return key


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder, so that no second process cosigns from it; raises BlockingIOError if one does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


class Kept:
    """The checkpoints of one log that a witness cosigned, and the evidence against that log."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder = folder / "logs" / f"log-{quote(origin, safe='')}"

    def newest(self) -> tuple[Checkpoint, str] | None:
        """The checkpoint of the largest size, and its note; raises ValueError if it cannot be read."""
        path = max(self.folder.glob("[0-9]*.checkpoint"), default=None, key=lambda path: path.name)
        return None if path is None else self._read(path)

    def of_size(self, size: int) -> Checkpoint | None:
        """The checkpoint of that size, if it was cosigned; raises ValueError if it cannot be read."""
        path = self._path(size)
        return self._read(path)[0] if path.exists() else None

    def keep(self, size: int, note: str) -> None:
        """Keep a cosigned checkpoint; it is on the disk before this returns."""
        write_whole(self._path(size), note.encode())

    def hold_against(self, ground: str, body: bytes) -> None:
        """Keep what was refused, as it came; the same thing once."""
        folder = self.folder / "refused"
        path = folder / f"{ground}-{sha256(body).hexdigest()[:16]}.txt"
        if not path.exists() and sum(1 for _ in folder.glob("*.txt")) < MOST_EVIDENCE:
            write_whole(path, body)

    def _path(self, size: int) -> Path:
        return self.folder / f"{size:019d}.checkpoint"

    def _read(self, path: Path) -> tuple[Checkpoint, str]:
        note = path.read_text(encoding="utf-8")
        point = parse_checkpoint(note)
        if self._path(point.size) != path:
            raise ValueError(f"{path} is not about the size that its name says")
        return point, note
