"""The local provider: one file, readable by its owner only, sealed by a passphrase.

The file is JSON: ``format``, ``salt``, ``nonce`` and ``sealed`` (base64). ``sealed`` is AES-256-GCM over the JSON
object of key ids and materials, its key scrypt(passphrase, salt), its associated data the format and the salt.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretStr

from keys.errors import KeyRingExists, KeyRingExposed, KeyRingLocked, KeyRingMissing

FORMAT = "hub-keyring/1"
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1  # 32 MiB, about 0.1 s: every task opens the ring


class KeyRingFile:
    """A key ring in one sealed file."""

    def __init__(self, path: Path, passphrase: SecretStr) -> None:
        self.path = path
        self._passphrase = passphrase

    def create(self, keys: Mapping[str, bytes]) -> None:
        """Write a new file; raises KeyRingExists if there is one."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            if self.path.exists():
                raise KeyRingExists(
                    "The key ring is not made",
                    where=str(self.path),
                    why="one is there, and to replace it would lose what its keys open",
                    fix="Use it, or move it away yourself",
                )
            self._write(keys)

    def load(self) -> Mapping[str, bytes]:
        """Every key by id; raises KeyRingMissing, KeyRingExposed or KeyRingLocked."""
        return _open(self.path, self._passphrase)

    def add(self, key_id: str, material: bytes) -> Mapping[str, bytes]:
        """Keep one more key unless its id is held already; returns every key."""
        with self._locked():
            held = self.load()
            if key_id in held:
                return held
            grown = {**held, key_id: material}
            self._write(grown)
            return grown

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.path.parent / f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, keys: Mapping[str, bytes]) -> None:
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        clear = json.dumps({key_id: _text(material) for key_id, material in sorted(keys.items())}).encode()
        sealed = AESGCM(_stretch(self._passphrase, salt)).encrypt(nonce, clear, FORMAT.encode() + salt)
        document = {"format": FORMAT, "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}
        write_private(self.path, json.dumps(document, indent=1).encode() + b"\n")


def _open(path: Path, passphrase: SecretStr) -> dict[str, bytes]:
    check_private(path, "The key ring")
    try:
        document = json.loads(path.read_bytes())
        salt, nonce, sealed = (base64.b64decode(document[name], validate=True) for name in ("salt", "nonce", "sealed"))
        known = document["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise _locked(path, f"it is not a file of the form {FORMAT}")
    try:
        clear = AESGCM(_stretch(passphrase, salt)).decrypt(nonce, sealed, FORMAT.encode() + salt)
    except (InvalidTag, ValueError):  # ValueError: a part has a length that no sealed file has
        raise _locked(path, "the passphrase is another one, or the file was changed") from None
    return {key_id: base64.b64decode(material) for key_id, material in json.loads(clear).items()}


def _locked(path: Path, why: str) -> KeyRingLocked:
    return KeyRingLocked(
        "The key ring does not open",
        where=str(path),
        why=why,
        fix="Give the passphrase it was made with, or restore the file",
    )


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


def _stretch(passphrase: SecretStr, salt: bytes) -> bytes:
    scrypt = Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
    return scrypt.derive(passphrase.get_secret_value().encode())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


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
