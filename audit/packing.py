"""Up to 256 entries packed into a few bytes: their canonical JSON, a line each, compressed. Pure.

The packed form is a Zstandard frame (RFC 8878) and the CRC-32 of it. Entries are proved by their hashes in the tree;
the checksum finds the changes that unpack to the same entries.
"""

import zlib
from collections.abc import Sequence

from backports import zstd

MOST_BYTES = 1 << 26  # unpacked; more is refused, so that a bundle that was tampered with cannot fill the memory
LONGEST_ENTRY = (MOST_BYTES >> 8) - 1  # and the end of its line
_LEVEL = 1  # entries repeat each other so much that more effort gains nothing
_CHECKSUM_BYTES = 4


class UnpackableError(ValueError):
    """What is stored cannot be what was packed."""


def packed(contents: Sequence[bytes]) -> bytes:
    """Entries, packed."""
    frame = zstd.compress(b"\n".join(contents), _LEVEL)
    return frame + _checksum(frame)


def unpacked(stored: bytes) -> list[bytes]:
    """The entries that were packed; raises UnpackableError."""
    frame, checksum = stored[:-_CHECKSUM_BYTES], stored[-_CHECKSUM_BYTES:]
    if checksum != _checksum(frame):
        raise UnpackableError
    reader = zstd.ZstdDecompressor()
    try:
        lines = reader.decompress(frame, MOST_BYTES)
    except zstd.ZstdError:
        raise UnpackableError from None
    if not reader.eof or reader.unused_data:
        raise UnpackableError
    return lines.split(b"\n")


def _checksum(frame: bytes) -> bytes:
    return zlib.crc32(frame).to_bytes(_CHECKSUM_BYTES)
