"""Sealed files: AES-256-GCM in frames of 1 MiB, so that a file of any size is written and read as a stream.

Form of a file:

1. Header: ``HUBSEAL1``, one byte with the length of the key's id, that id, 16 random bytes (the salt).
2. File key: HKDF-SHA256 of the data key, with the salt, for "seal/1". So each file has a key of its own.
3. Frames: up to 1 MiB of content each, every one but the last full, and its 16-byte tag.
4. Nonce of a frame: its number from 0 in 11 bytes, big-endian, then 1 for the last frame and 0 for all others.
   A frame that is dropped, doubled, moved or cut off therefore does not open (the STREAM construction,
   Hoang, Reyhanitabar, Rogaway and Vizar 2015).
5. Associated data of every frame: the header and the file's zone and name, so that files cannot be exchanged.
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.settings import Settings, Zone
from keys.key import Key
from store.errors import SealBroken
from store.files import reading, uri, writing

FRAME_BYTES = 1 << 20
TAG_BYTES = 16
_MAGIC = b"HUBSEAL1"
_SALT_BYTES = 16


def write_sealed(settings: Settings, zone: Zone, name: str, key: Key, content: Iterable[bytes]) -> None:
    """Seal content into a zone: the whole file or none. ``name`` is its path inside the zone."""
    with writing(uri(settings, zone, name)) as file:
        for part in sealed(content, key, f"{zone}/{name}"):
            file.write(part)


def read_sealed(settings: Settings, zone: Zone, name: str, key: Key) -> Iterator[bytes]:
    """The content of a sealed file in parts; raises FileMissing, or SealBroken before any altered part is given."""
    with reading(uri(settings, zone, name)) as file:
        yield from opened(file, key, f"{zone}/{name}")


def sealed(content: Iterable[bytes], key: Key, place: str) -> Iterator[bytes]:
    """The bytes of a sealed file; ``place`` says what file it is and must be the same on opening."""
    header = _MAGIC + bytes([len(key.id.encode())]) + key.id.encode() + secrets.token_bytes(_SALT_BYTES)  # (1)
    cipher, bound = _cipher(key, header), header + place.encode()  # (2), (5)
    yield header
    for number, (frame, last) in enumerate(_frames(content)):  # (3)
        yield cipher.encrypt(_nonce(number, last), frame, bound)


def opened(file: BinaryIO, key: Key, place: str) -> Iterator[bytes]:
    """The content of a sealed file, frame by frame; raises SealBroken."""
    header = _read_header(file, key, place)
    cipher, bound = _cipher(key, header), header + place.encode()
    frames = _lookahead(iter(lambda: file.read(FRAME_BYTES + TAG_BYTES), b""))
    number = -1
    for number, (frame, last) in enumerate(frames):
        try:
            yield cipher.decrypt(_nonce(number, last), frame, bound)
        except InvalidTag:
            raise broken(place, f"frame {number} is not the one that was written there") from None
    if number < 0:
        raise broken(place, "it has no frame")


def sealed_under(file: BinaryIO, place: str) -> str:
    """The id of the key that a file says it is sealed under, which is not proved by that; raises SealBroken."""
    return _start(file, place)[1].decode(errors="replace")


def _read_header(file: BinaryIO, key: Key, place: str) -> bytes:
    start, key_id = _start(file, place)
    if key_id != key.id.encode():
        raise broken(place, f"it was not sealed under {key.id}")
    return start + key_id + file.read(_SALT_BYTES)


def _start(file: BinaryIO, place: str) -> tuple[bytes, bytes]:
    start = file.read(len(_MAGIC) + 1)
    if len(start) <= len(_MAGIC) or not start.startswith(_MAGIC):
        raise broken(place, "it is not a sealed file")
    return start, file.read(start[-1])


def _cipher(key: Key, header: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=header[-_SALT_BYTES:], info=b"seal/1").derive(key.material)
    return AESGCM(derived)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])  # (4)


def _frames(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    return _lookahead(_full_frames(content))


def _full_frames(content: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for part in content:
        held += part
        full = (len(held) - 1) // FRAME_BYTES * FRAME_BYTES if held else 0  # something stays for the last frame
        for start in range(0, full, FRAME_BYTES):
            yield held[start : start + FRAME_BYTES]
        held = held[full:]
    yield held


def _lookahead(frames: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each frame, and whether it is the last."""
    before = next(frames, None)
    for frame in frames:
        if before is not None:
            yield before, False
        before = frame
    if before is not None:
        yield before, True


def broken(place: str, why: str) -> SealBroken:
    """The refusal of a file that is not what was written."""
    return SealBroken(
        "A sealed file does not open",
        where=place,
        why=why,
        fix="Collect the delivery again, and find out who changed it",
    )
