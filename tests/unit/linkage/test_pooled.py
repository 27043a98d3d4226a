"""What records say together: a person's many spellings do not count against them, another's settled ones do."""

from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustered.pooled import Pooling, Seen, pool

RULE = Pooling(threshold=0, considered=-2, largest=100, prior=-12.0)
BITS = {"name": (8.0, -4.0), "born": (12.0, -4.0), "place": (6.0, -3.0)}  # same, different
Record = tuple[str, str, str]  # empty: missing


def weight(one: Record, other: Record) -> list[float | None]:
    """Bits by part, None where one is missing."""
    pairs = zip(one, other, BITS.values(), strict=True)
    return [None if not (a and b) else same if a == b else different for a, b, (same, different) in pairs]


def persons(
    records: list[Record],
    rule: Pooling = RULE,
    ceilings: dict[tuple[int, int], float] | None = None,
    chance: Random | None = None,
) -> list[int]:
    """Group records that are alone to begin with, every pair of them compared."""

    def see(left: np.ndarray, right: np.ndarray) -> Seen:
        bits = [weight(records[a], records[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True)]
        known = np.array([[it is not None for it in row] for row in bits], dtype=bool).reshape(-1, 3)
        factor = np.array([[0.0 if it is None else 2.0**it for it in row] for row in bits]).reshape(-1, 3)
        said = [(ceilings or {}).get((min(a, b), max(a, b)), np.inf) for a, b in zip(left, right, strict=True)]
        return Seen(factor, known, np.array(said, dtype=float))

    pairs = list(combinations(range(len(records)), 2))
    if chance is not None:
        chance.shuffle(pairs)
    total = [sum(it or 0.0 for it in weight(records[a], records[b])) + rule.prior for a, b in pairs]
    left, right = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    return list(pool(np.arange(len(records)), left, right, np.array(total, float), see, rule).tolist())


ANN = ("ann", "1", "kew")


def test_a_person_written_in_many_ways_takes_in_one_more_record() -> None:
    spellings = [("ann", "1", "kew"), ("anne", "1", "kew"), ("anna", "1", "kew"), ("nan", "1", "kew")]
    assert persons([*spellings, ("ann", "", "kew")]) == [0] * 5
    assert persons([ANN, ("ann", "", "kew")]) == [0, 0]
    assert persons([("anne", "1", "kew"), ("ann", "", "kew")]) == [0, 1]  # by itself it would not


def test_father_and_son_who_are_often_recorded_stay_two() -> None:
    father, son = [("john", "1", "kew")] * 4, [("john", "2", "kew")] * 4
    high = Pooling(threshold=0, considered=-20, largest=100, prior=-6.0)  # a pair of theirs alone would pass
    assert sum(it or 0 for it in weight(father[0], son[0])) + high.prior > 0
    assert persons([*father, *son], high) == [0] * 4 + [4] * 4


def test_two_with_settled_birthdays_stay_two_however_much_their_family_shares() -> None:
    father, son = [("john", "1", "kew")] * 12, [("john", "2", "kew")] * 5
    rare = Pooling(threshold=0, considered=-20, largest=100, prior=6.0)  # a name and a place that nobody else has
    assert persons([*father, *son], rare) == [0] * 17
    assert persons([*father, *son], replace(rare, family=(True, False, True), kin=5)) == [0] * 12 + [12] * 5


def test_what_a_family_shares_joins_one_record_still() -> None:
    kin = Pooling(threshold=0, considered=-20, largest=100, prior=-6.0, family=(True, False, True), kin=5)
    assert persons([("john", "1", "kew")] * 4 + [("john", "", "kew"), ("john", "2", "kew")], kin) == [0] * 6


def test_one_wrong_birthday_does_not_put_a_record_out() -> None:
    assert persons([("john", "1", "kew")] * 4 + [("john", "2", "kew")], Pooling(0, -20, 100, -6.0)) == [0] * 5


def test_what_agrees_with_one_stray_record_of_many_is_not_the_person() -> None:
    stray = ("bea", "9", "ham")
    others = [ANN] * 9
    assert persons([*others, stray, ("bea", "9", "")])[-1] == 9


def test_a_pair_with_a_constraint_is_held_apart_by_it() -> None:
    assert persons([ANN, ANN]) == [0, 0]
    assert persons([ANN, ANN], ceilings={(0, 1): -1.0}) == [0, 1]


def test_no_person_has_more_records_than_anybody_can() -> None:
    assert max(np.bincount(persons([ANN] * 7, Pooling(0, -2, 3, -12.0)))) <= 3


@pytest.mark.parametrize("missing", [("", "", ""), ("", "", "kew")])
def test_a_record_that_says_too_little_stays_alone(missing: Record) -> None:
    assert persons([ANN, ANN, missing]) == [0, 0, 2]


some_records = st.lists(st.tuples(*(st.sampled_from(["", "a", "b"]) for _ in BITS)), min_size=1, max_size=9)


@settings(deadline=None)
@given(some_records, st.randoms())
def test_pairs_in_any_order_give_the_same_persons(records: list[Record], chance: Random) -> None:
    found = persons(records)
    assert all(label <= number and found[label] == label for number, label in enumerate(found))
    assert persons(records, chance=chance) == found
