"""The Merkle tree of RFC 9162 section 2.1 (RFC 6962 section 2.1): hashes, growth, proofs and their verification.

A frontier stands for a whole tree: the roots of the perfect subtrees that its leaves fill, largest first,
one for each bit set in the number of leaves. It is all that is needed to add leaves or to tell the root.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of a zero byte and the entry: no leaf can pass for a node (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and the hashes of both children (RFC 9162 section 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


class Node(NamedTuple):
    """The root of a perfect subtree: the ``number``-th, from the left, of all those of 2 ** ``height`` leaves."""

    height: int
    number: int


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
        """The tree with more leaves at its right end."""
        return self.grow(leaf_hashes).tree

    def grow(self, leaf_hashes: Iterable[bytes]) -> "Growth":
        """Add leaves at the right end, height by height: each new node is the hash of two below it."""
        new = list(leaf_hashes)
        size, waiting, roots, levels = self.size + len(new), list(self.roots), [], []
        while new or waiting:
            levels.append(new)
            row = [waiting.pop(), *new] if self.size >> (len(levels) - 1) & 1 else new
            if len(row) % 2:
                roots.append(row[-1])
            new = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
        return Growth(Frontier(size, tuple(reversed(roots))), tuple(map(tuple, levels)))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all leaves."""
        return join(self.roots)

    def packed(self) -> bytes:
        """The roots one after the other."""
        return b"".join(self.roots)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Read what ``packed`` wrote; ``fits`` tells whether it is whole."""
        return cls(size, split(packed))


@dataclass(frozen=True)
class Growth:
    """A grown tree, and at each height, leaves first, the roots of the perfect subtrees that closed with it."""

    tree: Frontier
    closed: tuple[tuple[bytes, ...], ...]


def split(packed: bytes) -> tuple[bytes, ...]:
    """Hashes that lie one after the other."""
    return tuple(packed[start : start + HASH_BYTES] for start in range(0, len(packed), HASH_BYTES))


def join(roots: Sequence[bytes]) -> bytes:
    """The hash of a tree from the roots of its perfect subtrees, largest first (RFC 9162 section 2.1.1)."""
    if not roots:
        return EMPTY_ROOT
    *rest, root = roots
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def covering(leaves: range) -> tuple[Node, ...]:
    """The perfect subtrees, largest first, of leaves that begin where a subtree of that size may."""
    found, start, left = [], leaves.start, len(leaves)
    while left:
        height = left.bit_length() - 1
        found.append(Node(height, start >> height))
        start, left = start + (1 << height), left - (1 << height)
    return tuple(found)


def inclusion_path(index: int, size: int) -> tuple[range, ...]:
    """Which leaves each hash of an inclusion proof stands for, the lowest first (PATH of RFC 9162 section 2.1.3.1)."""
    path, leaves = [], range(size)
    while len(leaves) > 1:
        left, right = _halves(leaves)
        path.append(right if index in left else left)
        leaves = left if index in left else right
    return tuple(reversed(path))


def consistency_path(old: int, new: int) -> tuple[range, ...]:
    """Which leaves each hash of a consistency proof stands for (PROOF of RFC 9162 section 2.1.4.1)."""
    path, leaves = [], range(new)
    while 0 < old < leaves.stop:
        left, right = _halves(leaves)
        path.append(right if old <= left.stop else left)
        leaves = left if old <= left.stop else right
    if leaves.start > 0:  # the old tree is not itself a subtree of the new one
        path.append(leaves)
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf's hash is the ``index``-th of the tree of ``size`` leaves with this root.

    The steps of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:  # (1)
        return False
    node, last, found = index, size - 1, leaf  # (2, 3)
    for sibling in proof:  # (4)
        if last == 0 or len(sibling) != HASH_BYTES:  # (4.1)
            return False
        if node & 1 or node == last:  # (4.2)
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1  # (4.3)
    return last == 0 and found == root  # (5)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of ``new`` leaves begins with the one of ``old`` leaves, by the roots of both.

    The steps of RFC 9162 section 2.1.4.2. A tree begins with itself and with the empty tree: both need an empty proof.
    """
    if not 0 < old < new:
        same = old == new and old_root == new_root
        return not proof and (same or (old == 0 < new and old_root == EMPTY_ROOT))
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)  # (1, 2)
    if not proof or any(len(step) != HASH_BYTES for step in path):
        return False
    node, last = old - 1, new - 1  # (3)
    while node & 1:  # (4)
        node, last = node >> 1, last >> 1
    old_found = new_found = path[0]  # (5)
    for step in path[1:]:  # (6)
        if last == 0:  # (6.1)
            return False
        if node & 1 or node == last:  # (6.2)
            old_found, new_found = node_hash(step, old_found), node_hash(step, new_found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_found = node_hash(new_found, step)
        node, last = node >> 1, last >> 1  # (6.3)
    return last == 0 and (old_found, new_found) == (old_root, new_root)  # (7)


def _halves(leaves: range) -> Iterator[range]:
    """Both sides of a node: the left one as large a power of two as leaves something to the right."""
    middle = leaves.start + (1 << (len(leaves) - 1).bit_length() - 1)
    return iter((range(leaves.start, middle), range(middle, leaves.stop)))
