"""A line of text that lies sealed in the database: AES-256-GCM under a delivery's data key, bound to its place.

1. ``s1.`` and then, in URL-safe Base64, 12 random bytes (the nonce) and the sealed text with its tag.
2. The key is the data key's own for this use (HKDF, "text/1"): with the data key gone, the text is gone.
3. The place is associated data: a line cannot be read in another line's place.
4. A line without ``s1.`` was written in clear by an earlier version of the hub, and is given as it is.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.key import Key
from store.sealing import broken

_MARK, _NONCE_BYTES = "s1.", 12


def seal_text(key: Key, place: str, text: str) -> str:
    """The text, sealed for one place."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _MARK + urlsafe_b64encode(nonce + _cipher(key).encrypt(nonce, text.encode(), place.encode())).decode()  # (1)


def open_text(key: Key, place: str, sealed: str) -> str:
    """The text again; raises SealBroken."""
    if not sealed.startswith(_MARK):
        return sealed  # (4)
    try:
        content = urlsafe_b64decode(sealed.removeprefix(_MARK))
        return _cipher(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], place.encode()).decode()  # (3)
    except (InvalidTag, ValueError):
        raise broken(place, "it is not what was written there") from None


def _cipher(key: Key) -> AESGCM:
    return AESGCM(key.derive("text/1"))  # (2)
