"""Checkpoints: signed statements of how long the log is and what its root is.

Form: C2SP signed-note and tlog-checkpoint. A note is a text, a blank line, and one line per signature::

    safer-kingston/audit
    42
    base64 of the root

    — safer-kingston/audit base64 of (key hash, signature)
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from audit.errors import CheckpointRefused
from audit.events import Entry
from audit.merkle import HASH_BYTES

ED25519 = b"\x01"  # C2SP signed-note: signature type identifier
KEY_HASH_BYTES = 4
_KEY_NAME = re.compile(r"[^\s+]+")
_SIGNATURE_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Known(Protocol):
    """What all may know of who signs checkpoints: a name without spaces or plus signs, and an Ed25519 public key."""

    @property
    def name(self) -> str:
        """The key's name in notes, which is also the log's origin."""

    @property
    def key_id(self) -> str:
        """Which key of the ring it is, such as ``audit/1``."""

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""


class Signer(Known, Protocol):
    """Who signs checkpoints, with a key held elsewhere."""

    def sign(self, message: bytes, /) -> bytes:
        """The Ed25519 signature, 64 bytes."""

    def told(self, connection: Connection, /) -> Sequence[Entry]:
        """What is to be in the log before it is signed: what the signer's ring of keys was used for."""


@dataclass(frozen=True)
class Verifier:
    """What is needed to check a signature: the key's name and its raw public key, 32 bytes."""

    name: str
    public_key: bytes

    @classmethod
    def of(cls, signer: Known) -> "Verifier":
        """The verifier of what this signer signs."""
        return cls(signer.name, signer.public_key)

    @property
    def key_hash(self) -> bytes:
        """Four bytes that name the key in a signature line (C2SP signed-note)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_HASH_BYTES]

    @property
    def vkey(self) -> str:
        """Name, key hash and key in one word, for those who verify elsewhere (C2SP signed-note, verifier keys)."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"

    def signed(self, note: "Note") -> bool:
        """Whether one of the note's signatures is this key's and is right."""
        return any(self._right(note.text, line) for line in note.signatures)

    def _right(self, text: str, line: "Signature") -> bool:
        if (line.name, line.key_hash) != (self.name, self.key_hash):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(line.signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signature:
    """One signature line of a note. Witnesses add lines of their own."""

    name: str
    key_hash: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_hash + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text, which ends with a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


@dataclass(frozen=True)
class Checkpoint:
    """The log of ``origin`` had ``size`` entries with this root; ``note`` is the signed statement."""

    origin: str
    size: int
    root: bytes
    note: Note


def sign_checkpoint(size: int, root: bytes, signer: Signer) -> Checkpoint:
    """State size and root, signed. The log's origin is the signer's name, as C2SP advises."""
    if not _KEY_NAME.fullmatch(signer.name):
        raise CheckpointRefused(
            "The checkpoint cannot be signed",
            where="the audit key's name",
            why="a key's name has no space and no plus sign",
            fix="Rename the key",
        )
    text = f"{signer.name}\n{size}\n{base64.b64encode(root).decode()}\n"
    line = Signature(signer.name, Verifier.of(signer).key_hash, signer.sign(text.encode()))
    return Checkpoint(signer.name, size, root, Note(text, (line,)))


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a signed checkpoint; raises CheckpointRefused unless writing it again gives the same text."""
    parsed = parse_note(note)
    lines = parsed.text.split("\n")
    if len(lines) != 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise _unreadable("it is not an origin, a size and a root on three lines")
    root = _base64(lines[2])
    if len(root) != HASH_BYTES:
        raise _unreadable("its root is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, parsed)


def parse_note(note: str) -> Note:
    """Read a signed note (C2SP signed-note); raises CheckpointRefused for any other text."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise _unreadable("it has no signature lines after a blank line")
    return Note(text + "\n", tuple(map(_signature, lines[:-1].split("\n"))))


def parse_signature(line: str) -> Signature:
    """Read one signature line with its newline, as ``str`` wrote it; raises CheckpointRefused for any other text."""
    if not line.endswith("\n"):
        raise _unreadable("a signature line does not end")
    return _signature(line[:-1])


def _signature(line: str) -> Signature:
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise _unreadable("one of its signature lines is malformed")
    content = _base64(found["signature"])
    return Signature(found["name"], content[:KEY_HASH_BYTES], content[KEY_HASH_BYTES:])


def _base64(text: str) -> bytes:
    """Decode strictly: one text for each content, so that no bit can change unseen."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable("it holds base64 that is not valid") from None
    if base64.b64encode(content).decode() != text:
        raise _unreadable("it holds base64 that is not in its one proper form")
    return content


def _unreadable(why: str) -> CheckpointRefused:
    return CheckpointRefused(
        "The checkpoint cannot be read",
        where="its signed note",
        why=why,
        fix="Compare it with the copy a witness keeps",
    )
