"""Files in zones: local by default, any fsspec store by URI. A file is there whole, or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from hub.settings import Settings, Zone
from store.errors import FileMissing


def uri(settings: Settings, zone: Zone, name: str) -> str:
    """Where the file ``name`` (path inside the zone) lies."""
    return f"{settings.zone(zone)}/{name}"


@contextmanager
def writing(target: str) -> Iterator[BinaryIO]:
    """A file to write to. It takes its name only at the end of the block, and only if that raised nothing.

    A local file is on the disk (fsync) before it has its name, and the name before the block ends.
    """
    system, path = fsspec.url_to_fs(target)
    if isinstance(system, LocalFileSystem):
        with _writing_local(Path(path)) as file:
            yield file
        return
    draft = f"{path}.{secrets.token_hex(4)}.draft"
    system.makedirs(system._parent(path), exist_ok=True)  # fsspec offers no public name for it
    try:
        with system.open(draft, "wb") as file:
            yield cast(BinaryIO, file)
        system.mv(draft, path)
    finally:
        if system.exists(draft):
            system.rm(draft)


@contextmanager
def _writing_local(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def reading(source: str) -> Iterator[BinaryIO]:
    """A file to read from; raises FileMissing."""
    system, path = fsspec.url_to_fs(source)
    try:
        file = system.open(path, "rb")
    except FileNotFoundError:
        raise FileMissing(
            "A file is missing", where=source, why="it was deleted or never written", fix="Collect the delivery again"
        ) from None
    with file:
        yield cast(BinaryIO, file)


def exists(target: str) -> bool:
    """Whether there is a file."""
    system, path = fsspec.url_to_fs(target)
    return bool(system.isfile(path))


def remove(target: str) -> bool:
    """Delete a file, or a folder with all in it; says whether there was one."""
    system, path = fsspec.url_to_fs(target)
    if not system.exists(path):
        return False
    system.rm(path, recursive=True)
    return True
