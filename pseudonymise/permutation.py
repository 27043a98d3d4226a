"""Stage 2 of a similarity encoding: its bits change places in an order that only the hub's key gives.

Two encodings that are permuted alike share as many bits as before, so their Dice coefficient is the same.
Source: docs/token-scheme-1.md, section 6.
"""

import hmac

import numpy as np
from numpy.typing import NDArray

BITS = 512
BYTES = BITS // 8
_ROWS_AT_ONCE = 8192  # 4 MiB of single bits: memory stays flat however many rows there are


def permutation(key: str) -> NDArray[np.uint16]:
    """The new place of every bit: the rank of HMAC-SHA256(key, place as two bytes, big-endian) among all 512."""
    digests = [hmac.digest(key.encode(), place.to_bytes(2, "big"), "sha256") for place in range(BITS)]
    ranked = sorted(range(BITS), key=digests.__getitem__)
    places = np.empty(BITS, dtype=np.uint16)
    places[ranked] = np.arange(BITS, dtype=np.uint16)
    return places


def permute(encodings: NDArray[np.uint8], places: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Rows of 64 bytes with every bit moved to its new place; bit 0 is the highest bit of byte 0."""
    origin = np.argsort(places)
    moved = np.empty_like(encodings)
    for start in range(0, len(encodings), _ROWS_AT_ONCE):
        bits = np.unpackbits(encodings[start : start + _ROWS_AT_ONCE], axis=1)
        moved[start : start + _ROWS_AT_ONCE] = np.packbits(bits[:, origin], axis=1)
    return moved
