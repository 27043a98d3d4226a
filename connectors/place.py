"""Where a partner's files lie: what every such place can tell and give."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

_HEX = 32


@dataclass(frozen=True)
class State:
    """What a file is known by again: a file of another state is another file, or the same one still being written.

    ``changed`` is an instant by the place's own clock, to be compared with that of files of the same place alone; None:
    the place does not say. ``mark`` is what else tells a file from its successor, such as an object store's ETag.
    """

    size: int
    changed: float | None
    mark: str = ""

    def digest(self, path: str) -> str:
        """The state of the file ``path``, for a cursor."""
        return sha256(f"{path}\0{self.size}\0{self.changed}\0{self.mark}".encode()).hexdigest()[:_HEX]


class Place(Protocol):
    """A session with a partner's files. Paths are the feed's; what goes wrong is raised as a ConnectorError."""

    def state(self, path: str) -> State | None:
        """What the file ``path`` is known by, or None if there is none; raises WrongAnswer if it is no plain file."""
        ...

    def read(self, path: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start``, fewer at the file's end, none if it went away."""
        ...
