"""A candidate's files, sealed under a data key of its own until the release is published."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from hub.settings import Settings
from keys.ring import KeyRing
from publish.errors import PublicationRefused
from publish.folders import read_file
from publish.manifest import MANIFEST_FILE, Manifest
from publish.releases import Release
from store.datakeys import create_data_key, open_data_key
from store.errors import StoreError
from store.files import remove, uri
from store.sealing import FRAME_BYTES, read_sealed, write_sealed

_KEYS = "candidate/"


def seal_candidate(
    settings: Settings, ring: KeyRing, connection: Connection, manifest: Manifest, files: Mapping[str, bytes]
) -> str:
    """Seal the files under a new data key, in a folder named as it; returns the key's id."""
    folder = f"{manifest.release}/{secrets.token_hex(8)}"
    key = create_data_key(connection, ring, _KEYS + folder)
    for name, content in files.items():
        write_sealed(settings, "candidates", f"{folder}/{name}.sealed", key, _slices(content))
    return key.id


def candidate_uri(settings: Settings, key_id: str) -> str:
    """The folder of the candidate that was sealed under a data key."""
    return uri(settings, "candidates", key_id.removeprefix(_KEYS))


def forget_candidate(settings: Settings, key_id: str) -> None:
    """Delete the files that were sealed under a data key; that key is destroyed before, so they open no more."""
    remove(candidate_uri(settings, key_id))


def open_candidate(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> dict[str, bytes]:
    """The release's files, the manifest among them, each with the hash that the manifest states.

    Raises PublicationRefused if one is missing, does not open, or holds other bytes.
    """
    files = {MANIFEST_FILE: release.manifest.canonical()}
    for table in release.manifest.tables:
        name = f"{release.data_key_id.removeprefix(_KEYS)}/{table.file}.sealed"
        try:
            key = open_data_key(connection, ring, release.data_key_id)
            files[table.file] = b"".join(read_sealed(settings, "candidates", name, key))
        except StoreError as error:
            raise _altered(release, table.file, f"it does not open: {error.why}") from error
        if hashlib.sha256(files[table.file]).hexdigest() != table.sha256:
            raise _altered(release, table.file, "its bytes are not those whose hash the manifest states")
    return files


def damaged(folder: str, manifest: Manifest) -> list[str]:
    """The files of a plain release folder that are missing or not as the manifest states, manifest included."""
    expected = {table.file: table.sha256 for table in manifest.tables} | {MANIFEST_FILE: manifest.hash}
    return [name for name, sha256 in expected.items() if _sha256(read_file(folder, name)) != sha256]


def _slices(content: bytes) -> Iterator[bytes]:
    """A file of hundreds of megabytes, a little at a time, so that it is not held twice."""
    return (content[start : start + FRAME_BYTES] for start in range(0, len(content), FRAME_BYTES))


def _sha256(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()


def _altered(release: Release, file: str, why: str) -> PublicationRefused:
    return PublicationRefused(
        "The sealed candidate is not what was decided on", where=f"{release.name}/{file}", why=why, fix="Build it again"
    )
