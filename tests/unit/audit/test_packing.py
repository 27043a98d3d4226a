"""Packed entries come back as they were, and whatever else is stored is refused."""

import random
import zlib

import pytest
from backports import zstd

from audit import packing
from audit.packing import UnpackableError, packed, unpacked

CONTENTS = [f'{{"actor":"service:hub","rows":{number * 7919}}}'.encode() for number in range(256)]


@pytest.mark.parametrize("size", [1, 2, 255, 256])
def test_entries_come_back(size: int) -> None:
    assert unpacked(packed(CONTENTS[:size])) == CONTENTS[:size]


def test_much_alike_takes_little_room() -> None:
    assert len(packed(CONTENTS)) * 5 < sum(map(len, CONTENTS))


def test_every_single_bit_counts() -> None:
    """Even one that unpacks to the same entries, such as an unused bit of the frame's head."""
    stored = packed(CONTENTS[:3])
    for place in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(UnpackableError):
            unpacked(bytes(changed))


def test_cut_short_or_lengthened() -> None:
    stored = packed(CONTENTS)
    for changed in (*(stored[:end] for end in range(len(stored))), stored + b"\0", b"\0" + stored, stored * 2):
        with pytest.raises(UnpackableError):
            unpacked(changed)


def test_what_was_never_packed() -> None:
    chance = random.Random(1)
    for length in range(200):
        with pytest.raises(UnpackableError):
            unpacked(chance.randbytes(length))


@pytest.mark.parametrize("frames", [2, 0])
def test_a_checksum_that_fits_does_not_make_a_frame(frames: int) -> None:
    stored = zstd.compress(b"{}") * frames
    with pytest.raises(UnpackableError):
        unpacked(stored + zlib.crc32(stored).to_bytes(4))


def test_what_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed([b"0" * 10_000_000])
    assert len(bomb) < 2_000
    monkeypatch.setattr(packing, "MOST_BYTES", 1_000_000)
    with pytest.raises(UnpackableError):
        unpacked(bomb)
