"""A file in pages of one size: how it is cut, and where a run that was killed goes on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

_HEX = 32


@dataclass(frozen=True)
class FileCursor:
    """How many bytes of which file were given on, in pages of which size, and a digest of them.

    The digest is a chain over the pages, so that a run which reads them again knows whether they are the same.
    """

    file: str
    chunk_bytes: int
    offset: int = 0
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "FileCursor":
        """The cursor that ``str`` wrote; raises ValueError if another version of the hub wrote it."""
        file, chunk_bytes, offset, digest = text.split("/")
        return cls(file, int(chunk_bytes), int(offset), digest)

    def after(self, body: bytes) -> "FileCursor":
        """The cursor once ``body`` is given on as well."""
        link = sha256(self.digest.encode() + sha256(body).digest()).hexdigest()[:_HEX]
        return replace(self, offset=self.offset + len(body), digest=link)

    def begun(self) -> "FileCursor":
        """The same file's cursor before its first byte."""
        return replace(self, offset=0, digest="")

    def __str__(self) -> str:
        return f"{self.file}/{self.chunk_bytes}/{self.offset}/{self.digest}"


def cut(blocks: Iterable[bytes], chunk_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in chunks of one size, each with whether it is the last. Nothing in gives one empty chunk.

    A chunk is given once it is known whether another follows, so that two chunks at most are held, and one block.
    """
    held = bytearray()
    for block in blocks:
        held += block
        while len(held) > chunk_bytes:
            yield bytes(held[:chunk_bytes]), False
            del held[:chunk_bytes]
    yield bytes(held), True
