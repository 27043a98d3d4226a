"""The rings of a home: opened for one service, or made. Source keys lie apart from all others (``keys.places``)."""

import logging
import secrets
from collections.abc import Iterable

from pydantic import SecretBytes
from sqlalchemy import text

from audit.checkpoint import Verifier
from audit.events import Entry
from audit.log import append
from hub.database import transaction
from hub.errors import HubError
from hub.settings import Settings
from keys.errors import KeyRingExists
from keys.grants import load_grants
from keys.key import KEY_BYTES, split_id
from keys.places import (
    has_ring,
    hub_ring,
    make_passphrases,
    ring_path,
    source_ring,
    source_ring_if_made,
    source_ring_path,
)
from keys.provider import Nowhere, Providers
from keys.purposes import WHEN_NEEDED, Purpose
from keys.ring import KeyRing
from keys.services import Service
from keys.signing import PublicHalf, RingSigner
from keys.uses import Uses

__all__ = [
    "create_ring", "has_ring", "log_public", "log_signer", "log_verifiers", "open_ring", "open_source_ring",
    "ring_path", "source_ring_path", "tell",
]  # fmt: skip
_log = logging.getLogger(__name__)


def open_ring(settings: Settings, service: Service) -> KeyRing:
    """The rings of this home, for one service; raises KeyRingError (or ConfigurationError without a passphrase).

    The source ring is not opened before a source key is used: who has no grant for one needs no passphrase to it.
    """
    hub = hub_ring(settings, service)
    hub.prove()
    return _ring(settings, Providers(hub, source_ring_if_made(settings, service)), service)


def open_source_ring(settings: Settings) -> KeyRing:
    """The source ring alone, for an authority's own side, which has no key of the hub."""
    source = source_ring(settings, Service.SOURCE)
    source.prove()
    return _ring(settings, Providers(Nowhere(), source), Service.SOURCE)


def create_ring(settings: Settings) -> KeyRing:
    """New rings with version 1 of every purpose, in their custodian's hand; raises KeyRingExists.

    If no passphrase is set, a random one for each ring is written to the home's ``secrets`` folder, mode 0600.
    A source ring that is there already is kept: an authority may have brought it.
    """
    hub = hub_ring(settings)
    if has_ring(settings):
        raise KeyRingExists(
            "The key ring is not made",
            where=hub.place.name,
            why="one is there, and to replace it would lose what its keys open",
            fix="Use it, or move it away yourself",
        )
    make_passphrases(settings)
    source = source_ring(settings)
    if isinstance(source_ring_if_made(settings), Nowhere):
        source.create(_new([Purpose.SOURCE]))
    hub.create(_new(purpose for purpose in Purpose if purpose not in WHEN_NEEDED | {Purpose.SOURCE}))
    return _ring(settings, Providers(hub, source), Service.CUSTODIAN)


def log_signer(settings: Settings, ring: KeyRing) -> RingSigner:
    """Who signs the log's checkpoints; its name is the log's origin."""
    return ring.signer(Purpose.AUDIT, settings.log_origin)


def tell(settings: Settings, ring: KeyRing) -> None:
    """Log what a ring's keys were used for, where no act that ends with a checkpoint tells of it."""
    with transaction(settings) as connection:
        append(connection, *ring.uses.told(connection))


def log_public(settings: Settings, ring: KeyRing) -> PublicHalf:
    """What the log's newest checkpoints are checked with."""
    return ring.public(Purpose.AUDIT, settings.log_origin)


def log_verifiers(settings: Settings, ring: KeyRing) -> tuple[Verifier, ...]:
    """What all of the log's checkpoints are checked with: every version of its key that is held, the newest first."""
    held = (split_id(key_id) for key_id, key in ring.held().items() if key.retired_at is None)
    versions = sorted((version for series, version in held if series == Purpose.AUDIT), reverse=True)
    return tuple(Verifier.of(ring.public(Purpose.AUDIT, settings.log_origin, version)) for version in versions)


def _ring(settings: Settings, providers: Providers, service: Service) -> KeyRing:
    grants = load_grants(settings)
    uses = Uses(settings.actor, lambda: settings.code_commit, grants.digest, lambda entry: _log_now(settings, entry))
    return KeyRing(providers, service, grants, uses)


def _log_now(settings: Settings, entry: Entry) -> None:
    """Log a refusal in a transaction of its own: that of the act will not hold.

    The act may hold the log's end by then, and waits for this: so this waits for it no longer than two seconds.
    """
    if not (settings.database_url or (settings.home / "postgres").exists()):
        return  # an authority's own machine has no log
    try:
        with transaction(settings) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            append(connection, entry)
    except HubError as error:
        _log.error("That a key was refused is NOT in the hub's log: %s", error)  # it has no traceback


def _new(purposes: Iterable[Purpose]) -> dict[str, SecretBytes]:
    return {f"{purpose}/1": SecretBytes(secrets.token_bytes(KEY_BYTES)) for purpose in purposes}
