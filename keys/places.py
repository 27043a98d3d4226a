"""Where the two rings of a home lie, and what opens them."""

import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.address import Wanted, ring_at
from keys.errors import KeyRingMissing
from keys.file import check_private, write_private
from keys.provider import KeyProvider, Nowhere
from keys.sealed_ring import SealedRing
from keys.services import Service

HUB_PASSPHRASE, SOURCE_PASSPHRASE = "keyring_passphrase", "source_keyring_passphrase"  # the secrets' names
_VAULT_TOKEN = "vault_token"  # noqa: S105  # a secret's name too


def ring_path(settings: Settings) -> Path:
    """The file of the hub's own keys, where they lie in one of this home."""
    return settings.home / "keys" / "keyring.json"


def source_ring_path(settings: Settings) -> Path:
    """The file of the source keys, where they lie in one of this home."""
    return settings.home / "source-keys" / "keyring.json"


def hub_ring(settings: Settings, service: Service = Service.CUSTODIAN) -> SealedRing:
    """The ring of all keys but the source's; raises ConfigurationError."""
    secret = partial(passphrase, settings, HUB_PASSPHRASE)
    return ring_at(Wanted("keys", settings.keys, ring_path(settings), secret, _token(settings, service)))


def source_ring(settings: Settings, service: Service = Service.CUSTODIAN) -> SealedRing:
    """The ring of the source keys alone; raises ConfigurationError."""
    secret = partial(passphrase, settings, SOURCE_PASSPHRASE)
    file = source_ring_path(settings)
    return ring_at(Wanted("source_keys", settings.source_keys, file, secret, _token(settings, service)))


def source_ring_if_made(settings: Settings, service: Service = Service.CUSTODIAN) -> KeyProvider:
    """The source ring, or none: a hub all of whose feeds are pseudonymised at source needs no source key."""
    source = source_ring(settings, service)
    try:
        source.held()
    except KeyRingMissing:
        return Nowhere()
    return source


def has_ring(settings: Settings) -> bool:
    """Whether the hub's ring was made; raises KeyRingError if one is there and cannot be read."""
    try:
        hub_ring(settings).held()
    except KeyRingMissing:
        return False
    return True


def make_passphrases(settings: Settings) -> None:
    """Write a random passphrase into the home's ``secrets`` folder, mode 0600, for each ring that has none.

    Raises ConfigurationError if both rings have the same: who knows one would then open both.
    """
    for name in (HUB_PASSPHRASE, SOURCE_PASSPHRASE):
        try:
            passphrase(settings, name)
        except ConfigurationError:
            write_private(settings.home / "secrets" / name, secrets.token_urlsafe(32).encode() + b"\n")
    if passphrase(settings, HUB_PASSPHRASE) == passphrase(settings, SOURCE_PASSPHRASE):
        raise ConfigurationError(
            "The key rings are not made",
            where=f"{HUB_PASSPHRASE} and {SOURCE_PASSPHRASE}",
            why="both have the same passphrase, so whoever knows it would open both",
            fix="Give the source keys a passphrase of their own",
        )


def passphrase(settings: Settings, name: str) -> SecretStr:
    """What opens a ring's file; raises ConfigurationError if there is none, KeyRingExposed if others may read it."""
    given: SecretStr | None = getattr(settings, name)
    if given:
        return given
    path = settings.home / "secrets" / name
    if path.exists():
        check_private(path, "The key ring's passphrase")
    return settings.secret(name)


def _token(settings: Settings, service: Service) -> Callable[[], SecretStr]:
    """The Vault's token for a service, if it has one of its own; else the one for all."""

    def token() -> SecretStr:
        try:
            return settings.secret(f"{_VAULT_TOKEN}_{service}")
        except ConfigurationError:
            return settings.secret(_VAULT_TOKEN)

    return token
