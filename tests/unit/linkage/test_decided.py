"""What people decided of pairs outranks every weight, in both steps of clustering."""

import numpy as np
import pytest

from linkage.clustered.cluster import Linkage, cluster
from linkage.clustered.decided import Decided
from linkage.clustered.pooled import Pooling, Seen, pool
from linkage.errors import LinkageRefused
from linkage.paired.grouping import Edges

RULE = Linkage(threshold=0, floor=-12, ceiling=20, unseen=-6)
POOLING = Pooling(threshold=0, considered=-2, largest=100, prior=-5)


def pairs(*them: tuple[int, int]) -> Edges:
    return Edges.between(*np.array(them, dtype=np.int64).reshape(-1, 2).T)


def clustered(records: int, weights: dict[tuple[int, int], float], decided: Decided) -> list[int]:
    left, right = np.array(list(weights), dtype=np.int64).reshape(-1, 2).T
    weight = np.array(list(weights.values()))
    return cluster(records, left, right, weight, RULE, None, decided).tolist()


def pooled(records: int, weights: dict[tuple[int, int], float], decided: Decided) -> list[int]:
    left, right = np.array(list(weights), dtype=np.int64).reshape(-1, 2).T
    weight = np.array(list(weights.values()))

    def see(one: np.ndarray, other: np.ndarray) -> Seen:
        bits = [weights.get((min(a, b), max(a, b)), -6.0) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
        factor = np.exp2(np.array(bits) - POOLING.prior).reshape(-1, 1)
        return Seen(factor, np.ones_like(factor, dtype=bool), np.full(len(bits), np.inf))

    return pool(decided.start(records), left, right, weight, see, POOLING, decided).tolist()


BOTH = pytest.mark.parametrize("grouped", [clustered, pooled])


@BOTH
def test_records_that_are_two_persons_stay_apart_however_alike(grouped) -> None:
    weights = {(0, 1): 15.0}
    assert grouped(2, weights, Decided(pairs(), pairs())) == [0, 0]
    assert grouped(2, weights, Decided(pairs(), pairs((0, 1)))) == [0, 1]


@BOTH
def test_they_are_not_joined_through_a_third_either(grouped) -> None:
    weights = {(0, 1): 15.0, (1, 2): 14.0, (0, 2): 1.0}
    assert grouped(3, weights, Decided(pairs(), pairs())) == [0, 0, 0]
    assert grouped(3, weights, Decided(pairs(), pairs((0, 2)))) == [0, 0, 2]


@BOTH
def test_a_pair_that_was_never_compared_can_be_held_apart(grouped) -> None:
    weights = {(0, 1): 15.0, (1, 2): 14.0, (1, 3): 1.0, (0, 3): 12.0, (2, 3): 12.0}
    assert grouped(4, weights, Decided(pairs(), pairs((0, 2)))) in ([0, 0, 2, 0], [0, 0, 2, 2])


@BOTH
def test_records_of_one_person_are_joined_however_unlike(grouped) -> None:
    weights = {(0, 1): -9.0, (1, 2): 3.0}
    assert grouped(4, weights, Decided(pairs((0, 3), (0, 1)), pairs()))[:2] == [0, 0]
    assert grouped(4, weights, Decided(pairs((0, 3), (0, 1)), pairs()))[3] == 0


def test_decisions_that_contradict_each_other_link_nothing() -> None:
    with pytest.raises(LinkageRefused, match="one decision, and of one person by others"):
        Decided(pairs((0, 1), (1, 2)), pairs((0, 2))).start(3)
