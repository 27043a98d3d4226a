"""Quality by counts equals quality by looking at every pair."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import LinkageRefused
from linkage.evaluation import evaluate

assignments = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


def frames(assigned: list[tuple[int, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = [f"r{number}" for number in range(len(assigned))]
    truth = pl.DataFrame({"record_id": ids, "true_person_id": [str(true) for true, _ in assigned]})
    return truth, pl.DataFrame({"record_id": ids, "person_id": [str(found) for _, found in assigned]})


def share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


@settings(deadline=None)
@given(assignments)
def test_pairs(assigned: list[tuple[int, int]]) -> None:
    pairs = list(combinations(assigned, 2))
    true = [one[0] == other[0] for one, other in pairs]
    found = [one[1] == other[1] for one, other in pairs]
    right = sum(a and b for a, b in zip(true, found, strict=True))
    quality = evaluate(*frames(assigned))
    assert quality.precision == pytest.approx(share(right, sum(found)))
    assert quality.recall == pytest.approx(share(right, sum(true)))


@settings(deadline=None)
@given(assignments)
def test_clusters_and_b_cubed(assigned: list[tuple[int, int]]) -> None:
    def groups(side: int) -> list[frozenset[int]]:
        keys = {key[side] for key in assigned}
        return [frozenset(n for n, key in enumerate(assigned) if key[side] == wanted) for wanted in keys]

    true, found = groups(0), groups(1)
    exact = len(set(true) & set(found))
    by_record = [
        (next(group for group in true if n in group), next(group for group in found if n in group))
        for n in range(len(assigned))
    ]
    quality = evaluate(*frames(assigned))
    assert quality.cluster_precision == pytest.approx(exact / len(found))
    assert quality.cluster_recall == pytest.approx(exact / len(true))
    assert quality.b_cubed_precision == pytest.approx(sum(len(t & f) / len(f) for t, f in by_record) / len(assigned))
    assert quality.b_cubed_recall == pytest.approx(sum(len(t & f) / len(t) for t, f in by_record) / len(assigned))
    assert quality.largest_cluster == max(map(len, found))
    assert (quality.persons_true, quality.persons_found, quality.records) == (len(true), len(found), len(assigned))


def test_records_that_only_one_side_holds_are_left_out() -> None:
    truth = pl.DataFrame({"record_id": ["a", "b", "withheld"], "true_person_id": ["1", "1", "1"]})
    register = pl.DataFrame({"record_id": ["a", "b"], "person_id": ["x", "x"]})
    assert evaluate(truth, register).recall == 1.0


def test_a_truth_of_other_records_is_refused() -> None:
    truth = pl.DataFrame({"record_id": ["a"], "true_person_id": ["1"]})
    with pytest.raises(LinkageRefused, match="no record in common"):
        evaluate(truth, pl.DataFrame({"record_id": ["b"], "person_id": ["x"]}))
