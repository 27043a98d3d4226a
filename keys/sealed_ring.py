"""A key ring that is a sealed document: a place where it lies, and a seal that only the right service can open."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from pydantic import SecretBytes

from hub.clock import now
from keys.document import MAC_KEY, Document, SealedKey, locked, parse
from keys.errors import KeyNotHeld, KeyRetired
from keys.key import KEY_BYTES
from keys.provider import HeldKey


class Place(Protocol):
    """Where the document lies. Every method raises KeyRingError."""

    @property
    def name(self) -> str:
        """The place, as a message may tell it."""

    def read(self) -> bytes:
        """The document; raises KeyRingMissing."""

    def create(self, content: bytes) -> None:
        """Write the first one; raises KeyRingExists."""

    def change(self, changed: Callable[[bytes], bytes | None], *, forget: bool = False) -> None:
        """Put what ``changed`` makes of the present document in its place, or nothing if that is None.

        No other change is lost by it. ``forget``: former documents are destroyed, where the place keeps them.
        """


class Seal(Protocol):
    """What seals a key bound to a context, its id. Every method raises KeyRingError."""

    kind: str

    def seal(self, context: str, material: SecretBytes) -> str:
        """The sealed form, as text."""

    def open(self, context: str, sealed: str) -> SecretBytes:
        """What was sealed; raises KeyRingLocked."""


class SealedRing:
    """A key provider: the document is read and proved once, each key is opened when it is first asked for."""

    def __init__(self, place: Place, seal: Seal) -> None:
        self.place, self._seal = place, seal
        self._read: Document | None = None
        self._proved: Document | None = None

    def create(self, keys: Mapping[str, SecretBytes]) -> None:
        """Make the ring with these keys; raises KeyRingExists."""
        self.place.create(self.document(keys))

    def document(self, keys: Mapping[str, SecretBytes]) -> bytes:
        """A new document of these keys, as it is stored."""
        mac_key, at = SecretBytes(secrets.token_bytes(KEY_BYTES)), HeldKey(now())
        sealed = {key_id: SealedKey(at, self._seal.seal(key_id, material)) for key_id, material in keys.items()}
        return Document(self._seal.kind, self._seal.seal(MAC_KEY, mac_key), sealed).signed(mac_key).written()

    def held(self) -> dict[str, HeldKey]:
        """Every key by id."""
        return {key_id: key.held for key_id, key in self._document().keys.items()}

    def prove(self) -> None:
        """Raise KeyRingLocked unless the seal opens and the document is as it was written."""
        document = self._document()
        if document is not self._proved:
            self._mac_key(document)
            self._proved = document

    def open(self, key_id: str) -> SecretBytes:
        """The material of one key."""
        self.prove()
        key = self._key(self._document(), key_id)
        if key.sealed is None:
            raise _retired(key_id, key.held)
        return self._seal.open(key_id, key.sealed)

    def add(self, key_id: str, material: SecretBytes) -> None:
        """Keep one more key unless its id is held already."""
        self._change(
            lambda held: None if key_id in held.keys else held.with_key(key_id, self._sealed(key_id, material))
        )

    def retire(self, key_id: str) -> None:
        """Destroy the sealed material of a key; raises KeyNotHeld, and does nothing to one that is retired."""

        def retired(held: Document) -> Document | None:
            key = self._key(held, key_id)
            at = replace(key.held, retired_at=key.held.retired_at or now())
            return None if key.sealed is None else held.with_key(key_id, SealedKey(at, None))

        self._change(retired, forget=True)

    def _sealed(self, key_id: str, material: SecretBytes) -> SealedKey:
        return SealedKey(HeldKey(now()), self._seal.seal(key_id, material))

    def _change(self, made: Callable[[Document], Document | None], *, forget: bool = False) -> None:
        def changed(raw: bytes) -> bytes | None:
            held = parse(raw, self.place.name)
            mac_key, new = self._mac_key(held), made(held)
            return None if new is None else new.signed(mac_key).written()

        self.place.change(changed, forget=forget)
        self._read = None

    def _document(self) -> Document:
        if self._read is None:
            self._read = parse(self.place.read(), self.place.name)
        return self._read

    def _mac_key(self, document: Document) -> SecretBytes:
        if document.sealed_by != self._seal.kind:
            raise locked(self.place.name, f"it is sealed by {document.sealed_by}, not by {self._seal.kind}")
        mac_key = self._seal.open(MAC_KEY, document.mac_key)
        if not document.is_signed(mac_key):
            raise locked(self.place.name, "it was changed by another hand")
        return mac_key

    def _key(self, document: Document, key_id: str) -> SealedKey:
        if key_id not in document.keys:
            raise KeyNotHeld(
                "A key is not held",
                where=f"the key ring under {key_id}",
                why="it was never made",
                fix="See hub keys list",
            )
        return document.keys[key_id]


def _retired(key_id: str, held: HeldKey) -> KeyRetired:
    when = f"{held.retired_at:%Y-%m-%d}" if held.retired_at else "an unknown day"
    return KeyRetired(
        "A key is not given out",
        where=f"the key ring under {key_id}",
        why=f"it was retired on {when} and its material destroyed, so that nothing opens under it any more",
        fix="Use what a newer version protects",
    )
