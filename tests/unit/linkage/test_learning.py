"""What is learned without labels is near to what the records were made with."""

import numpy as np
import pytest

from linkage.config import LinkageConfig
from linkage.learned.learning import Block, Learned, Sample, learn

NAMES = ("a", "b", "c", "d", "e")
M, U = 0.8, (0.02, 0.01, 0.03, 0.02, 0.02)
PERSONS, TOGETHER = 4_000, 0.5


def rules(config: LinkageConfig) -> LinkageConfig:
    """Five comparisons of one level each."""
    one = config.comparisons["sex"]
    level = one.levels["same"].model_copy(update={"m": 0.6})
    plain = one.model_copy(update={"levels": {"same": level}, "different": 0.4})
    return config.model_copy(update={"comparisons": dict.fromkeys(NAMES, plain)})


def made(together: float) -> Sample:
    """Pairs of one person among many of two; of these, d and e agree together in that share of d's agreements."""
    chance = np.random.default_rng(5)
    matching = chance.random((PERSONS, 5)) < M
    apart = chance.random((2_000_000, 5)) < U
    apart[:, 4] = np.where(apart[:, 3] & (chance.random(len(apart)) < together), True, apart[:, 4])
    brought = apart[:, 0] | apart[:, 1] | (apart[:, 3] & apart[:, 4])  # what blocking finds
    rows = np.concatenate([matching[matching[:, 0] | matching[:, 1]], apart[brought]]).astype(np.int8)
    others = apart[~brought][:400_000].astype(np.int8)
    blocks = tuple(Block(rows[:, at] == 1, frozenset([at])) for at in (0, 1))
    return Sample(rows, others, (float(len(rows)), float((~brought).sum())), blocks, frozenset())


def test_m_u_and_the_share_of_matches_are_found(config: LinkageConfig) -> None:
    sample = made(together=0)
    start = tuple(np.array([0.4, 0.6]) for _ in NAMES)
    found = learn(sample, Learned(start, start, 1e-5), rules(config), again=True)
    assert [m[1] for m in found.m] == pytest.approx([M] * 5, abs=0.03)
    assert [u[1] for u in found.u] == pytest.approx(U, rel=0.1)
    assert found.together == ()
    assert found.prior == pytest.approx(PERSONS / sum(sample.pairs), rel=0.1)


def test_what_goes_together_by_chance_is_told(config: LinkageConfig) -> None:
    sample = made(TOGETHER)
    start = tuple(np.array([0.4, 0.6]) for _ in NAMES)
    found = learn(sample, Learned(start, start, 1e-5), rules(config), again=True)
    ((one, other, bits),) = found.together
    assert (one, other) == (3, 4)
    share = 0.02 + 0.98 * 0.02 * TOGETHER
    assert bits == pytest.approx(np.log2((TOGETHER + 0.02 * (1 - TOGETHER)) / share), abs=0.2)


def test_what_is_seldom_known_does_not_stand_between_what_is_always(config: LinkageConfig) -> None:
    sample, chance = made(TOGETHER), np.random.default_rng(7)
    for pairs in (sample.candidates, sample.others):  # c tells of both, where it is known: in one pair of fifty
        pairs[:, 2] = np.where(chance.random(len(pairs)) < 0.02, pairs[:, 3] & pairs[:, 4], -1)
    start = tuple(np.array([0.4, 0.6]) for _ in NAMES)
    found = learn(sample, Learned(start, start, 1e-5), rules(config), again=True)
    assert (3, 4) in {(one, other) for one, other, _ in found.together}


def test_where_there_is_too_little_the_stated_m_stands(config: LinkageConfig) -> None:
    sample = made(together=0)
    start = tuple(np.array([0.4, 0.6]) for _ in NAMES)
    found = learn(sample, Learned(start, start, 1e-5), rules(config), again=False)
    assert [m.tolist() for m in found.m] == [[0.4, 0.6]] * 5
    assert found.prior == 1e-5
    assert found.u[0][1] < 0.03
