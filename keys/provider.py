"""Where key material lies: one protocol, behind which a file, a secret manager or a cloud service can stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretBytes

from keys.errors import KeyNotHeld, KeyRingMixed
from keys.purposes import Purpose


@dataclass(frozen=True)
class HeldKey:
    """What may be said aloud of a key: since when there is this version, and whether and when it was retired."""

    made_at: datetime
    retired_at: datetime | None = None


class KeyProvider(Protocol):
    """Holds key material by key id (``hub/1``). Every method raises KeyRingError."""

    def held(self) -> Mapping[str, HeldKey]:
        """Every key by id, retired ones too. This list needs no secret, and is believed once ``prove`` was asked."""

    def prove(self) -> None:
        """Return if the ring opens with what was given, and is as it was written; else raise KeyRingLocked."""

    def open(self, key_id: str) -> SecretBytes:
        """The material of one key, after ``prove``; raises KeyNotHeld or KeyRetired."""

    def add(self, key_id: str, material: SecretBytes) -> None:
        """Keep one more key unless its id is held already.

        Two processes that add the same id both get the one that was kept.
        """

    def retire(self, key_id: str) -> None:
        """Destroy the material of a key for ever, and keep that there was one."""


class Nowhere:
    """The provider of keys that are not kept here, such as the hub's on an authority's machine."""

    def held(self) -> Mapping[str, HeldKey]:
        """No key."""
        return {}

    def prove(self) -> None:
        """Nothing is to be proved."""

    def open(self, key_id: str) -> SecretBytes:
        """Raise KeyNotHeld."""
        raise _not_here(key_id)

    def add(self, key_id: str, material: SecretBytes) -> None:  # the protocol's
        """Raise KeyNotHeld."""
        raise _not_here(key_id)

    def retire(self, key_id: str) -> None:
        """Raise KeyNotHeld."""
        raise _not_here(key_id)


def _not_here(key_id: str) -> KeyNotHeld:
    return KeyNotHeld(
        "A key is not kept here",
        where=f"the key ring under {key_id}",
        why="this side has no ring for keys of that purpose",
        fix="Use it where it is kept, or set HUB_SOURCE_KEYS to its place",
    )


@dataclass(frozen=True)
class Providers:
    """The two rings that are kept apart: one holds the source keys and nothing else, the other all the rest."""

    hub: KeyProvider
    source: KeyProvider

    def of(self, purpose: Purpose) -> KeyProvider:
        """The ring that keys of a purpose lie in."""
        return self.source if purpose is Purpose.SOURCE else self.hub

    def held(self) -> dict[str, HeldKey]:
        """Every key of both; raises KeyRingMixed if one lies where it must not."""
        hub, source = self.hub.held(), self.source.held()
        for key_id in (*(each for each in hub if _is_source(each)), *(each for each in source if not _is_source(each))):
            raise KeyRingMixed(
                "The key rings are refused",
                where=f"the key ring under {key_id}",
                why="source keys and the hub's keys must not lie in one ring",
                fix="Run hub init if an earlier version made it; else restore both rings",
            )
        return {**hub, **source}


def _is_source(key_id: str) -> bool:
    return key_id.startswith(f"{Purpose.SOURCE}/")
