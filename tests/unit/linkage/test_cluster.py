"""Clustering: one wrong edge does not join two persons, and the order of pairs decides nothing."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustered.cluster import Linkage, cluster
from linkage.paired.grouping import components

RULE = Linkage(threshold=2, floor=-12, ceiling=15, unseen=-6)
Pairs = list[tuple[int, int, float]]


def grouped(records: int, pairs: Pairs, rule: Linkage = RULE) -> list[int]:
    left, right, weight = zip(*pairs, strict=True) if pairs else ((), (), ())
    found = cluster(records, np.array(left, np.int64), np.array(right, np.int64), np.array(weight, float), rule)
    return list(found.tolist())


def test_records_without_pairs_stay_alone() -> None:
    assert grouped(3, []) == [0, 1, 2]


def test_a_pair_joins_at_the_threshold_and_not_below() -> None:
    assert grouped(4, [(0, 1, 2.0), (2, 3, 1.9)]) == [0, 0, 2, 3]


def test_one_wrong_edge_does_not_join_two_persons() -> None:
    person, other = [(0, 1), (0, 2), (1, 2)], [(3, 4), (3, 5), (4, 5)]
    within = [(a, b, 10.0) for a, b in person + other]
    assert grouped(6, [*within, (2, 3, 10.0)]) == [0, 0, 0, 3, 3, 3]


def test_one_bad_record_does_not_tear_a_person_apart() -> None:
    pairs = [(a, b, 12.0) for a, b in combinations(range(4), 2)]
    pairs[pairs.index((0, 3, 12.0))] = (0, 3, -12.0)
    assert grouped(4, pairs) == [0, 0, 0, 0]


def test_a_pair_never_compared_speaks_against_a_merge() -> None:
    assert grouped(3, [(0, 1, 9.0), (1, 2, 5.0)]) == [0, 0, 2]


def test_no_single_pair_is_proof_beyond_the_ceiling() -> None:
    assert grouped(3, [(0, 1, 9.0), (1, 2, 100.0), (0, 2, -12.0)]) == [0, 1, 1]


def slow(records: int, pairs: Pairs, rule: Linkage) -> list[int]:
    """Rules 1 to 3 as they are written, group by group."""
    held = {(a, b): min(max(bits, rule.floor), rule.ceiling) for a, b, bits in pairs}
    groups = [frozenset([record]) for record in range(records)]

    def mean(one: frozenset[int], other: frozenset[int]) -> float:
        between = [held.get((min(a, b), max(a, b)), rule.unseen) for a in one for b in other]
        return round(sum(between) / len(between), 9)

    while len(groups) > 1:
        bits, _, _, one, other = min((-mean(a, b), *sorted((min(a), min(b))), a, b) for a, b in combinations(groups, 2))
        if -bits < rule.threshold:
            break
        groups = [group for group in groups if group not in (one, other)] + [one | other]
    return [min(next(group for group in groups if record in group)) for record in range(records)]


pairs_of_eight = st.dictionaries(
    st.sampled_from(list(combinations(range(8), 2))), st.integers(-14, 18).map(float), max_size=28
)


@settings(deadline=None)
@given(pairs_of_eight)
def test_average_linkage_is_what_it_says(found: dict[tuple[int, int], float]) -> None:
    pairs = [(a, b, bits) for (a, b), bits in found.items()]
    assert grouped(8, pairs) == slow(8, pairs, RULE)


@settings(deadline=None)
@given(pairs_of_eight, st.randoms())
def test_the_order_of_pairs_does_not_matter(found: dict[tuple[int, int], float], chance: object) -> None:
    pairs = [(a, b, bits) for (a, b), bits in found.items()]
    shuffled = [(b, a, bits) for a, b, bits in pairs]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert grouped(8, pairs) == grouped(8, shuffled)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40))
def test_components_are_those_of_a_walk(edges: list[tuple[int, int]]) -> None:
    reached = list(range(20))
    for _ in range(20):
        for a, b in edges:
            reached[a] = reached[b] = min(reached[a], reached[b])
    left, right = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    assert components(20, left, right).tolist() == reached
