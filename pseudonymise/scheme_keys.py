"""The keys of scheme 1, taken from the ring by what each side may know: the source, the hub, the road back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keys.key import Key
from keys.purposes import Purpose
from keys.ring import KeyRing
from pseudonymise.permutation import BITS, permutation
from pseudonymise.tokens import HmacKey

Kind = Literal["event", "record"]
SEAL_BYTES = 64  # AES-256-SIV takes two keys of 32 bytes


@dataclass(frozen=True)
class SourceKeys:
    """What an authority holds: stage 1, and the seal of its own references when it encodes by itself."""

    source: Key

    def token(self, field: str) -> HmacKey:
        """The stage-1 HMAC key of a token field, as 64 lower-case hex digits."""
        return HmacKey.of(self.source.derive(f"token/{field}/1"))

    def encoding(self, field: str) -> HmacKey:
        """The HMAC key of a field's similarity encoding, as 64 lower-case hex digits."""
        return HmacKey.of(self.source.derive(f"encoding/{field}/1"))

    def reference(self, feed: str) -> HmacKey:
        """The stage-1 HMAC key of a feed's references, as 64 lower-case hex digits."""
        return HmacKey.of(self.source.derive(f"reference/{feed}/1"))

    def seal(self, feed: str) -> bytes:
        """The AES-SIV key under which an authority seals its own references."""
        return self.source.derive(f"seal/{feed}/1", SEAL_BYTES)


@dataclass(frozen=True)
class HubStage:
    """Stage 2 of tokens and encodings: under ``earlier`` versions of the hub key in order, then under ``hub``.

    The hub keeps no stage-1 token, so that a further version is put on top of what is stored, and on top of the
    earlier ones for what is new: both are then alike. Source: docs/token-scheme-1.md, section 11.
    """

    hub: Key
    earlier: tuple[Key, ...] = field(default=(), kw_only=True)
    _places: dict[str, NDArray[np.uint16]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, chain: Sequence[Key]) -> "HubStage":
        """The stage of these versions, oldest first."""
        return HubStage(chain[-1], earlier=tuple(chain[:-1]))

    def token(self, field: str) -> tuple[HmacKey, ...]:
        """The stage-2 HMAC keys of a token field, in order, each as 64 lower-case hex digits."""
        return tuple(HmacKey.of(key.derive(f"token/{field}/1")) for key in (*self.earlier, self.hub))

    def permutation(self, field: str) -> NDArray[np.uint16]:
        """Where each bit of a field's encoding goes in stage 2; found once, since it takes 512 digests a version."""
        if field not in self._places:
            places = np.arange(BITS, dtype=np.uint16)
            for key in (*self.earlier, self.hub):
                places = permutation(HmacKey.of(key.derive(f"encoding/{field}/1")))[places]
            self._places[field] = places
        return self._places[field]


@dataclass(frozen=True)
class HubKeys(HubStage):
    """What the hub alone holds: stage 2 of tokens and encodings, and of references."""

    event: Key

    def reference(self, feed: str, kind: Kind) -> HmacKey:
        """The stage-2 HMAC key of a feed's event or record references, as 64 lower-case hex digits."""
        return HmacKey.of(self.event.derive(f"reference/{feed}/{kind}/1"))


@dataclass(frozen=True)
class SchemeKeys:
    """All that the hub needs for feeds that are pseudonymised here: both stages, and the seal."""

    source: SourceKeys
    hub: HubKeys
    reference: Key

    def seal(self, feed: str) -> bytes:
        """The AES-SIV key under which the hub seals a feed's references."""
        return self.reference.derive(f"seal/{feed}/1", SEAL_BYTES)


def source_keys(ring: KeyRing) -> SourceKeys:
    """The source side's keys; raises KeyNotHeld."""
    return SourceKeys(ring.key(Purpose.SOURCE))


def hub_keys(ring: KeyRing) -> HubKeys:
    """The hub side's keys; raises KeyNotHeld."""
    *earlier, newest = ring.chain(Purpose.HUB)
    return HubKeys(newest, ring.key(Purpose.EVENT), earlier=tuple(earlier))


def hub_version(ring: KeyRing) -> int:
    """The version of the hub key that everything new is made under."""
    return ring.versions()[Purpose.HUB]


def scheme_keys(ring: KeyRing) -> SchemeKeys:
    """Both sides' keys and the key of the seal; raises KeyNotHeld."""
    return SchemeKeys(source_keys(ring), hub_keys(ring), ring.key(Purpose.REFERENCE))
