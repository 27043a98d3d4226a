"""Check an export of the hub's log. Needs Python 3.11 and ``cryptography``; knows nothing of the hub.

    python verify_log.py EXPORT --log-key KEY [--witness KEY ...] [--needed 4]
                                [--known FILE_WITH_A_CHECKPOINT_YOU_KEPT ...] [--entry NUMBER ...]

Take each KEY (name+hash+base64) from the signed agreement, never from the export: it is what you trust. Rules:

1. Each checkpoint is of the log whose key you gave, and signed by that key (C2SP tlog-checkpoint, RFC 8032).
2. Checkpoints never go back: sizes do not fall, and one size has one root.
3. A whole log: there are as many entries as the export says, and each checkpoint's root is that of the entries
   up to its size (RFC 9162 section 2.1.1). So no entry was changed, removed, added or moved.
4. A part of a log: each entry is proved to be under a checkpoint, and each checkpoint to go on from the last (2.1.3-4).
5. Each checkpoint that you kept is signed by the log, and what is here goes on from it. So nothing was rewound.
6. A checkpoint carries the cosignatures of as many of your witnesses as are needed, and no line in the name of one
   of them is wrong (C2SP tlog-cosignature). So the others saw the same log.
7. Each entry that you asked for is here, and proved to be in the log.

Ends with 0 if all holds, 1 if something is wrong, 2 if it could not check what you asked.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = 1, 4  # C2SP signature types: a log's Ed25519, a witness's Ed25519 with a time
EMPTY_ROOT = sha256(b"").digest()
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def unbase64(text: str, length: int | None = None) -> bytes:
    """Decode strictly: one text for each content, of the given length."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text or length not in (None, len(content)):
        raise ValueError("it holds base64 that is not in its one proper form or length")
    return content


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement that the log of ``origin`` has ``size`` entries with this root."""

    origin: str
    size: int
    root: bytes
    text: str
    lines: tuple[tuple[str, bytes], ...]  # of each signature line the key's name, and its bytes


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a signed note of three lines (C2SP signed-note, tlog-checkpoint); raises ValueError."""
    text, blank, tail = note.rpartition("\n\n")
    parts = text.split("\n")
    if not blank or not tail.endswith("\n") or len(parts) != 3 or not parts[0] or not _SIZE.fullmatch(parts[1]):
        raise ValueError("a checkpoint is not an origin, a size and a root, a blank line, and signature lines")
    found = [_LINE.fullmatch(line) for line in tail[:-1].split("\n")]
    if len(found) > 64 or not all(found):
        raise ValueError("a checkpoint's signature line is malformed")
    lines = tuple((line[1], unbase64(line[2])) for line in found if line)
    return Checkpoint(parts[0], int(parts[1]), unbase64(parts[2], 32), text + "\n", lines)


