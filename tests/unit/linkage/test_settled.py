"""What people said of one pair settles others: as surely as their records are those persons', and no surer."""

from types import SimpleNamespace

import numpy as np
import pytest

from linkage.clustered.decided import Decided
from linkage.paired.grouping import Edges
from linkage.reviewed.settled import SURE, settled

LABEL = [0, 0, 0, 3, 3, 5]
PAIRS = {(0, 1): 20.0, (0, 2): 1.0, (3, 4): 20.0, (1, 3): -3.0, (1, 4): -9.0, (2, 4): -9.0, (2, 5): 0.5, (0, 5): 2.0}


def weights(label: list[int], *, same: tuple[int, int] | None = None, apart: tuple[int, int] | None = None) -> dict:
    """Of each pair what it weighs, once these two are decided to be one person, or two."""
    left, right = (np.array(side, dtype=np.int32) for side in zip(*PAIRS, strict=True))
    pairs = SimpleNamespace(left=left, right=right, weight=np.array(list(PAIRS.values())))
    kept = SimpleNamespace(pairs=pairs, label=np.array(label), alive=np.ones(len(label), dtype=bool))
    edges = [Edges.between(*np.array([it] if it else [], dtype=np.int64).reshape(-1, 2).T) for it in (same, apart)]
    found = settled(kept, Decided(*edges))  # type: ignore[arg-type]
    return dict(zip(PAIRS, found.tolist(), strict=True))


def test_who_is_one_person_is_one_by_all_records() -> None:
    found = weights([0, 0, 0, 0, 0, 5], same=(0, 3))
    assert found[1, 3] == pytest.approx(20, abs=0.01)  # as surely as 1 is of 0's person
    assert found[1, 4] == pytest.approx(19, abs=0.01)  # and 4 of 3's
    assert -1 < found[2, 4] < 1  # 2 is hardly surer of 0's person than a toss of a coin
    assert {pair: found[pair] for pair in [(0, 1), (0, 2), (3, 4), (2, 5), (0, 5)]} == {
        (0, 1): 20, (0, 2): 1, (3, 4): 20, (2, 5): 0.5, (0, 5): 2,
    }  # fmt: skip


def test_who_are_two_are_two_by_all_records() -> None:
    found = weights(LABEL, apart=(0, 5))
    assert found[0, 5] == -SURE
    assert found[2, 5] == pytest.approx(-1, abs=0.01)
    assert all(found[pair] == PAIRS[pair] for pair in PAIRS if 5 not in pair)


def test_nothing_decided_settles_nothing() -> None:
    assert weights(LABEL) == PAIRS
