"""A person of more records than people mostly have comes apart at the weakest merges, unless all of them are sure."""

from itertools import combinations

import numpy as np
import pytest

from linkage.clustered.decided import NOTHING, Decided
from linkage.clustered.plentiful import Looked, again
from linkage.clustered.pooled import Pooling, Seen, pool
from linkage.paired.grouping import Edges

RULE = Pooling(threshold=0, considered=-2, largest=100, prior=-6.0)
SAME = {"name": (6.0, -4.0), "born": (12.0, -6.0), "place": (3.0, -3.0)}  # same, different
Record = tuple[str, str, str]  # empty: missing
ANN, VAGUE = ("ann", "1", "kew"), ("ann", "", "kew")  # Ann is sure to be Ann; by name and place alone it is 3 bits


def looked(records: list[Record], decided: Decided = NOTHING) -> Looked:
    """Records that begin alone, or as decided, every pair of them compared."""

    def see(left: np.ndarray, right: np.ndarray) -> Seen:
        rows = [list(zip(records[a], records[b], SAME.values(), strict=True)) for a, b in zip(left, right, strict=True)]
        known = np.array([[bool(a and b) for a, b, _ in row] for row in rows], dtype=bool).reshape(-1, 3)
        bits = np.array([[same if a == b else other for a, b, (same, other) in row] for row in rows]).reshape(-1, 3)
        return Seen(np.exp2(bits) * known, known, np.full(len(left), np.inf))

    left, right = np.array(list(combinations(range(len(records)), 2)), dtype=np.int64).T
    seen = see(left, right)
    weight = np.log2(seen.factor, where=seen.known, out=np.zeros(seen.factor.shape)).sum(axis=1) + RULE.prior
    return Looked(decided.start(len(records)), left, right, weight, see, decided)


def persons(records: list[Record], plenty: int, decided: Decided = NOTHING) -> list[int]:
    basis = looked(records, decided)
    label = pool(basis.sure, basis.left, basis.right, basis.weight, basis.see, RULE, decided)
    assert len(set(label.tolist())) == 1  # all are one to begin with
    return again(label, basis, RULE, plenty, 12.0).tolist()


def test_who_is_joined_by_little_comes_off_a_person_of_many_records() -> None:
    assert persons([ANN] * 9 + [VAGUE] * 2, plenty=9) == [0] * 9 + [9, 9]


def test_a_person_of_no_more_records_than_people_have_stays_whole() -> None:
    assert persons([ANN] * 9 + [VAGUE] * 2, plenty=11) == [0] * 11


def test_somebody_recorded_often_stays_whole_if_every_merge_is_sure() -> None:
    assert persons([ANN] * 20, plenty=9) == [0] * 20
    assert persons([ANN] * 20 + [VAGUE], plenty=9) == [0] * 21  # nor does one vague record more tear them apart


def test_what_people_decided_stays_together() -> None:
    same, none = Edges.between(np.array([0]), np.array([9])), np.zeros(0, dtype=np.int64)
    decided = Decided(same, Edges.between(none, none))
    assert persons([ANN] * 9 + [VAGUE] * 2, 10, decided) == [0] * 10 + [10]


@pytest.mark.parametrize("turned", [False, True])
def test_other_persons_are_as_they_were(turned: bool) -> None:
    records = [ANN] * 9 + [VAGUE] * 2 + [("bob", "2", "ham")] * 3
    if turned:
        records.reverse()
    basis = looked(records)
    label = pool(basis.sure, basis.left, basis.right, basis.weight, basis.see, RULE)
    found = again(label, basis, RULE, 9, 12.0)
    bobs = [at for at, record in enumerate(records) if record[0] == "bob"]
    assert {int(found[at]) for at in bobs} == {min(bobs)}
    assert sorted(np.bincount(found)[np.bincount(found) > 0].tolist()) == [2, 3, 9]
