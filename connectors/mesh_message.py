"""One MESH message as pages.

A message comes in the chunks that its sender made, of up to 100 MB, each perhaps compressed on its way. It is read as
it comes and given on in pages of ``chunk_bytes``, so that two pages are held, whatever the size of message or chunk. A
chunk can only be asked for as a whole: a run that goes on reads the one in which it was stopped again, and passes over
what was given on.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from mesh_client import MeshClient
from requests import Response

from connectors.page import Page

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Position:
    """How much of a message was given on: all up to ``offset`` in ``chunk``, counted from 1; no chunk: all of it."""

    message: str
    chunk: int = 1
    offset: int = 0

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position that ``str`` wrote; raises ValueError if another version of the hub wrote it."""
        message, *rest = text.split("/")
        if not rest:
            return cls(message, chunk=0)
        chunk, offset = rest
        return cls(message, int(chunk), int(offset))

    @property
    def is_end(self) -> bool:
        """Whether all of the message was given on."""
        return self.chunk == 0

    def __str__(self) -> str:
        return self.message if self.is_end else f"{self.message}/{self.chunk}/{self.offset}"


def pages_from(mailbox: MeshClient, at: Position, name: str, chunk_bytes: int) -> Iterator[Page]:
    """The rest of a message. Raises what the client raises, ValueError, EOFError and gzip.BadGzipFile."""
    held = bytearray()
    for block, reached in blocks(mailbox, at):
        held += block
        while len(held) > chunk_bytes:
            body = bytes(held[:chunk_bytes])
            del held[:chunk_bytes]
            rest = replace(reached, offset=reached.offset - len(held))  # what is left is all of the last block
            yield Page(body, str(rest), name, more=True)
    yield Page(bytes(held), str(replace(at, chunk=0)), name)


def blocks(mailbox: MeshClient, at: Position) -> Iterator[tuple[bytes, Position]]:
    """The message from ``at`` on, in blocks, each with the position after it."""
    number, total, passed_over = at.chunk, at.chunk, at.offset
    while number <= total:
        with mailbox.retrieve_message_chunk(at.message, number) as response:
            total = _total(response, number)
            reached = 0
            for block in _unpacked(response):
                reached += len(block)
                if reached > passed_over:
                    yield block[-(reached - passed_over) :], Position(at.message, number, reached)
                    passed_over = reached
            if reached < passed_over:
                raise ValueError("the chunk is shorter than it was")
        number, passed_over = number + 1, 0


def _total(response: Response, number: int) -> int:
    """How many chunks the message has; raises ValueError if the answer is another chunk than was asked for."""
    said, total = map(int, response.headers.get("Mex-Chunk-Range", "1:1").split(":"))
    if said != number or total < number:
        raise ValueError("another chunk was asked for")
    return total


def _unpacked(response: Response) -> Iterator[bytes]:
    """A chunk as it was before it was packed for its way; raises ValueError if it was packed as MESH does not."""
    raw = cast(BinaryIO, response.raw)
    packing = response.headers.get("Content-Encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        raise ValueError("a chunk is packed in another way than gzip")
    stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb")) if packing == "gzip" else raw
    while block := stream.read(_BLOCK):
        yield block
