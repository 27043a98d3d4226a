"""A file that its partner has finished: how that is known, and how it is read while it stays the same."""

import time
from dataclasses import dataclass
from pathlib import PurePosixPath

from connectors.errors import NotReady, SourceChanged, WrongAnswer
from connectors.page import Receipt
from connectors.place import Place, State
from connectors.receipt import MOST_BYTES, read_receipt
from hub.periods import Quarter
from hub.transports import FileTransport, SftpTransport

_NOTHING_SAID = Receipt()


@dataclass(frozen=True)
class Names:
    """The paths of a quarter's file, its marker and its receipt. The feed's YAML was held to it that none leads out."""

    where: str
    path: str
    marker: str | None
    receipt: str | None

    @classmethod
    def of(cls, where: str, transport: SftpTransport | FileTransport, quarter: Quarter) -> "Names":
        """The quarter's names by the feed's templates."""
        path = transport.path.replace("{period}", str(quarter))
        marker, receipt = (
            name and name.replace("{path}", path).replace("{period}", str(quarter))
            for name in (transport.marker, transport.receipt)
        )
        return cls(where, path, marker, receipt)

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return PurePosixPath(self.path).name

    def not_ready(self, why: str) -> NotReady:
        """The refusal of a file that is not there, or not whole."""
        return NotReady(
            f"The file {self.name} cannot be fetched",
            where=self.where,
            why=why,
            fix="It is tried again; ask the partner if it stays away",
        )

    def changed(self, why: str) -> SourceChanged:
        """The refusal to go on with a file that is no longer the one that was begun."""
        return SourceChanged(
            f"The file {self.name} cannot be gone on with",
            where=self.where,
            why=why,
            fix="Begin the delivery anew; the hub does so by itself",
        )


@dataclass(frozen=True)
class WholeFile:
    """A finished file. Every part is read from the file as it was found, or not at all."""

    place: Place
    names: Names
    state: State
    receipt: Receipt

    @property
    def known_by(self) -> str:
        """What a cursor calls the file."""
        return self.state.digest(self.names.path)

    def part(self, start: int, length: int) -> bytes:
        """The bytes of one part; raises SourceChanged, or NotReady where it is the first, if the file is another."""
        length = min(length, self.state.size - start)
        body = self.place.read(self.names.path, start, length)
        if len(body) == length and self.place.state(self.names.path) == self.state:
            return body
        why = "it changed while it was read"
        raise self.names.changed(why) if start else self.names.not_ready(why)


def find_whole(place: Place, names: Names, settle_s: float, known_by: str | None) -> WholeFile:
    """The quarter's file, if it is whole.

    1. With a marker, it is whole once the marker is there, and not older than the file: an older one speaks of
       what was delivered before.
    2. Without one, it is whole if it keeps size and time for ``settle_s`` seconds.
    3. A run that goes on has seen that it is whole: it must be the file that was begun, ``known_by`` its cursor.
    4. A receipt that is agreed must be there.

    Raises NotReady, SourceChanged (3), and WrongAnswer for a receipt that says nothing.
    """
    state = _state(place, names)
    if known_by is not None:
        if state.digest(names.path) != known_by:
            raise names.changed("it is another file than the one that was begun")  # (3)
    elif names.marker is not None:
        _hold_marker(place, names, names.marker, state)  # (1)
    else:
        time.sleep(settle_s)
        if _state(place, names) != state:
            raise names.not_ready("it is still being written")  # (2)
    return WholeFile(place, names, state, _receipt(place, names))


def _state(place: Place, names: Names) -> State:
    state = place.state(names.path)
    if state is None:
        raise names.not_ready("there is no such file yet")
    return state


def _hold_marker(place: Place, names: Names, marker: str, file: State) -> None:
    found = place.state(marker)
    if found is None:
        raise names.not_ready(f"its marker {PurePosixPath(marker).name} is not there yet")
    if found.changed is not None and file.changed is not None and found.changed < file.changed:
        raise names.not_ready(f"its marker {PurePosixPath(marker).name} is older than the file")


def _receipt(place: Place, names: Names) -> Receipt:
    if names.receipt is None:
        return _NOTHING_SAID
    found, called = place.state(names.receipt), PurePosixPath(names.receipt).name
    body = place.read(names.receipt, 0, min(found.size, MOST_BYTES + 1)) if found else b""
    if not body:
        raise names.not_ready(f"its receipt {called} is not there yet")  # (4)
    try:
        return read_receipt(body, names.name)
    except ValueError as error:
        raise WrongAnswer(
            f"The receipt {called} cannot be read",
            where=names.where,
            why=str(error),
            fix="Ask the partner for one in the form of sha256sum, or JSON with rows, sha256 and totals",
        ) from None
