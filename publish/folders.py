"""Folders of a release: written beside their place, then put in place by one rename.

Paths are fsspec URIs. On a local disk the rename is one act; an object store has none, so there
the manifest goes last, and a folder without it is no release.
"""

from collections.abc import Mapping
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from publish.manifest import MANIFEST_FILE
from store.errors import FileMissing
from store.files import reading, remove, sync_folder, writing


def partial(uri: str) -> str:
    """Where the folder ``uri`` is written before it is put in place."""
    parent, _, name = uri.rpartition("/")
    return f"{parent}/.{name}.partial"


def write_partial(uri: str, files: Mapping[str, bytes]) -> None:
    """Write all files of the folder ``uri`` beside its place, in place of what a killed run left there."""
    remove(partial(uri))
    for name in sorted(files, key=lambda name: (name == MANIFEST_FILE, name)):
        with writing(f"{partial(uri)}/{name}") as sink:
            sink.write(files[name])


def put_in_place(uri: str) -> None:
    """Make the folder written beside it the folder ``uri``, which is not there yet or is to go."""
    remove(uri)
    system, source = fsspec.url_to_fs(partial(uri))
    _, target = fsspec.url_to_fs(uri)
    if isinstance(system, LocalFileSystem):
        Path(source).rename(target)
        sync_folder(Path(target).parent)
        return
    names = sorted(system.ls(source, detail=False), key=lambda name: (name.endswith(MANIFEST_FILE), name))
    for name in names:
        system.mv(name, f"{target}/{name.rpartition('/')[2]}")
    remove(partial(uri))


def read_file(uri: str, name: str) -> bytes | None:
    """A file of the folder; none if it is not there."""
    try:
        with reading(f"{uri}/{name}") as source:
            return source.read()
    except FileMissing:
        return None
