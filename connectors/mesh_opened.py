"""A MESH message that its sender encrypted to the hub and signed (OpenPGP), as pages of clear text.

As of any file so sent (connectors/files.py, rule 5), nothing is given before all of it is seen to be whole and signed;
it lies in a temporary file as it came, still encrypted. A run that goes on fetches the message again, since what
decrypts its end is at its beginning; no page is given on twice.
"""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from mesh_client import MeshClient

from connectors.chunks import cut
from connectors.mesh_message import Position, blocks
from connectors.openpgp import Opener
from connectors.page import Page


def opened_pages(mailbox: MeshClient, at: Position, opener: Opener, chunk_bytes: int) -> Iterator[Page]:
    """The rest of a message; an offset counts bytes of clear text. Raises as the client and the opener do."""
    with TemporaryFile() as spool:
        for block, _ in blocks(mailbox, Position(at.message)):
            spool.write(block)
        spool.flush()
        given = 0
        for body, last in cut(opener.clear(cast(BinaryIO, spool)), chunk_bytes):
            given += len(body)
            rest = body[max(0, len(body) - (given - at.offset)) :] if given > at.offset else b""
            if rest or last:
                yield Page(rest, str(Position(at.message, 0 if last else 1, given)), opener.names.name, more=not last)
