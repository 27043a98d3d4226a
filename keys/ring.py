"""The key ring: the one way to a key, and what is made from it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.errors import KeyNotHeld, WrapRefused
from keys.key import KEY_BYTES, Key, series, split_id
from keys.provider import KeyProvider
from keys.purposes import Purpose
from keys.signing import RingSigner


@dataclass(frozen=True)
class WrappedKey:
    """A data key sealed by the ring's key ``key_id``; safe to store."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


class KeyRing:
    """Keys by purpose, name and version. The newest version is used unless another is asked for."""

    def __init__(self, provider: KeyProvider) -> None:
        self._provider = provider
        self._take(provider.load())

    def _take(self, held: Mapping[str, bytes]) -> None:
        self._held = dict(held)
        self._newest: dict[str, int] = {}
        for found, version in sorted(map(split_id, held)):
            self._newest[found] = version

    def key(self, purpose: Purpose, version: int | None = None, name: str = "") -> Key:
        """One key; raises KeyNotHeld if the ring does not hold it."""
        found = series(purpose, name)
        key_id = f"{found}/{version or self._newest.get(found, 1)}"
        if key_id not in self._held:
            raise KeyNotHeld(
                "A key is not held",
                where=f"the key ring under {key_id}",
                why="it was not made or is retired",
                fix="See hub keys list",
            )
        return Key(key_id, self._held[key_id])

    def has(self, purpose: Purpose, name: str = "") -> bool:
        """Whether the ring holds any version of a key."""
        return series(purpose, name) in self._newest

    def create(self, purpose: Purpose, name: str = "") -> Key:
        """The first version of a key, made and kept now unless the ring holds one; then the newest."""
        found = series(purpose, name)
        if found not in self._newest:
            self._take(self._provider.add(f"{found}/1", secrets.token_bytes(KEY_BYTES)))
        return self.key(purpose, name=name)

    def derive(
        self, purpose: Purpose, info: str, version: int | None = None, name: str = "", length: int = KEY_BYTES
    ) -> bytes:
        """``length`` bytes derived from one key for one use (HKDF-SHA256); raises KeyNotHeld."""
        return self.key(purpose, version, name).derive(info, length)

    def wrap(self, purpose: Purpose, data_key: bytes, context: str) -> WrappedKey:
        """Seal a data key (AES-256-GCM) so that it opens only with this ring and the same ``context``."""
        key, nonce = self.key(purpose), secrets.token_bytes(12)
        ciphertext = AESGCM(key.derive("wrap/1")).encrypt(nonce, data_key, _bound(key.id, context))
        return WrappedKey(key.id, nonce, ciphertext)

    def unwrap(self, purpose: Purpose, wrapped: WrappedKey, context: str) -> bytes:
        """The data key again; raises WrapRefused, or KeyNotHeld if its wrapping key is gone."""
        found, version = split_id(wrapped.key_id)
        if found != purpose:
            raise _refused(wrapped.key_id, f"it was wrapped for {found}, not for {purpose}")
        key = self.key(purpose, version)
        try:
            return AESGCM(key.derive("wrap/1")).decrypt(wrapped.nonce, wrapped.ciphertext, _bound(key.id, context))
        except InvalidTag:
            raise _refused(wrapped.key_id, "its bytes or what it belongs to were changed") from None

    def signer(self, purpose: Purpose, name: str = "") -> RingSigner:
        """A signer with the newest key of a purpose; it signs as ``name``, or as the purpose."""
        return RingSigner(self.key(purpose), name or str(purpose))

    def versions(self) -> dict[str, int]:
        """The newest version of every key, by purpose or ``recipient/<name>``, in that order."""
        return dict(sorted(self._newest.items()))

    def __repr__(self) -> str:
        return f"KeyRing({self.versions()})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a key ring is never pickled: open it where it is needed")


def _bound(key_id: str, context: str) -> bytes:
    return f"{key_id}\x1f{context}".encode()


def _refused(key_id: str, why: str) -> WrapRefused:
    return WrapRefused(
        "A wrapped key does not open", where=f"a data key under {key_id}", why=why, fix="Restore it from a backup"
    )
