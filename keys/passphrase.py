"""The local seal: a passphrase, stretched by scrypt (RFC 7914).

A sealed key is base64 of the work (one byte, the logarithm of scrypt's N), a salt (16 bytes), a nonce (12), and
AES-256-GCM over the material, its key scrypt(passphrase, salt), its associated data the format, work, salt and context.
One document has one salt as a rule, so that the passphrase is stretched once for all of its keys.
"""

import base64
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretBytes, SecretStr

from keys.document import FORMAT, locked

WORK = 15  # N = 2^15, with r = 8 and p = 1: 32 MiB, about 0.1 s, since every task opens the ring
_MOST_WORK = 20  # 1 GiB: more would let who writes the file exhaust the machine
_SALT_BYTES, _NONCE_BYTES = 16, 12


class PassphraseSeal:
    """Seals and opens under one passphrase, which is asked for when it is first needed."""

    kind = "passphrase"

    def __init__(self, passphrase: Callable[[], SecretStr], where: str) -> None:
        self._passphrase, self._where = passphrase, where
        self._stretched: dict[bytes, AESGCM] = {}

    def seal(self, context: str, material: SecretBytes) -> str:
        """Seal under the salt that is known already, or a new one."""
        salt = next(iter(self._stretched), None) or bytes([WORK]) + secrets.token_bytes(_SALT_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._stretch(salt).encrypt(nonce, material.get_secret_value(), _bound(salt, context))
        return base64.b64encode(salt + nonce + sealed).decode()

    def open(self, context: str, sealed: str) -> SecretBytes:
        """What was sealed; raises KeyRingLocked."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            salt, rest = raw[: 1 + _SALT_BYTES], raw[1 + _SALT_BYTES :]
            cipher, nonce = self._stretch(salt), rest[:_NONCE_BYTES]
            return SecretBytes(cipher.decrypt(nonce, rest[_NONCE_BYTES:], _bound(salt, context)))
        except (InvalidTag, ValueError):  # ValueError: it is no base64, or has a length or work that nothing sealed has
            pass
        raise locked(self._where, "the passphrase is another one, or it was changed")

    def _stretch(self, salt: bytes) -> AESGCM:
        """The cipher by work and salt."""
        if salt not in self._stretched:
            scrypt = Scrypt(salt=salt[1:], length=32, n=2 ** _work(salt), r=8, p=1)
            self._stretched[salt] = AESGCM(scrypt.derive(self._passphrase().get_secret_value().encode()))
        return self._stretched[salt]


def _work(salt: bytes) -> int:
    if len(salt) != 1 + _SALT_BYTES or not 1 <= salt[0] <= _MOST_WORK:
        raise ValueError
    return salt[0]


def _bound(salt: bytes, context: str) -> bytes:
    return FORMAT.encode() + b"\0" + salt + context.encode()
