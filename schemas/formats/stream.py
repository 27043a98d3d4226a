"""A document's parts as a file that can be read forwards."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from schemas.formats.expected import Expected

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_BYTES = 1 << 16


class _Parts(io.RawIOBase):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts, self._left = iter(parts), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = memoryview(part)
        target = memoryview(buffer).cast("B")
        taken = min(len(target), len(self._left))
        target[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken


def as_file(parts: Iterable[bytes]) -> io.BufferedReader:
    """Parts of any size as one file, read forwards only; no part is asked for before it is needed."""
    return io.BufferedReader(_Parts(parts), READ_BYTES)


def parts_of(file: io.BufferedReader) -> Iterator[bytes]:
    """What is left of a file, in small parts."""
    return iter(lambda: file.read(READ_BYTES), b"")


def whole(parts: Iterable[bytes], expected: Expected) -> bytes:
    """A document that can only be read whole; raises FormatError as soon as it is larger than that may be."""
    most, held = expected.bounds.whole_bytes, bytearray()
    for part in parts:
        held += part
        if len(held) > most:
            why = f"it is larger than {most >> 20} MiB, which is the most for a form that cannot be read as a stream"
            raise expected.refusal("A document is too large", why, "Ask the provider for CSV, or for smaller files")
    return bytes(held)
