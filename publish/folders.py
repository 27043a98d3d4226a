"""Folders of a release: written beside their place, then put in place by one rename.

Paths are fsspec URIs. On a local disk the rename is one act; an object store has none, so there
the manifest goes last, and a folder without it is no release.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import fsspec
from fsspec.core import url_to_fs

from publish.manifest import MANIFEST_FILE


def partial(uri: str) -> str:
    """Where the folder ``uri`` is written before it is put in place."""
    parent, _, name = uri.rpartition("/")
    return f"{parent}/.{name}.partial"


def write_partial(uri: str, files: Mapping[str, bytes]) -> None:
    """Write all files of the folder ``uri`` beside its place, in place of what a killed run left there."""
    remove(partial(uri))
    system, path = url_to_fs(partial(uri))
    system.makedirs(path, exist_ok=True)
    for name in sorted(files, key=lambda name: (name == MANIFEST_FILE, name)):
        with system.open(f"{path}/{name}", "wb") as sink:
            sink.write(files[name])
            _to_disk(sink)


def put_in_place(uri: str) -> None:
    """Make the folder written beside it the folder ``uri``; an older one goes."""
    system, source = url_to_fs(partial(uri))
    _, target = url_to_fs(uri)
    remove(uri)
    system.mv(source, target, recursive=True)
    if system.protocol == "file" or "file" in system.protocol:
        _folder_to_disk(Path(target).parent)


def read_file(uri: str, name: str) -> bytes | None:
    """A file of the folder; none if it is not there."""
    try:
        with fsspec.open(f"{uri}/{name}", "rb") as source:
            content: bytes = source.read()
    except FileNotFoundError:
        return None
    return content


def remove(uri: str) -> None:
    """Remove the folder and all in it, if it is there."""
    system, path = url_to_fs(uri)
    if system.exists(path):
        system.rm(path, recursive=True)


def _to_disk(sink: object) -> None:
    """Wait until a local file is on the disk; other stores do so when the file is closed."""
    if hasattr(sink, "fileno"):
        sink.flush()  # type: ignore[attr-defined]
        os.fsync(sink.fileno())


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
