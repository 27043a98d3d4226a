"""A partner's file as a delivery: whole, held against its receipt, decrypted, and cut into pages.

Where the file lies is another's matter (connectors/sftp.py, connectors/file_drop.py); what holds for all such places:

1. Only a file that its partner has finished is fetched (connectors/whole_file.py).
2. It is given on in pages of ``chunk_bytes``, each read while the file stayed what it was. Memory is that of two
   pages, whatever the file's size.
3. A run that was killed goes on after the last page that was kept, if the file is still the same one: it fetches
   one page again at most. If the file is another, the delivery is begun anew.
4. The receipt's SHA-256 is that of the file as it was sent. It is held against the bytes before the last page is
   given, so that a file with a wrong one never closes a delivery. A run that goes on hashes what came before it from
   the pages that are kept (``kept``), or without those by reading it from the partner once more; either way it must be
   what was given on then. What a run that went on finds wrong is begun anew; what one run read by itself and found
   wrong is refused.
5. An OpenPGP file is written to a temporary file without a name as it came, still encrypted; it is decrypted twice.
   The first time nothing is given on: that is to see that all of it is whole and signed by the sender. The second time
   it is given on. Clear text is never on a disk. A run that goes on fetches such a file again, since what decrypts the
   last page is in the first; no page is given on twice.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from pydantic import SecretStr

from connectors.chunks import FileCursor, cut
from connectors.errors import NotAsSent
from connectors.openpgp import Opener
from connectors.page import DONE, Page
from connectors.place import Place
from connectors.whole_file import Names, WholeFile, find_whole
from hub.periods import Quarter
from hub.transports import FileTransport, OpenPgp, SftpTransport

if TYPE_CHECKING:
    from hashlib import _Hash


@dataclass
class FileConnector:
    """Fetches one file a quarter. ``kept`` gives what an earlier run gave on, if the hub has it still (4)."""

    feed: str
    transport: SftpTransport | FileTransport
    secret: Callable[[str], SecretStr] = field(repr=False)
    where: str
    opening: Callable[[float], AbstractContextManager[Place]] = field(repr=False)
    kept: Callable[[], Iterable[bytes]] | None = field(default=None, repr=False)
    timeout_s: float = 30.0

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The quarter's file from ``cursor`` on; raises NotReady while it is absent or still being written (1)."""
        if cursor == DONE:
            return
        names = Names.of(f"{self.feed} at {self.where}", self.transport, quarter)
        before = self._before(names, cursor)
        with self.opening(self.timeout_s) as place:
            file = find_whole(place, names, self.transport.settle_s, before.file if before else None)
            begun = before or FileCursor(file.known_by, self.transport.chunk_bytes)
            agreed = self.transport.openpgp
            yield from self._opened(file, begun, agreed) if agreed else self._as_sent(file, begun)

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: the file stays where it is, and is the partner's to remove."""

    def _before(self, names: Names, cursor: str | None) -> FileCursor | None:
        try:
            return None if cursor is None else FileCursor.parse(cursor)
        except ValueError:
            raise names.changed("its cursor is of another version of the hub") from None

    def _as_sent(self, file: WholeFile, begun: FileCursor) -> Iterator[Page]:
        digest, at = self._hashed(file, begun), begun
        while True:
            body = file.part(at.offset, at.chunk_bytes)  # (2), (3)
            at = at.after(body)
            digest.update(body)
            if at.offset == file.state.size:
                break
            yield Page(body, str(at), file.names.name, more=True)
        _hold_receipt(file, digest.hexdigest(), begun.offset)  # (4)
        yield Page(body, DONE, file.names.name, receipt=file.receipt)

    def _hashed(self, file: WholeFile, begun: FileCursor) -> "_Hash":
        """The hash of what came before; raises SourceChanged if that is not what was given on then (4)."""
        digest, again = sha256(), begun.begun()
        if begun.offset == 0 or file.receipt.sha256 is None:
            return digest
        for body, _ in cut(self._before_again(file, begun), begun.chunk_bytes):
            again = again.after(body)
            digest.update(body)
        if again != begun:
            raise file.names.changed(f"its first {begun.offset} bytes are not those that were read")
        return digest

    def _before_again(self, file: WholeFile, begun: FileCursor) -> Iterable[bytes]:
        if self.kept is not None:
            return self.kept()
        starts = range(0, begun.offset, begun.chunk_bytes)
        return (file.part(start, min(begun.chunk_bytes, begun.offset - start)) for start in starts)

    def _opened(self, file: WholeFile, begun: FileCursor, agreed: OpenPgp) -> Iterator[Page]:
        opener = Opener(file.names, agreed, self.secret)
        with TemporaryFile() as spool:
            _hold_receipt(file, _spooled(file, cast(BinaryIO, spool), begun.chunk_bytes), went_on_from=0)  # (4)
            yield from _clear(file, opener.clear(cast(BinaryIO, spool)), begun)  # (5)


def _clear(file: WholeFile, clear: Iterator[bytes], begun: FileCursor) -> Iterator[Page]:
    """The pages after ``begun`` of a file that was opened; raises SourceChanged if those before are others."""
    at = begun.begun()
    for body, last in cut(clear, begun.chunk_bytes):
        at = at.after(body)
        if at.offset > begun.offset or begun.offset == 0:
            receipt = file.receipt if last else None
            yield Page(body, DONE if last else str(at), file.names.name, more=not last, receipt=receipt)
        elif last or (at.offset == begun.offset and at != begun):
            raise file.names.changed(f"its first {begun.offset} bytes are not those that were read")


def _spooled(file: WholeFile, spool: BinaryIO, chunk_bytes: int) -> str:
    """Write the file as it came, and say its hash."""
    digest = sha256()
    for start in range(0, file.state.size, chunk_bytes):
        body = file.part(start, chunk_bytes)
        digest.update(body)
        spool.write(body)
    spool.flush()
    return digest.hexdigest()


def _hold_receipt(file: WholeFile, digest: str, went_on_from: int) -> None:
    """Hold the file's hash against its receipt (4); raises NotAsSent, or SourceChanged by a run that went on."""
    if file.receipt.sha256 in (None, digest):
        return
    why = "its SHA-256 is not the one that its receipt gives"
    if went_on_from:
        raise file.names.changed(why)
    raise NotAsSent(
        f"The file {file.names.name} is not what was sent",
        where=file.names.where,
        why=why,
        fix="Ask the partner to send the file and its receipt again; nothing of it is used",
    )
