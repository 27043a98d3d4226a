"""A log in memory, as another program than the hub would keep one: entries, roots, proofs, signed checkpoints.

It is written straight from the definitions of RFC 9162 section 2.1, to have a second opinion of both sides.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from witness.verify_log import LOG, Key

ORIGIN = "small.example/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
KEY = Key(ORIGIN, LOG, PRIVATE.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(bytes([8] * 32))


def entries(count: int, word: str = "entry") -> list[bytes]:
    return [f'{{"{word}":{number}}}'.encode() for number in range(count)]


def root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = _half(len(leaves))
    return sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()


def inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*inclusion(index, leaves[:half]), root(leaves[half:])]
    return [*inclusion(index - half, leaves[half:]), root(leaves[:half])]


def consistency(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    if old == 0:
        return []
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    half = _half(len(leaves))
    if old <= half:
        return [*consistency(old, leaves[:half], whole), root(leaves[half:])]
    return [*consistency(old - half, leaves[half:], whole=False), root(leaves[:half])]


def note(leaves: Sequence[bytes], private: Ed25519PrivateKey = PRIVATE, origin: str = ORIGIN) -> str:
    text = f"{origin}\n{len(leaves)}\n{encoded(root(leaves))}\n"
    key = Key(origin, LOG, private.public_key().public_bytes_raw())
    return f"{text}\n— {origin} {encoded(key.hash + private.sign(text.encode()))}\n"


def body(old: int, leaves: Sequence[bytes], signed: str | None = None) -> bytes:
    """What a log posts to a witness."""
    proof = [encoded(part) for part in consistency(old, leaves)] if old <= len(leaves) else []
    return ("\n".join([f"old {old}", *proof]) + "\n\n" + (signed or note(leaves))).encode()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _half(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half
