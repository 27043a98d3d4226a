"""A key ring as a document: which keys it holds, each sealed by itself, and the proof that nobody changed it. Pure.

It is JSON: ``format``; ``sealed_by``, the kind of seal; ``mac_key``, sealed; ``keys``, by id ``made_at``,
``retired_at`` and ``sealed``; and ``mac``, HMAC-SHA256 under the mac key over all the rest (canonical, RFC 8785).

1. Which keys there are is readable without any secret: an id may be said aloud.
2. Each key is sealed bound to its own id, so that one cannot stand in for another, and who seals elsewhere (a KMS, a
   transit engine) can grant the right to open by purpose.
3. A key that was taken out, put in or set back by another hand is found by the mac before any key is given out. A whole
   document that was set back to an earlier one is not.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
from pydantic import SecretBytes

from keys.errors import KeyNotHeld, KeyRingLocked
from keys.key import split_id
from keys.provider import HeldKey

FORMAT = "hub-keyring/2"
MAC_KEY = "document"
"""What the mac key is sealed as, in place of a key's id."""


@dataclass(frozen=True)
class SealedKey:
    """One key of the document: ``sealed`` is empty once it is retired."""

    held: HeldKey
    sealed: str | None


@dataclass(frozen=True)
class Document:
    """A key ring as it is stored."""

    sealed_by: str
    mac_key: str
    keys: Mapping[str, SealedKey]
    mac: str = ""

    def signed(self, mac_key: SecretBytes) -> "Document":
        """The same with its mac."""
        return replace(self, mac=self._mac(mac_key))

    def is_signed(self, mac_key: SecretBytes) -> bool:
        """Whether the mac is right."""
        return hmac.compare_digest(self.mac, self._mac(mac_key))

    def with_key(self, key_id: str, key: SealedKey) -> "Document":
        """The same with one key more, or in another state; its mac is void."""
        return replace(self, keys={**self.keys, key_id: key}, mac="")

    def written(self) -> bytes:
        """The stored form."""
        return json.dumps(self._values() | {"mac": self.mac}, indent=1).encode() + b"\n"

    def _mac(self, mac_key: SecretBytes) -> str:
        digest = hmac.digest(mac_key.get_secret_value(), rfc8785.dumps(self._values()), sha256)
        return base64.b64encode(digest).decode()

    def _values(self) -> dict[str, Any]:
        keys = {key_id: _values(key) for key_id, key in sorted(self.keys.items())}
        return {"format": FORMAT, "sealed_by": self.sealed_by, "mac_key": self.mac_key, "keys": keys}


def parse(raw: bytes, where: str) -> Document:
    """Read a stored key ring; raises KeyRingLocked for any other form."""
    try:
        said = json.loads(raw)
        if said["format"] == FORMAT:
            keys = {key_id: _key(key_id, key) for key_id, key in said["keys"].items()}
            return Document(_text(said["sealed_by"]), _text(said["mac_key"]), keys, _text(said["mac"]))
    except (ValueError, KeyError, TypeError, AttributeError, KeyNotHeld):
        pass
    raise locked(where, f"it is not a key ring of the form {FORMAT}")


def locked(where: str, why: str) -> KeyRingLocked:
    """The refusal of a ring that does not open."""
    return KeyRingLocked(
        "The key ring does not open", where=where, why=why, fix="Give what it was made with, or restore it"
    )


def _values(key: SealedKey) -> dict[str, object]:
    retired = key.held.retired_at
    return {
        "made_at": key.held.made_at.isoformat(),
        "retired_at": retired and retired.isoformat(),
        "sealed": key.sealed,
    }


def _key(key_id: str, said: Mapping[str, object]) -> SealedKey:
    split_id(key_id)
    retired, sealed = said["retired_at"], said["sealed"]
    held = HeldKey(_instant(said["made_at"]), None if retired is None else _instant(retired))
    return SealedKey(held, None if sealed is None else _text(sealed))


def _instant(said: object) -> datetime:
    return datetime.fromisoformat(_text(said)).astimezone(UTC)


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError
    return said
