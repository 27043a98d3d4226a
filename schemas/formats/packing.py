"""Documents that are packed: gzip (RFC 1952), and zip (APPNOTE 6.3) with one member, unpacked as a stream.

1. What is unpacked is bounded in size and in its ratio to what came, and checked while it flows.
2. Packed once, not twice: what is unpacked must not itself be an archive.
3. Checksums hold, and nothing follows the end.
"""

import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from schemas.formats.archive import check_end, read_head
from schemas.formats.expected import Expected
from schemas.formats.stream import READ_BYTES, as_file, parts_of

_OUT_BYTES = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_WINDOW_GZIP, _WINDOW_RAW = 31, -15
_REFUSED = "A packed document is refused"


def unpacked(parts: Iterable[bytes], expected: Expected, *, may_be_zip: bool = False) -> Iterator[bytes]:
    """The document itself, in parts of at most 1 MiB; raises FormatError.

    ``may_be_zip``: the document's own form is a zip file (a workbook).
    """
    if expected.form.packed is None:
        yield from parts
        return
    found = _gunzipped(parts, expected) if expected.form.packed == "gzip" else _unzipped(parts, expected)
    first = next(found, b"")
    if first.startswith(_GZIP) or (first.startswith(_ZIP) and not may_be_zip):  # (2)
        raise expected.refusal(_REFUSED, "it holds another packed file", "Ask the provider to pack the file once")
    yield first
    yield from found


@dataclass
class _Gauge:
    """How much came and how much was made of it."""

    expected: Expected
    came: int = 0
    made: int = 0

    def see(self, came: int, made: int) -> None:
        """Count, and hold it against the bounds (1)."""
        self.came += came
        self.made += made
        bounds = self.expected.bounds
        if self.made > bounds.unpacked_bytes:
            raise self.expected.refusal(_REFUSED, f"it unpacks to more than {bounds.unpacked_bytes:,} bytes")
        if self.made > bounds.ratio_from_bytes and self.made > bounds.ratio * self.came:
            why = f"it unpacks to more than {bounds.ratio} times its size, as no file of rows does (a zip bomb)"
            raise self.expected.refusal(_REFUSED, why)


def _gunzipped(parts: Iterable[bytes], expected: Expected) -> Iterator[bytes]:
    """One member or several that follow each other (RFC 1952, section 2.2)."""
    gauge, waiting = _Gauge(expected), filter(None, parts)
    left = next(waiting, b"")
    if not left:
        raise expected.refusal(_REFUSED, "it is empty")
    while left:
        left = yield from _inflated(chain((left,), waiting), _WINDOW_GZIP, gauge)  # (3)
        left = left or next(waiting, b"")


def _unzipped(parts: Iterable[bytes], expected: Expected) -> Iterator[bytes]:
    """The one member of a zip file; its name is looked at and never used."""
    file, gauge = as_file(parts), _Gauge(expected)
    head = read_head(file, expected)
    body = parts_of(file)
    if head.stored_bytes is None:
        found = _inflated(body, _WINDOW_RAW, gauge)
    else:
        found = _copied(body, head.stored_bytes, gauge)
    crc, left = 0, b""
    while True:
        try:
            part = next(found)
        except StopIteration as end:
            left = end.value
            break
        crc = zlib.crc32(part, crc)
        yield part
    check_end(as_file(chain((left,), body)), head, crc, gauge.made, expected)  # (3)


def _inflated(parts: Iterable[bytes], window: int, gauge: _Gauge) -> Generator[bytes, None, bytes]:
    """What one deflated stream holds, in parts of at most 1 MiB; returns the bytes after it that were read with it."""
    machine = zlib.decompressobj(window)
    for part in parts:
        for start in range(0, len(part), READ_BYTES):
            given = part[start : start + READ_BYTES]
            while given and not machine.eof:
                made = _decompressed(machine, given, gauge.expected)
                gauge.see(len(given) - len(machine.unconsumed_tail) - len(machine.unused_data), len(made))
                given = machine.unconsumed_tail
                if made:
                    yield made
            if machine.eof:
                return machine.unused_data + part[start + READ_BYTES :]
    raise gauge.expected.refusal(_REFUSED, "it is cut off")


def _decompressed(machine: "zlib._Decompress", given: bytes, expected: Expected) -> bytes:
    try:
        return machine.decompress(given, _OUT_BYTES)
    except zlib.error:
        raise expected.refusal(_REFUSED, f"it is not the agreed {expected.form.packed}, or was damaged") from None


def _copied(parts: Iterable[bytes], length: int, gauge: _Gauge) -> Generator[bytes, None, bytes]:
    """A member that was stored as it is."""
    for part in parts:
        mine, left = part[:length], part[length:]
        gauge.see(len(mine), len(mine))
        length -= len(mine)
        if mine:
            yield mine
        if not length:
            return left
    raise gauge.expected.refusal(_REFUSED, "it is cut off")
