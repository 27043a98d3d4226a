"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): leaf hashes, roots, and growth leaf by leaf.

A frontier stands for a whole tree: the roots of the perfect subtrees that its leaves fill, largest first,
one for each bit set in the number of leaves. It is all that is needed to add a leaf or to tell the root.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of a zero byte and the entry: no leaf can pass for a node (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and the hashes of both children (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """A tree of ``size`` leaves, as the roots of its perfect subtrees, largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether there is one root for each bit set in the size."""
        return self.size >= 0 and len(self.roots) == self.size.bit_count()

    def add(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The tree with more leaves at its right end; each costs one to log2(size) hashes."""
        size, roots = self.size, list(self.roots)
        for leaf in leaf_hashes:
            roots.append(leaf)
            size += 1
            for _ in range((size & -size).bit_length() - 1):  # as many pairs close as the size has zeros at its end
                right = roots.pop()
                roots[-1] = node_hash(roots[-1], right)
        return Frontier(size, tuple(roots))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all leaves."""
        if not self.roots:
            return EMPTY_ROOT
        *rest, root = self.roots
        for left in reversed(rest):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """The roots one after the other."""
        return b"".join(self.roots)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Read what ``packed`` wrote; ``fits`` tells whether it is whole."""
        parts = range(0, len(packed), HASH_BYTES)
        return cls(size, tuple(packed[start : start + HASH_BYTES] for start in parts))
