"""The hub's own ring: opened, made or brought along for one home."""

import secrets
from pathlib import Path

from pydantic import SecretStr

from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.errors import KeyRingExists
from keys.file import KeyRingFile, check_private, write_private
from keys.key import KEY_BYTES
from keys.purposes import NAMED, Purpose
from keys.ring import KeyRing
from keys.signing import RingSigner

_PASSPHRASE = "keyring_passphrase"  # noqa: S105  # the secret's name


def ring_path(settings: Settings) -> Path:
    """Where the key ring of this home lies."""
    return settings.home / "keys" / "keyring.json"


def open_ring(settings: Settings) -> KeyRing:
    """The ring of this home; raises KeyRingError (or ConfigurationError without a passphrase) in one sentence."""
    return KeyRing(KeyRingFile(ring_path(settings), _passphrase(settings)))


def create_ring(settings: Settings) -> KeyRing:
    """A new ring with version 1 of every purpose; raises KeyRingExists.

    If no passphrase is set, a random one is written to the home's ``secrets`` folder, mode 0600.
    """
    file = KeyRingFile(ring_path(settings), _passphrase_or_new(settings))
    file.create({f"{purpose}/1": secrets.token_bytes(KEY_BYTES) for purpose in Purpose if purpose not in NAMED})
    return KeyRing(file)


def import_ring(settings: Settings, path: Path) -> KeyRing:
    """Use the keys of an existing ring file in this home; its passphrase must be set. Raises KeyRingError."""
    if ring_path(settings).exists():
        raise KeyRingExists(
            "The key ring is not brought in",
            where=str(ring_path(settings)),
            why="one is there",
            fix="Move it away yourself",
        )
    KeyRing(KeyRingFile(path, _passphrase(settings)))
    write_private(ring_path(settings), path.read_bytes())
    return open_ring(settings)


def log_signer(settings: Settings, ring: KeyRing) -> RingSigner:
    """Who signs the log's checkpoints; its name is the log's origin."""
    return ring.signer(Purpose.AUDIT, settings.log_origin)


def _passphrase(settings: Settings) -> SecretStr:
    if settings.keyring_passphrase:
        return settings.keyring_passphrase
    path = settings.home / "secrets" / _PASSPHRASE
    if path.exists():
        check_private(path, "The key ring's passphrase")
    return settings.secret(_PASSPHRASE)


def _passphrase_or_new(settings: Settings) -> SecretStr:
    try:
        return _passphrase(settings)
    except ConfigurationError:
        made = secrets.token_urlsafe(32)
        write_private(settings.home / "secrets" / _PASSPHRASE, made.encode() + b"\n")
        return SecretStr(made)