@dataclass(frozen=True)
class Key:
    """A public key that is trusted: a log's or a witness's."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> "Key":
        """Read name+hash+base64; raises ValueError."""
        name, key_hash, encoded = vkey.split("+", 2)
        content = unbase64(encoded, 33)
        key = cls(name, content[0], content[1:])
        if not re.fullmatch(r"\S+", name) or key.hash.hex() != key_hash:
            raise ValueError("a key's hash is not right")
        return key

    @property
    def hash(self) -> bytes:
        """Four bytes that name the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def signed(self, point: Checkpoint) -> bool | None:
        """Whether this key signed the checkpoint; None if no line is in its name."""
        own = [line[4:] for name, line in point.lines if name == self.name and line[:4] == self.hash]
        return any(self._right(point.text, line) for line in own) if own else None

    def _right(self, text: str, signature: bytes) -> bool:
        if self.kind == WITNESS:
            text = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162 section 2.1.1."""
    return sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def roots_at(entries: Iterable[bytes], sizes: set[int]) -> tuple[int, dict[int, bytes]]:
    """How many entries there are, and the root at each of the sizes that they reach (RFC 9162 section 2.1.1)."""
    roots, stack, size = {0: EMPTY_ROOT}, list[bytes](), 0
    for size, entry in enumerate(entries, 1):
        stack.append(leaf_hash(entry))
        for _ in range((size & -size).bit_length() - 1):
            right = stack.pop()
            stack[-1] = _node(stack[-1], right)
        if size in sizes:
            roots[size] = reduce(lambda right, left: _node(left, right), reversed(stack))
    return size, roots


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf stands at ``index`` of the tree with this size and root (RFC 9162 section 2.1.3)."""
    parts = list(proof)

    def climb(at: int, of: int) -> bytes:
        if of == 1:
            return leaf
        part, half = parts.pop(), 1 << ((of - 1).bit_length() - 1)  # the largest power of two below it
        return _node(climb(at, half), part) if at < half else _node(part, climb(at - half, of - half))

    try:
        return 0 <= index < size and climb(index, size) == root and not parts
    except IndexError:  # the proof is too short
        return False


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of ``new`` leaves begins with that of ``old`` (RFC 9162 section 2.1.4)."""
    parts = list(proof)

    def climb(begun: int, of: int, whole: bool) -> tuple[bytes, bytes]:
        if begun == of:
            same = old_root if whole else parts.pop()
            return same, same
        part, half = parts.pop(), 1 << ((of - 1).bit_length() - 1)  # the largest power of two below it
        before, after = climb(begun, half, whole) if begun <= half else climb(begun - half, of - half, whole=False)
        return (before, _node(after, part)) if begun <= half else (_node(part, before), _node(part, after))

    if old == 0:
        return old_root == EMPTY_ROOT and not parts and (new > 0 or new_root == EMPTY_ROOT)
    try:
        return 0 < old <= new and climb(old, new, whole=True) == (old_root, new_root) and not parts
    except IndexError:  # the proof is too short
        return False


@dataclass
class Check:
    """The rules over one export: ``said`` gathers what holds, ``wrong`` what does not."""

    folder: Path
    log: Key
    witnesses: Sequence[Key]
    needed: int
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    points: list[Checkpoint] = field(default_factory=list)  # those that the log signed
    joins: list[list[bytes]] = field(default_factory=list)  # of each checkpoint, that it goes on from the last
    roots: dict[int, bytes] = field(default_factory=dict)  # root by size, of the entries or else as signed
    entries: dict[int, bytes] = field(default_factory=dict)  # by number, those that are proved

    def run(self, known: Sequence[Checkpoint], asked: Sequence[int]) -> None:
        """Apply the rules; raises OSError or what a wrong JSON value raises."""
        about = json.loads((self.folder / "export.json").read_bytes())
        if about["format"] != "hub-log-export/1":
            raise ValueError("its format is not hub-log-export/1")
        self._signed()
        part = (self.folder / "proofs.jsonl").exists() or about["first"] != 0
        (self._part if part else self._whole)(asked, about["size"], {point.size for point in known})
        for kept in known:
            self._goes_on_from(kept)
        self._cosigned()
        for number in asked:  # (7)
            text = "".join(filter(str.isprintable, self.entries.get(number, b"").decode(errors="replace")))
            self._tell(f"Entry {number} is in the log: {text}", text, f"Entry {number} is not here and proved.")

    def _tell(self, holds: str, right: object, fault: str) -> None:
        (self.said if right else self.wrong).append(holds if right else fault)

    def _lines(self, name: str) -> Iterator[bytes]:
        with (self.folder / name).open("rb") as file:
            yield from (line.removesuffix(b"\n") for line in file)

    def _signed(self) -> None:
        lines = [json.loads(line) for line in self._lines("checkpoints.jsonl")]
        self.joins = [[unbase64(part, 32) for part in line["proof"]] for line in lines]
        read = [parse_checkpoint(line["note"]) for line in lines]
        self.points = [point for point in read if point.origin == self.log.name and self.log.signed(point)]  # (1)
        bad = f"The key you gave signed {len(self.points)} of {len(read)} checkpoints."
        self._tell(f"The log's key signed each of the {len(read)} checkpoints.", read and read == self.points, bad)
        for old, new in pairwise(self.points):  # (2)
            if new.size < old.size or (new.size == old.size and new.root != old.root):
                self.wrong.append(f"The checkpoint of {new.size} entries contradicts the one before it.")

    def _whole(self, asked: Sequence[int], size: int, kept: set[int]) -> None:
        entries = [(index, entry) for index, entry in enumerate(self._lines("entries.jsonl")) if index in asked]
        found, self.roots = roots_at(self._lines("entries.jsonl"), {point.size for point in self.points} | kept)  # (3)
        bad = {point.size for point in self.points if self.roots.get(point.size) != point.root}
        proved = max({point.size for point in self.points} - bad, default=0)
        self.entries = {index: entry for index, entry in entries if index < proved}
        fault = f"Of {size} entries {found} are here, and from entry {proved} on not all are what was signed for."
        self._tell(f"The {found} entries here fit all that was signed for.", found == size and not bad, fault)
        if found > proved and not bad:
            self.said.append(f"The last {found - proved} entries are so new that no checkpoint covers them yet.")

    def _part(self, _: Sequence[int], size: int, __: set[int]) -> None:
        self.roots = {0: EMPTY_ROOT} | {point.size: point.root for point in self.points}
        entries, proofs = list(self._lines("entries.jsonl")), list(map(json.loads, self._lines("proofs.jsonl")))
        for entry, line in zip(entries, proofs, strict=False):
            proof, root = [unbase64(part, 32) for part in line["proof"]], self.roots.get(line["size"], b"")
            if verify_inclusion(leaf_hash(entry), line["index"], line["size"], proof, root):  # (4)
                self.entries[line["index"]] = entry
        right = len(self.entries) == len(entries) == len(proofs)
        bad = f"Only {len(self.entries)} of the {len(entries)} entries here are proved to be in the log."
        self._tell(f"Each of the {len(entries)} entries here is proved to be in the log.", right, bad)
        self.said.append(f"This is a part of a log of {size} entries: it cannot show what was left out of it.")
        for (old, new), proof in zip(pairwise(self.points), self.joins[1:], strict=False):
            if not verify_consistency(old.size, new.size, old.root, new.root, proof):
                self.wrong.append(f"The checkpoint of {new.size} entries is not proved to go on from {old.size}.")

    def _goes_on_from(self, kept: Checkpoint) -> None:
        newest = max((point.size for point in self.points), default=0)
        own = kept.origin == self.log.name and self.log.signed(kept)
        fault = f"The checkpoint of {kept.size} entries that you kept is not signed by the key you gave."  # (5)
        if own and kept.size > newest:
            fault = f"The log was rewound: you kept a checkpoint of {kept.size} entries, the newest here has {newest}."
        elif own:
            why = "differs: this is another log than you saw" if kept.size in self.roots else "is not here: ask for all"
            fault = f"The checkpoint of {kept.size} entries that you kept {why}."
        right = own and kept.size <= newest and self.roots.get(kept.size) == kept.root
        self._tell(f"The log goes on from the checkpoint of {kept.size} entries that you kept.", right, fault)

    def _cosigned(self) -> None:
        forged = {key.name for key in self.witnesses for point in self.points if key.signed(point) is False}
        self.wrong += [f"A cosignature in the name of {name} is not right." for name in sorted(forged)]  # (6)
        signed = [(p.size, sorted(key.name for key in self.witnesses if key.signed(p))) for p in self.points]
        enough = max((size, names) for size, names in [(-1, []), *signed] if size < 0 or len(names) >= self.needed)
        holds = f"The log of {enough[0]} entries is cosigned by {', '.join(enough[1])}."
        if not self.witnesses:
            holds = "You gave no witness's key, so this does not show that others saw the same log."
        fault = f"No checkpoint is cosigned by {self.needed} of your {len(self.witnesses)} witnesses."
        self._tell(holds, enough[1] or not self.witnesses, fault)


def main(words: Sequence[str] | None = None) -> int:
    """Check what the words say, print what was found; the number to end with."""
    command = argparse.ArgumentParser(description="Check an export of the hub's log.")
    command.add_argument("export", type=Path, help="the export's folder")
    command.add_argument("--log-key", required=True, type=Key.parse, metavar="KEY", help="the log's key")
    command.add_argument("--needed", type=int, default=4, help="how many witnesses must have cosigned")
    for name, kind, what in (("witness", Key.parse, "KEY"), ("known", Path, "FILE"), ("entry", int, "NUMBER")):
        command.add_argument(f"--{name}", action="append", default=[], type=kind, metavar=what)
    given = command.parse_args(words)  # it ends with 2 by itself
    witnesses = list({key.public: key for key in given.witness}.values())  # one key has one voice
    kinds = {given.log_key.kind - LOG, *(key.kind - WITNESS for key in witnesses)}
    if kinds != {0} or (witnesses and not 1 <= given.needed <= len(witnesses)):
        command.error("the log's key is no log's, a witness's is no witness's, or fewer are given than needed")
    check = Check(given.export, given.log_key, witnesses, given.needed)
    try:
        known = [parse_checkpoint(path.read_text(encoding="utf-8")) for path in given.known]
    except (OSError, ValueError) as problem:
        command.error(f"a checkpoint that you kept cannot be read: {problem}")
    try:
        check.run(known, given.entry)
    except FileNotFoundError as problem:
        command.error(f"this is no whole export: {problem}")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        check.wrong.append(f"The export is damaged ({type(problem).__name__}: {problem}).")
    found = [f"   ok   {sentence}" for sentence in check.said] + [f" WRONG  {sentence}" for sentence in check.wrong]
    print(*found, "Do not trust this log." if check.wrong else "Nothing is wrong.", sep="\n")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
