"""The tree and its proofs against what Certificate Transparency publishes for its reference leaves."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_published_root(size: int) -> None:
    assert Frontier().add(map(leaf_hash, LEAVES[:size])).root.hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_grown_in_two_batches_it_is_the_tree_of_the_definition(leaves: list[bytes], cut: int) -> None:
    grown = Frontier().add(map(leaf_hash, leaves[:cut])).add(map(leaf_hash, leaves[cut:]))
    assert grown.root == by_definition(leaves)
    assert grown.size == len(leaves)
    assert grown.fits


@given(st.integers(0, 200))
def test_it_is_stored_and_read_again(size: int) -> None:
    tree = Frontier().add(leaf_hash(bytes([number])) for number in range(size))
    assert Frontier.unpack(size, tree.packed()) == tree
    assert not Frontier.unpack(size + 1, tree.packed()).fits or (size + 1).bit_count() == size.bit_count()


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


# Proofs over the same leaves, as Certificate Transparency's reference tests publish them; index from 0.
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def prove(path: tuple[range, ...], leaves: list[bytes]) -> list[bytes]:
    """The hashes of a proof, each from its leaves by the definition."""
    return [by_definition([leaves[place] for place in piece]) for piece in path]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_published_inclusion_proof(index: int, size: int, proof: list[str]) -> None:
    assert [step.hex() for step in prove(inclusion_path(index, size), LEAVES)] == proof
    right = [bytes.fromhex(step) for step in proof]
    assert verify_inclusion(leaf_hash(LEAVES[index]), index, size, right, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_published_consistency_proof(old: int, new: int, proof: list[str]) -> None:
    assert [step.hex() for step in prove(consistency_path(old, new), LEAVES)] == proof
    right = [bytes.fromhex(step) for step in proof]
    assert verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), right)


MANY = [bytes([number]) for number in range(130)]
GROWN = [Frontier().add(map(leaf_hash, MANY[:size])).root for size in range(131)]


def test_every_proof_of_every_tree_up_to_70_leaves_verifies() -> None:
    for size in range(1, 71):
        for index in range(size):
            proof = prove(inclusion_path(index, size), MANY)
            assert verify_inclusion(leaf_hash(MANY[index]), index, size, proof, GROWN[size])
        for old in range(size + 1):
            proof = prove(consistency_path(old, size), MANY)
            assert verify_consistency(old, size, GROWN[old], GROWN[size], proof)


def altered(proof: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Another proof: a bit of a step changed, a step left out, doubled, or cut short."""
    steps = st.integers(0, max(len(proof) - 1, 0))
    flip = st.builds(
        lambda at, bit: [*proof[:at], (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32), *proof[at + 1 :]],
        steps,
        st.integers(0, 255),
    )
    drop = st.builds(lambda at: [*proof[:at], *proof[at + 1 :]], steps)
    double = st.builds(lambda at: [*proof[: at + 1], *proof[at:]], steps)
    short = st.builds(lambda at: [*proof[:at], proof[at][:-1], *proof[at + 1 :]], steps)
    return st.one_of(flip, drop, double, short) if proof else st.just([bytes(32)])


@given(st.data(), st.integers(2, 130))
def test_no_other_inclusion_proof_verifies(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, leaf = prove(inclusion_path(index, size), MANY), leaf_hash(MANY[index])
    assert not verify_inclusion(leaf, index, size, data.draw(altered(proof)), GROWN[size])
    other = data.draw(st.integers(-1, size + 1).filter(lambda number: number != index))
    assert not verify_inclusion(leaf, other, size, proof, GROWN[size])
    assert not verify_inclusion(leaf_hash(b"forged"), index, size, proof, GROWN[size])
    assert not verify_inclusion(leaf, index, size, proof, GROWN[size - 1])


@given(st.data(), st.integers(2, 130))
def test_no_other_consistency_proof_verifies(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = prove(consistency_path(old, new), MANY)
    assert not verify_consistency(old, new, GROWN[old], GROWN[new], data.draw(altered(proof)))
    assert not verify_consistency(old, new, GROWN[old - 1], GROWN[new], proof)
    assert not verify_consistency(old, new, GROWN[old], GROWN[new - 1], proof)


def test_a_tree_begins_with_itself_and_with_nothing_and_never_with_a_longer_one() -> None:
    assert verify_consistency(0, 5, EMPTY_ROOT, GROWN[5], [])
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert not verify_consistency(0, 5, GROWN[1], GROWN[5], [])
    assert not verify_consistency(5, 5, GROWN[5], GROWN[4], [])
    assert not verify_consistency(5, 4, GROWN[5], GROWN[4], [])
    assert not verify_consistency(4, 5, GROWN[4], GROWN[5], [])
    assert not verify_consistency(-1, 5, EMPTY_ROOT, GROWN[5], [])
