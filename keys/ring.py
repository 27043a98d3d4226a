"""The key ring: the one way to a key, and what is made from it."""

import secrets
from dataclasses import dataclass
from operator import itemgetter

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretBytes

from keys.errors import KeyInUse, KeyNotGranted, KeyNotHeld, WrapRefused
from keys.grants import Grants
from keys.key import KEY_BYTES, Key, series, split_id
from keys.provider import HeldKey, Providers
from keys.purposes import STEPS, Purpose
from keys.services import Service, Use
from keys.signing import PublicHalf, RingSigner
from keys.uses import Uses


@dataclass(frozen=True)
class WrappedKey:
    """A data key sealed by the ring's key ``key_id``; safe to store."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


class KeyRing:
    """Keys by purpose, name and version, opened for one service; the newest version, unless another is asked for.

    1. A key is opened only for a use that a grant names; else KeyNotGranted.
    2. It is opened when it is first used: what a service does not use never leaves its provider.
    3. Each use is noted, and told to the log with the act that it served (``keys.uses``).
    4. A version that was retired raises KeyRetired; a new one takes its place for all that is made from then on.
    """

    def __init__(self, providers: Providers, service: Service, grants: Grants, uses: Uses | None = None) -> None:
        self.service, self.uses = service, uses or Uses(grants=grants.digest)
        self._providers, self._grants = providers, grants
        self._opened: dict[str, SecretBytes] = {}
        self._take()

    def _take(self) -> None:
        self._held = self._providers.held()
        self._newest: dict[str, int] = {}
        for found, version in sorted(map(split_id, self._held)):
            if self._held[f"{found}/{version}"].retired_at is None:
                self._newest[found] = version

    def serving(self, service: Service) -> "KeyRing":
        """The same ring for a part of the hub, with that part's rights alone.

        A ring is handed down by its custodian, never sideways: raises KeyNotGranted in any other's hand.
        """
        if service is self.service:
            return self
        if self.service is not Service.CUSTODIAN:
            raise KeyNotGranted(
                "The key ring is not handed over",
                where=f"the key ring of the service {self.service}",
                why=f"it was opened for that service, not for {service}",
                fix=f"Open one for {service}",
            )
        return KeyRing(self._providers, service, self._grants, self.uses)

    def key(self, purpose: Purpose, version: int | None = None, name: str = "") -> Key:
        """One key, to derive from; raises KeyNotHeld, KeyRetired or KeyNotGranted."""
        return self._open(Use.DERIVE, purpose, version, name)

    def chain(self, purpose: Purpose, after: int = 0) -> tuple[Key, ...]:
        """Every version of a key from the one after ``after`` that was not retired, oldest first; raises as ``key``."""
        held = [version for version in self.kept(purpose) if version > after]
        return tuple(self._open(Use.DERIVE, purpose, version) for version in held or (after + 1,))

    def steps(self, after: int = 0) -> tuple[Key, ...]:
        """The keys that lie on stored tokens, in order, from the one after ``after``; raises as ``key``.

        They are the hub key's versions, and of the source key's all but the first, which stage 1 is under. Of a source
        key it is a part derived for this alone: whoever has it, and not the key, makes no token of a name.
        """
        kept = [each for each in self.step_ids() if split_id(each)[1] > after]
        return tuple(map(self._step, kept or [f"{Purpose.HUB}/{after + 1}"]))

    def next_step(self) -> int:
        """The number that the next version of a source or a hub key has."""
        return max(map(self._last, STEPS)) + 1

    def step_ids(self) -> tuple[str, ...]:
        """The ids of these keys, in order."""
        kept = [split_id(each) for each, key in self._held.items() if key.retired_at is None]
        first = min((version for found, version in kept if found == Purpose.SOURCE), default=0)
        later = [each for each in kept if each[0] == Purpose.HUB or (each[0] == Purpose.SOURCE and each[1] > first)]
        return tuple(f"{found}/{version}" for found, version in sorted(later, key=itemgetter(1)))

    def _step(self, key_id: str) -> Key:
        found, version = split_id(key_id)
        if found == Purpose.HUB:
            return self._open(Use.DERIVE, Purpose.HUB, version)
        return Key(key_id, self._open(Use.STEP, Purpose.SOURCE, version).derive("step/1"))

    def has(self, purpose: Purpose, name: str = "") -> bool:
        """Whether the ring holds any version of a key."""
        return series(purpose, name) in self._newest

    def kept(self, purpose: Purpose, name: str = "") -> tuple[int, ...]:
        """Every version of a key that was not retired, oldest first."""
        found = series(purpose, name)
        kept = (split_id(each) for each, key in self._held.items() if key.retired_at is None)
        return tuple(sorted(version for each, version in kept if each == found))

    def create(self, purpose: Purpose, name: str = "") -> Key:
        """The first version of a key, made and kept now unless the ring holds one; then the newest."""
        found = series(purpose, name)
        self._require(found, Use.MAKE)
        if found not in self._newest:
            self._add(purpose, f"{found}/{self._last(found) + 1}")
        return self._open(Use.MAKE, purpose, None, name)

    def rotate(self, purpose: Purpose, name: str = "") -> Key:
        """One version more, which all that is made from now on uses; raises KeyNotHeld if there is none before it.

        Of a source or a hub key it has the number after both their last ones (``purposes.STEPS``).
        """
        found = series(purpose, name)
        self._require(found, Use.MAKE)
        if found not in self._newest:
            raise _not_held(f"{found}/1")
        number = self.next_step() if purpose in STEPS else self._last(found) + 1
        self._add(purpose, f"{found}/{number}")
        return self._open(Use.MAKE, purpose, None, name)

    def retire(self, key_id: str) -> None:
        """Destroy a version for ever. Whether it protects something is asked before (``keys.retiring``).

        Raises KeyNotHeld, and KeyInUse for the newest version, which new things are made under.
        """
        found, version = split_id(key_id)
        self._require(found, Use.RETIRE)
        if version == self._newest.get(found):
            raise KeyInUse(
                "A key is not retired",
                where=f"the key ring under {key_id}",
                why="it is the newest version, under which new things are made",
                fix=f"Turn the key first: hub keys rotate {found}",
            )
        self._providers.of(_purpose(found)).retire(key_id)
        self._opened.pop(key_id, None)
        self._take()

    def derive(
        self, purpose: Purpose, info: str, version: int | None = None, name: str = "", length: int = KEY_BYTES
    ) -> bytes:
        """``length`` bytes derived from one key for one use (HKDF-SHA256); raises as ``key``."""
        return self.key(purpose, version, name).derive(info, length)

    def wrap(self, purpose: Purpose, data_key: bytes, context: str) -> WrappedKey:
        """Seal a data key (AES-256-GCM) so that it opens only with this ring and the same ``context``."""
        hidden, data_key = SecretBytes(data_key), b""  # a traceback shows local variables
        key, nonce = self._open(Use.SEAL, purpose), secrets.token_bytes(12)
        cipher = AESGCM(key.derive("wrap/1"))
        return WrappedKey(key.id, nonce, cipher.encrypt(nonce, hidden.get_secret_value(), _bound(key.id, context)))

    def unwrap(self, purpose: Purpose, wrapped: WrappedKey, context: str) -> bytes:
        """The data key again; raises WrapRefused, or as ``key`` if its wrapping key is gone."""
        found, version = split_id(wrapped.key_id)
        if found != purpose:
            raise _refused(wrapped.key_id, f"it was wrapped for {found}, not for {purpose}")
        key = self._open(Use.OPEN, purpose, version)
        try:
            return AESGCM(key.derive("wrap/1")).decrypt(wrapped.nonce, wrapped.ciphertext, _bound(key.id, context))
        except InvalidTag:
            raise _refused(wrapped.key_id, "its bytes or what it belongs to were changed") from None

    def signer(self, purpose: Purpose, name: str = "") -> RingSigner:
        """A signer with the newest key of a purpose; it signs as ``name``, or as the purpose."""
        return RingSigner(self._open(Use.SIGN, purpose), name or str(purpose), self.uses)

    def public(self, purpose: Purpose, name: str = "", version: int | None = None) -> PublicHalf:
        """The public half of a signer, for those who only check what it signed."""
        return PublicHalf.of(RingSigner(self._open(Use.PUBLIC, purpose, version), name or str(purpose)))

    def hand_over(self, purpose: Purpose, version: int | None = None) -> Key:
        """A key to be sealed to an authority at once; raises as ``key``."""
        return self._open(Use.HAND_OVER, purpose, version)

    def versions(self) -> dict[str, int]:
        """The newest version of every key, by purpose or ``recipient/<name>``, in that order."""
        return dict(sorted(self._newest.items()))

    def held(self) -> dict[str, HeldKey]:
        """Every key by id, retired ones too, with what may be said aloud of it."""
        return dict(sorted(self._held.items(), key=lambda item: split_id(item[0])))

    def _add(self, purpose: Purpose, key_id: str) -> None:
        self._providers.of(purpose).add(key_id, SecretBytes(secrets.token_bytes(KEY_BYTES)))
        self._take()

    def _last(self, found: str) -> int:
        """The last version that there ever was, 0 before the first."""
        return max((version for each, version in map(split_id, self._held) if each == found), default=0)

    def _require(self, found: str, use: Use) -> None:
        try:
            self._grants.require(self.service, found, use)  # (1)
        except KeyNotGranted as refusal:
            self.uses.refuse(refusal, found, use, self.service)
            raise

    def _open(self, use: Use, purpose: Purpose, version: int | None = None, name: str = "") -> Key:
        found = series(purpose, name)
        self._require(found, use)
        if found not in self._newest:
            self._take()  # a part that this ring was handed down to may have made it since
        key_id = f"{found}/{version or self._newest.get(found, 1)}"
        if key_id not in self._held:
            raise _not_held(key_id)
        self.uses.note(key_id, use, self.service)  # (3)
        if key_id not in self._opened:
            self._opened[key_id] = self._providers.of(purpose).open(key_id)  # (2) (4)
        return Key(key_id, self._opened[key_id].get_secret_value())

    def __repr__(self) -> str:
        return f"KeyRing({self.service}, {self.versions()})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a key ring is never pickled: open it where it is needed")


def _purpose(found: str) -> Purpose:
    return Purpose(found.partition("/")[0])


def _bound(key_id: str, context: str) -> bytes:
    return f"{key_id}\x1f{context}".encode()


def _not_held(key_id: str) -> KeyNotHeld:
    return KeyNotHeld(
        "A key is not held", where=f"the key ring under {key_id}", why="it was never made", fix="See hub keys list"
    )


def _refused(key_id: str, why: str) -> WrapRefused:
    return WrapRefused(
        "A wrapped key does not open", where=f"a data key under {key_id}", why=why, fix="Restore it from a backup"
    )
