"""One way's partner as a trial has it: where it is, what it holds, what makes it fail."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from keys.file import write_private
from partners.faults.files import Mend
from partners.faults.kinds import Fault, Way
from partners.faults.sources import Source
from partners.faults.web import Script
from partners.faults.wire import Wire

Act = Callable[[], None]
Lasting = Callable[[random.Random], Mend | None]


@dataclass
class Stage:
    """What fails is a ``script`` of requests over HTTP, a ``wire`` of bytes, or neither: a folder.

    ``acts`` says what is done at the partner at the instant of a trouble, ``lasting`` what is done for one that is
    there from the start, and how it is mended. ``reads``: the places of a file that were answered. ``between`` is
    done between two ingests, where nothing tells that one is under way.
    """

    way: Way
    place: str
    source: Source
    script: Script | None = None
    wire: Wire | None = None
    acts: Mapping[Fault, Act] = field(default_factory=dict)
    lasting: Mapping[Fault, Lasting] = field(default_factory=dict)
    reads: list[int] | None = None
    between: Act | None = None

    def calm(self) -> None:
        """Let nothing go wrong from now on, and forget what was."""
        self.between = None
        if self.reads is not None:
            self.reads.clear()
        if self.script is not None:
            self.script.begin()
        if self.wire is not None:
            self.wire.begin()

    def answered(self) -> int | None:
        """How many pages the partner has answered in full since it was calm; None: it does not tell."""
        if self.reads is not None:
            return len({*self.reads})
        return None if self.script is None or self.way.server == "mesh" else len({*self.script.answered})


def unaccepted(held: Path) -> Mend:
    """Have a secret be another one than the partner knows; the mend puts the right one back."""
    right = held.read_bytes()
    another = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    write_private(held, another if b"PRIVATE KEY" in right else b"another password")
    return lambda: write_private(held, right)


def locked_out(script: Script) -> Mend:
    """Have a server refuse each request as one without a credential; the mend has it accept them."""
    script.revoked = True
    return lambda: setattr(script, "revoked", False)
