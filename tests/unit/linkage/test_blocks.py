"""Pairs some at a time are the pairs at once, and weigh the same."""

import numpy as np
import polars as pl
import pytest

from linkage.clustered.persons import group, scale_of
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.paired.blocks import Blocks
from linkage.paired.coded import Coded, code
from linkage.paired.compared import compare
from linkage.paired.meeting import meet
from tests.unit.linkage.at_once import bring_together, candidates


@pytest.fixture(scope="module")
def coded(records: pl.DataFrame, config: LinkageConfig) -> Coded:
    return code(records, config.columns)


@pytest.fixture(scope="module")
def at_once(coded: Coded, config: LinkageConfig) -> np.ndarray:
    return candidates(coded, config.largest_blocks, config.rare_block)


@pytest.mark.parametrize("most", [500, 20_000, 10**9])
def test_slabs_are_all_pairs_once_and_in_order(
    coded: Coded, at_once: np.ndarray, config: LinkageConfig, most: int
) -> None:
    blocks = Blocks.of(coded, config)
    slabs = [blocks.pairs_of(records) for records in blocks.slabs(most)]
    assert np.array_equal(np.concatenate(slabs), at_once)
    assert len(slabs) == 1 or max(map(len, slabs)) < most + int(blocks.followers.max())


def test_a_pair_is_together_if_it_is_a_candidate(coded: Coded, at_once: np.ndarray, config: LinkageConfig) -> None:
    blocks = Blocks.of(coded, config)
    one, other = np.random.default_rng(3).integers(0, coded.records, (2, 50_000))
    left, right = np.minimum(one, other)[one != other], np.maximum(one, other)[one != other]
    known = np.isin(left * coded.records + right, at_once)
    assert np.array_equal(blocks.together(left, right), known)
    assert blocks.together(*np.divmod(at_once, coded.records)).all()


def test_what_meets_is_what_weighs_enough_and_gives_the_same_persons(
    records: pl.DataFrame, model: Model, config: LinkageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = bring_together(records, config)
    scale = scale_of(brought.coded, model, config)
    every = compare(scale, brought)
    monkeypatch.setattr("linkage.paired.meeting._AT_ONCE", 20_000)
    met = meet(scale, Blocks.of(brought.coded, config))
    kept = (every.weight >= -4) | (every.constraint >= 0)
    assert met.pairs == len(every.left)
    assert np.array_equal(met.compared.weight, every.weight[kept])
    assert np.array_equal(met.compared.right, every.right[kept])
    light = (1 / (1 + np.exp2(-every.weight[~kept]))).sum()
    assert (
        light <= met.light <= light + 2**-16 * met.pairs
    )  # no pair let go of counts less than it is worth, nor much more
    assert np.array_equal(group(scale, met.compared), group(scale, every))


def test_no_record_has_no_pairs(records: pl.DataFrame, config: LinkageConfig) -> None:
    blocks = Blocks.of(code(records.clear(), config.columns), config)
    assert not any(len(blocks.pairs_of(records)) for records in [np.arange(0), *blocks.slabs(10)])
