"""Random records that pairs alone would run together into one giant: persons found stay of a person's size."""

import numpy as np
import pytest

from linkage.clustered.cluster import Linkage, cluster
from linkage.clustered.pooled import Pooling, Seen, pool
from linkage.paired.grouping import components
from tests.cases import cases

SAME, DIFFERENT = np.array([7.0, 9.0, 5.0, 4.0]), np.array([-3.0, -4.0, -2.0, -1.0])  # bits of four fields
VALUES = (16, 60, 5, 3)  # how many there are of each
RULE = Pooling(threshold=0, considered=-2, largest=10_000, prior=-11.0, family=(True, False, True, True), kin=9)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Who each record is of, and its fields: one in six is somebody else's, one in eight is missing (-1)."""
    chance = np.random.default_rng(seed)
    owner = np.repeat(np.arange(120), chance.integers(1, 7, 120))
    fields = np.stack([chance.integers(0, count, 120) for count in VALUES], axis=1)[owner]
    wrong = chance.random(fields.shape) < 1 / 6
    fields[wrong] = np.stack([chance.integers(0, count, len(owner)) for count in VALUES], axis=1)[wrong]
    fields[chance.random(fields.shape) < 1 / 8] = -1
    return owner, fields


@pytest.mark.parametrize("seed", range(cases(200)))
def test_no_component_is_a_giant(seed: int) -> None:
    owner, fields = drawn(seed)

    def see(left: np.ndarray, right: np.ndarray) -> Seen:
        known = (fields[left] >= 0) & (fields[right] >= 0)
        bits = np.where(fields[left] == fields[right], SAME, DIFFERENT)
        return Seen(np.exp2(bits) * known, known, np.full(len(left), np.inf))

    def weigh(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        seen = see(left, right)
        return np.log2(seen.factor, where=seen.known, out=np.zeros(seen.factor.shape)).sum(axis=1) + RULE.prior

    left, right = np.triu_indices(len(owner), 1)
    weight = weigh(left, right)
    sure = cluster(len(owner), left, right, weight, Linkage(12, -12, 20, -6), weigh)
    found = np.bincount(pool(sure, left, right, weight, see, RULE))
    giant = np.bincount(components(len(owner), left[weight >= 0], right[weight >= 0])).max()
    largest = np.bincount(owner).max()
    assert giant > 40 * largest  # as pairs alone have it
    assert found.max() <= 3 * largest
