"""One key: its id may be said aloud, its material never is."""

import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.errors import KeyNotHeld
from keys.purposes import NAMED, Purpose

KEY_BYTES = 32
_ID = re.compile(r"(?P<series>[a-z]+(?:/[a-z][a-z0-9_-]{0,62})?)/(?P<version>[1-9]\d*)")


@dataclass(frozen=True, repr=False)
class Key:
    """One version of one key, such as ``hub/1`` or ``recipient/analysts/2``; ``material`` is 32 bytes.

    Neither ``repr`` nor a pickle shows the material, so that no log, traceback or task queue can.
    """

    id: str
    material: bytes

    @property
    def version(self) -> int:
        """The number at the end of the id."""
        return int(self.id.rpartition("/")[2])

    def derive(self, info: str, length: int = KEY_BYTES) -> bytes:
        """``length`` bytes for one use, by HKDF-SHA256 (RFC 5869), no salt, ``info`` in UTF-8."""
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(self.material)

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a key is never pickled: open the ring where the key is needed")


def series(purpose: Purpose, name: str = "") -> str:
    """The part of a key's id before the version; raises KeyNotHeld if the name does not fit the purpose."""
    if (purpose in NAMED) != bool(name):
        raise KeyNotHeld(
            "No such key can be",
            where=f"the key ring under {purpose}",
            why="a name is needed" if purpose in NAMED else "this purpose has no names",
            fix="Give a name" if purpose in NAMED else "Leave the name out",
        )
    found = f"{purpose}/{name}" if name else str(purpose)
    split_id(f"{found}/1")
    return found


def named(key: str) -> tuple[Purpose, str]:
    """``storage`` or ``recipient/analysts`` as purpose and name; raises KeyNotHeld for what is no key."""
    purpose, _, name = key.partition("/")
    if purpose in set(map(str, Purpose)):
        series(Purpose(purpose), name)
        return Purpose(purpose), name
    raise KeyNotHeld(
        "No such key can be",
        where="the key ring",
        why="its first part is no purpose of the ring",
        fix="Name one of " + ", ".join(Purpose),
    )


def split_id(key_id: str) -> tuple[str, int]:
    """``hub/1`` as ``("hub", 1)``; raises KeyNotHeld for any other form."""
    parts = _ID.fullmatch(key_id)
    if parts is None:
        raise KeyNotHeld(
            "A key's id cannot be read",
            where="the key ring",
            why="an id is purpose/version or recipient/name/version, in lower-case letters, digits, _ and -",
            fix="Use an id that the key ring lists",
        )
    return parts["series"], int(parts["version"])
