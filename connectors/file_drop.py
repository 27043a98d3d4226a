"""Files in a folder or an object store, by fsspec. What is fetched, and how: connectors/files.py.

1. Nothing is cached: neither the store's listings nor the file system object, which would keep the credentials.
2. In a local folder a partner may write what it likes, so a file counts only if it is a plain file that lies in the
   folder when all links are followed: a link to a file of the hub's own is refused, and a pipe is not waited for. What
   is opened must be what was looked at, so that nothing is slipped in between.
3. What a store's library raises is told in the hub's own words: its own may quote an answer or a name.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pydantic import SecretStr

from connectors.errors import ConnectionFailed, Unauthorised, WrongAnswer
from connectors.place import Place, State
from hub.errors import ConfigurationError, HubError
from hub.transports import FileTransport

_MARKS = ("ETag", "etag", "version_id", "md5", "md5Hash", "content_md5")  # as S3, Azure and Google name them
_NEVER = {"skip_instance_cache": True, "use_listings_cache": False}  # (1)


@dataclass(frozen=True)
class FileStore:
    """A folder or an object store, as one feed may use it."""

    feed: str
    transport: FileTransport
    secret: Callable[[str], SecretStr] = field(repr=False)

    @property
    def address(self) -> str:
        """The store's URL, without a login, which does not belong in it."""
        scheme, slashes, rest = self.transport.url.rpartition("://")
        return scheme + slashes + rest.rpartition("@")[2]

    @contextmanager
    def session(self, _timeout_s: float) -> Iterator[Place]:
        """The store, opened with the feed's options and secrets; how long it may take is one of the options."""
        if "@" in urlsplit(self.transport.url).netloc:
            raise self._unusable("its url holds a login", "Name the login under secrets, and take it out of the url")
        system, root = self._opened()
        yield LocalFolder(self, Path(root)) if isinstance(system, LocalFileSystem) else ObjectStore(self, system, root)

    def _opened(self) -> tuple[Any, str]:
        held = {option: self.secret(name).get_secret_value() for option, name in self.transport.secrets.items()}
        try:
            system, root = fsspec.url_to_fs(self.transport.url, **self.transport.options, **held, **_NEVER)
        except ImportError:
            raise self._unusable("its library is not installed", "Install it, such as s3fs for s3://") from None
        except (ValueError, TypeError):
            raise self._unusable("fsspec knows no such store or not these options", "Correct the feed's file") from None
        return system, root

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell in the hub's own words what a store's library raises (3)."""
        try:
            yield
        except HubError:
            raise
        except PermissionError:
            raise Unauthorised(
                "The partner's store refuses the hub",
                where=f"{self.feed} at {self.address}",
                why=f"it may not read {self.transport.path}",
                fix="Check the feed's secrets, and let the hub read the folder",
            ) from None
        except Exception as error:  # noqa: BLE001 - a store's library raises classes of its own, of many makers (3)
            raise ConnectionFailed(
                "The partner's store does not answer as it should",
                where=f"{self.feed} at {self.address}",
                why=type(error).__name__,
                fix="It is tried again; check the address and the network if it goes on",
            ) from None

    def refused(self, path: str, why: str) -> WrongAnswer:
        """The refusal of what is there under the file's name, but is no file of the partner's."""
        return WrongAnswer(
            "The partner's file cannot be read",
            where=f"{self.feed} at {self.address}",
            why=f"{path} {why}",
            fix="Correct the path in the feed's file or ask the partner",
        )

    def _unusable(self, why: str, fix: str) -> ConfigurationError:
        return ConfigurationError(
            "The store cannot be opened", where=f"{self.feed} at {self.address}", why=why, fix=fix
        )


@dataclass(frozen=True)
class ObjectStore:
    """A store of objects, or any other that fsspec opens."""

    store: FileStore
    system: Any
    root: str

    def state(self, path: str) -> State | None:
        """Size, time and what the store tells a version by."""
        with self.store.telling():
            try:
                found = self.system.info(self._key(path))
            except FileNotFoundError:
                return None
            if found.get("type") != "file" or found.get("size") is None:
                raise self.store.refused(path, "is a folder, or has no size")
            mark = next((str(found[name]) for name in _MARKS if found.get(name)), "")
            return State(int(found["size"]), self._changed(path, found), mark)

    def read(self, path: str, start: int, length: int) -> bytes:
        """One part; what the store gives beyond it is not taken."""
        with self.store.telling():
            try:
                return bytes(self.system.cat_file(self._key(path), start=start, end=start + length))[:length]
            except FileNotFoundError:
                return b""

    def _changed(self, path: str, found: dict[str, Any]) -> float | None:
        said = found.get("LastModified") or found.get("last_modified") or found.get("mtime")
        if said is None:
            try:
                said = self.system.modified(self._key(path))
            except NotImplementedError:
                return None
        return said.timestamp() if isinstance(said, datetime) else float(said)

    def _key(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path.lstrip('/')}"


@dataclass(frozen=True)
class LocalFolder:
    """A folder on this machine, or mounted here, that a partner writes into (2)."""

    store: FileStore
    root: Path

    def state(self, path: str) -> State | None:
        """Size, time and which file it is."""
        with self.store.telling():
            descriptor = self._opened(path)
            if descriptor is None:
                return None
            with os.fdopen(descriptor, "rb") as file:
                return _state(os.fstat(file.fileno()))

    def read(self, path: str, start: int, length: int) -> bytes:
        """One part."""
        with self.store.telling():
            descriptor = self._opened(path)
            if descriptor is None:
                return b""
            with os.fdopen(descriptor, "rb") as file:
                file.seek(start)
                return file.read(length)

    def _opened(self, path: str) -> int | None:
        """The file, open; None if there is none, or another one than was looked at."""
        target = self.root / path.lstrip("/")
        try:
            descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        kept = False
        try:
            kept = self._is_the_partners(descriptor, target)
        finally:
            if not kept:
                os.close(descriptor)
        return descriptor if kept else None

    def _is_the_partners(self, descriptor: int, target: Path) -> bool:
        opened, place = os.fstat(descriptor), target.resolve()
        if not stat.S_ISREG(opened.st_mode):
            raise self.store.refused(target.name, "is a folder, a pipe or a device")
        if not place.is_relative_to(self.root.resolve()):
            raise self.store.refused(target.name, "is a link that leads out of the folder")
        return place.exists() and os.path.samestat(place.lstat(), opened)


def _state(found: os.stat_result) -> State:
    return State(found.st_size, found.st_mtime, f"{found.st_ino}-{found.st_mtime_ns}")
