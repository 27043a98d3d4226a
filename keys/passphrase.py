"""The local seal: a passphrase, stretched by scrypt (RFC 7914).

A sealed key is base64 of a salt (16 bytes), a nonce (12) and AES-256-GCM over the material, its key scrypt(passphrase,
salt), its associated data the format, the salt and the context. One document has one salt as a rule, so that it is
stretched once for all of its keys.
"""

import base64
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretBytes, SecretStr

from keys.document import FORMAT, locked

SALT_BYTES, NONCE_BYTES = 16, 12
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1  # 32 MiB, about 0.1 s: every task opens the ring


class PassphraseSeal:
    """Seals and opens under one passphrase, which is asked for when it is first needed."""

    kind = "passphrase"

    def __init__(self, passphrase: Callable[[], SecretStr], where: str) -> None:
        self._passphrase, self._where = passphrase, where
        self._stretched: dict[bytes, AESGCM] = {}

    def seal(self, context: str, material: SecretBytes) -> str:
        """Seal under the salt that is known already, or a new one."""
        salt, nonce = (
            next(iter(self._stretched), None) or secrets.token_bytes(SALT_BYTES),
            secrets.token_bytes(NONCE_BYTES),
        )
        sealed = self._stretch(salt).encrypt(nonce, material.get_secret_value(), _bound(salt, context))
        return base64.b64encode(salt + nonce + sealed).decode()

    def open(self, context: str, sealed: str) -> SecretBytes:
        """What was sealed; raises KeyRingLocked."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            salt, nonce, rest = raw[:SALT_BYTES], raw[SALT_BYTES:][:NONCE_BYTES], raw[SALT_BYTES + NONCE_BYTES :]
            return SecretBytes(self._stretch(salt).decrypt(nonce, rest, _bound(salt, context)))
        except (InvalidTag, ValueError):  # ValueError: it is no base64, or has a length that nothing sealed has
            pass
        raise locked(self._where, "the passphrase is another one, or it was changed")

    def _stretch(self, salt: bytes) -> AESGCM:
        if salt not in self._stretched:
            scrypt = Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
            self._stretched[salt] = AESGCM(scrypt.derive(self._passphrase().get_secret_value().encode()))
        return self._stretched[salt]


def _bound(salt: bytes, context: str) -> bytes:
    return FORMAT.encode() + b"\0" + salt + context.encode()
