"""What a partner holds of a feed: how many rows, and how one is spoiled, corrected, taken away or added."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

from partners.faults.kinds import Way

NONSENSE = "no such thing"
CHANGES = 3  # a row goes, a row is corrected, a row comes


class Source(ABC):
    """A partner's data of one way. Spoiling and changing have few variants, so that few truths need be found out."""

    way: Way

    @abstractmethod
    def count(self) -> int:
        """How many rows the partner holds."""

    @abstractmethod
    def spoil(self, which: int) -> None:
        """Make one of three rows such that its contract refuses it."""

    @abstractmethod
    def change(self, which: int) -> None:
        """Take a row away (0), correct one (1), or add one (2)."""

    @abstractmethod
    def state(self) -> bytes:
        """All that is held, to put it back, and to tell it from another state."""

    @abstractmethod
    def restore(self, state: bytes) -> None:
        """Put back what was held."""

    def offer(self) -> None:  # noqa: B027  # most need nothing more
        """Have it there for the hub to fetch."""


class Listed(Source):
    """Rows that are read and written as a list."""

    @abstractmethod
    def rows(self) -> list[Any]:
        """The rows, to be changed."""

    @abstractmethod
    def write(self, rows: list[Any]) -> None:
        """Hold these rows instead."""

    def count(self) -> int:
        """See Source."""
        return len(self.rows())

    def spoil(self, which: int) -> None:
        """See Source."""
        rows = self.rows()
        put(rows[(0, len(rows) // 2, -1)[which]], self.way.spoilt, NONSENSE)
        self.write(rows)

    def change(self, which: int) -> None:
        """See Source."""
        rows = self.rows()
        if which == 0:
            del rows[1]
        elif which == 1:
            _correct(rows, self.way.other)
        else:
            rows.append(_copied(rows[-1]))
            put(rows[-1], self.way.key, f"{take(rows[-1], self.way.key)}N")
        self.write(rows)


@dataclass
class JsonFile(Listed):
    """A JSON extract, whose rows a server hands out in pages. ``whole``: all files of the feed, if there are more."""

    way: Way
    path: Path
    whole: Sequence[Path] = ()

    def rows(self) -> list[Any]:
        """See Listed."""
        found: list[Any] = json.loads(self.path.read_bytes())
        return found

    def write(self, rows: list[Any]) -> None:
        """See Listed."""
        write(self.path, json.dumps(rows).encode())

    def count(self) -> int:
        """See Source."""
        return sum(len(json.loads(path.read_bytes())) for path in self.whole or (self.path,))

    def state(self) -> bytes:
        """See Source."""
        return self.path.read_bytes()

    def restore(self, state: bytes) -> None:
        """See Source."""
        write(self.path, state)


@dataclass
class Messages(Listed):
    """A hospital's encoded rows, each state of which is sent as a message. ``clear`` empties the hub's mailbox."""

    way: Way
    body: bytes
    send: Callable[[bytes], None] = field(repr=False)
    clear: Callable[[], None] = field(repr=False)

    def rows(self) -> list[Any]:
        """See Listed."""
        return [json.loads(line) for line in self.body.splitlines()]

    def write(self, rows: list[Any]) -> None:
        """See Listed: it is sent too, as a correction is."""
        self.body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        self.send(self.body)

    def change(self, which: int) -> None:
        """See Source. Where a row goes, the message before has expired meanwhile."""
        if which == 0:
            self.clear()
        super().change(which)

    def state(self) -> bytes:
        """See Source."""
        return self.body

    def restore(self, state: bytes) -> None:
        """See Source: what was not fetched is taken out of the mailbox."""
        self.body = state
        self.clear()

    def offer(self) -> None:
        """Send it."""
        self.send(self.body)


def read_csv(content: bytes) -> list[Any]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode())))


def write_csv(rows: list[Any]) -> bytes:
    """A CSV file of rows."""
    content = io.StringIO()
    writer = csv.DictWriter(content, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return content.getvalue().encode()


def read_xml(content: bytes) -> list[Any]:
    """The cases of the youth offending team's file; the root's own attributes are kept with the first."""
    return list(ET.fromstring(content))  # noqa: S314  # the partners wrote it


def write_xml(rows: list[Any], quarter: str) -> bytes:
    """The team's file of cases."""
    root = ET.Element("YOTReturn", {"yot": "Kingston", "period": quarter})
    root.extend(rows)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def take(row: Any, dotted: str) -> Any:
    """A field of a row."""
    *path, last = dotted.split(".")
    if isinstance(row, ET.Element):
        return reduce(_element, path, row).get(last)
    return reduce(lambda found, part: found[part], path, row)[last]


def put(row: Any, dotted: str, value: Any) -> None:
    """Change a field of a row."""
    *path, last = dotted.split(".")
    if isinstance(row, ET.Element):
        reduce(_element, path, row).set(last, value)
    else:
        reduce(lambda found, part: found[part], path, row)[last] = value


def write(path: Path, content: bytes) -> None:
    """Put a file into the place of another at once."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)


def remove(path: Path) -> None:
    """Delete a file, if it is there."""
    with suppress(FileNotFoundError):
        path.unlink()


def _correct(rows: list[Any], name: str) -> None:
    """Give the second row another row's value, where that is another."""
    held = take(rows[1], name)
    put(rows[1], name, next((value for row in rows if (value := take(row, name)) not in (held, None)), held))


def _copied(row: Any) -> Any:
    return ET.fromstring(ET.tostring(row)) if isinstance(row, ET.Element) else json.loads(json.dumps(row))  # noqa: S314


def _element(found: ET.Element, name: str) -> ET.Element:
    held = found.find(name)
    if held is None:
        raise LookupError(f"a case has no {name}")
    return held
