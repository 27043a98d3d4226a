"""What was signed about the log, held against itself: checkpoints and the witnesses' cosignatures. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audit.checkpoint import Checkpoint, Verifier, parse_checkpoint, parse_signature
from audit.cosignatures import Quorum, Witness
from audit.errors import CheckpointRefused
from audit.head import NO_STATEMENTS, xor
from audit.statements import Statement


@dataclass(frozen=True)
class Root:
    """What a checkpoint says."""

    number: int
    size: int
    root: bytes


@dataclass
class Signed:
    """All checkpoints so far, in order, each followed by its cosignatures, and what was wrong with any."""

    verifiers: Sequence[Verifier]
    quorum: Quorum | None
    count: int = 0
    roots: list[Root] = field(default_factory=list)
    statements: bytes = NO_STATEMENTS
    witnessed: int | None = None
    problems: list[str] = field(default_factory=list)
    _last: Checkpoint | None = None
    _number: int = 0
    _astray: bool = False
    _cosigners: set[str] = field(default_factory=set)

    def take(self, said: Statement) -> None:
        """Go on by one statement."""
        self.statements = xor(self.statements, said.digest)
        self.problems += self._wrong_checkpoint(said) if said.witness is None else self._wrong_cosignature(said)

    def _wrong_checkpoint(self, said: Statement) -> Iterator[str]:
        self.count += 1
        if said.number != self.count and not self._astray:
            self._astray = True
            yield "The checkpoints are not numbered 1, 2, 3 and so on: one was removed, added or moved."
        self._last, self._number, self._cosigners = None, said.number, set()
        try:
            self._last = parse_checkpoint(said.text)
        except CheckpointRefused as refusal:
            yield f"Checkpoint {said.number} cannot be read: {refusal.why}."
            return
        yield from self._wrong_note(said, self._last)

    def _wrong_note(self, said: Statement, point: Checkpoint) -> Iterator[str]:
        if point.size != said.size:
            yield f"Checkpoint {said.number} is stored under size {said.size}, but its note says {point.size}."
        if self.roots and point.size < self.roots[-1].size:
            yield f"Checkpoint {said.number} is about fewer entries than the one before it."
        if not any(verifier.signed(point.note) for verifier in self.verifiers):
            yield f"Checkpoint {said.number} (size {point.size}) is not signed by a known key, or its text was changed."
        if len(point.note.signatures) != 1:
            yield f"Checkpoint {said.number} carries {len(point.note.signatures)} signatures, and not the log's alone."
        self.roots.append(Root(said.number, point.size, point.root))

    def _wrong_cosignature(self, said: Statement) -> Iterator[str]:
        where = f"The cosignature of {said.witness} under checkpoint {said.number}"
        if said.number != self._number:
            yield f"{where} stands under no checkpoint."
            return
        try:
            line = parse_signature(said.text)
        except CheckpointRefused as refusal:
            yield f"{where} cannot be read: {refusal.why}."
            return
        if line.name != said.witness:
            yield f"{where} is by {line.name}."
        witness = next((w for w in self._witnesses if (w.name, w.key_hash) == (line.name, line.key_hash)), None)
        if witness is None or self._last is None:
            return
        if witness.cosigned(self._last.note.text, line) is None:
            yield f"{where} is not right, or the checkpoint's text was changed."
        else:
            self._count(witness, self._last)

    @property
    def _witnesses(self) -> Sequence[Witness]:
        return self.quorum.witnesses if self.quorum else ()

    def _count(self, witness: Witness, point: Checkpoint) -> None:
        self._cosigners.add(witness.name)
        if self.quorum and len(self._cosigners) >= self.quorum.needed:
            self.witnessed = max(self.witnessed or 0, point.size)


def wrong_roots(signed: Sequence[Root], held: dict[int, bytes], size: int) -> Iterator[str]:
    """Which checkpoints the tree contradicts: its roots at their sizes, and how many entries it has."""
    right = 0
    for said in signed:
        if said.size > size:
            yield f"Checkpoint {said.number} is about {said.size} entries, but only {size} are stored."
        elif held.get(said.size) != said.root:
            yield (
                f"Checkpoint {said.number} is contradicted: among entries {right} to {said.size - 1} "
                "one was changed, removed, added or moved."
            )
        else:
            right = max(right, said.size)
