"""The keys of scheme 1, taken from the ring by what each side may know: the source, the hub, the road back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keys.key import Key, split_id
from keys.purposes import Purpose
from keys.ring import KeyRing
from pseudonymise.permutation import BITS, permutation
from pseudonymise.tokens import HmacKey
from pseudonymise.wire import stated

Kind = Literal["event", "record"]
SEAL_BYTES = 64  # AES-256-SIV takes two keys of 32 bytes


@dataclass(frozen=True)
class SourceKeys:
    """What an authority holds: stage 1, and the seal of its own references when it encodes by itself.

    ``source`` is the first version, which stage 1 is under; ``wire`` the one under which what it made travels, once the
    key was turned (``pseudonymise.wire``).
    """

    source: Key
    wire: Key | None = None

    @classmethod
    def of(cls, copies: Sequence[Key]) -> "SourceKeys":
        """From one version of the key, or from the first one and a later one."""
        first, *later = sorted(copies, key=lambda key: key.version)
        return cls(first, later[-1] if later else None)

    @property
    def stated(self) -> str:
        """What rows say of their versions."""
        return stated(self.source.version, None if self.wire is None else self.wire.version)

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
    """Stage 2 of tokens and encodings: under ``earlier`` keys in order, then under ``hub``.

    The hub keeps no stage-1 token, so that a further version, of its own key or of the source key, is put on top of
    what is stored, and on top of the earlier ones for what is new: both are then alike.
    Source: docs/token-scheme-1.md, section 11.
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
    """The source side's keys for what is tokenised here, by the first version; raises KeyNotHeld."""
    return SourceKeys(ring.key(Purpose.SOURCE, first_source(ring)))


def own_source_keys(ring: KeyRing) -> SourceKeys:
    """An authority's own, by all versions that it holds; raises KeyNotHeld."""
    return SourceKeys.of([ring.key(Purpose.SOURCE, version) for version in ring.kept(Purpose.SOURCE) or (1,)])


def first_source(ring: KeyRing) -> int:
    """The version of the source key that stage 1 is under, and references are: the first that was not retired."""
    return min(ring.kept(Purpose.SOURCE), default=1)


def wire_keys(ring: KeyRing) -> dict[str, Key | None]:
    """By what a delivered row says of its versions (``wire.stated``), the key that it travels under, if any.

    Nothing where this hub holds no source key: then there is but one, and authorities keep it among themselves.
    """
    first, *later = ring.kept(Purpose.SOURCE) or (0,)
    known = {stated(first, version): ring.key(Purpose.SOURCE, version) for version in later}
    return {stated(first): None, **known} if first else {}


def hub_keys(ring: KeyRing) -> HubKeys:
    """The hub side's keys; raises KeyNotHeld."""
    *earlier, newest = ring.steps()
    return HubKeys(newest, ring.key(Purpose.EVENT), earlier=tuple(earlier))


def token_key(ring: KeyRing, version: int | None = None) -> str:
    """The id of the key on top of stored tokens of this version; of the newest, which everything new is under."""
    found = [each for each in ring.step_ids() if version is None or split_id(each)[1] == version]
    return found[-1] if found else f"{Purpose.HUB}/{version or 1}"


def token_version(ring: KeyRing) -> int:
    """The version that stored tokens are all to have: the number of the newest key that lies on them."""
    return split_id(token_key(ring))[1]


def cover_key(ring: KeyRing, version: int) -> Key:
    """The key that encodings are covered under, of tokens of this version: the hub's newest by then."""
    known = [number for found, number in map(split_id, ring.step_ids()) if found == Purpose.HUB and number <= version]
    return ring.key(Purpose.HUB, max(known, default=version))


def scheme_keys(ring: KeyRing) -> SchemeKeys:
    """Both sides' keys and the key of the seal; raises KeyNotHeld."""
    return SchemeKeys(source_keys(ring), hub_keys(ring), ring.key(Purpose.REFERENCE))
