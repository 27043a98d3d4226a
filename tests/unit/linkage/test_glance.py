"""What is looked up of pairs is what their rules say of them, one by one."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from linkage.config import Comparison, LinkageConfig
from linkage.errors import LinkageConfigurationError
from linkage.paired import glance
from linkage.paired.coded import Coded, code
from linkage.paired.glance import DOUBT, Facts, told
from linkage.paired.levels import levels_here
from linkage.paired.rules import Pairs


@pytest.fixture(scope="module")
def coded(records: pl.DataFrame, config: LinkageConfig) -> Coded:
    """With many a token and encoding missing."""
    chance = np.random.default_rng(5)
    gaps = [
        pl.when(pl.Series(chance.random(records.height) < 0.8)).then(pl.col(name)).alias(name)
        for name in config.columns
    ]
    return code(records.with_columns(gaps), config.columns)


@pytest.fixture(scope="module")
def ends(coded: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours by a surname, and strangers."""
    order = np.argsort(coded.tokens["token_surname"], kind="stable")
    one, other = np.random.default_rng(6).integers(0, coded.records, (2, 20_000))
    return np.append(order[:-1], one), np.append(order[1:], other)


def by_each_rule(pairs: Pairs, comparison: Comparison) -> np.ndarray:
    """The first rule that holds, each asked of every pair."""
    found = np.zeros(len(pairs), dtype=np.int8)
    for place, rule in enumerate(reversed(comparison.rules[1:]), 1):
        found[pairs.holds(rule)] = place
    found[pairs.holds(comparison.unknown)] = -1
    return found


def test_levels_are_those_of_the_first_rule_that_holds(
    coded: Coded, ends: tuple[np.ndarray, np.ndarray], config: LinkageConfig
) -> None:
    found = levels_here(coded, *ends, config)
    for number, comparison in enumerate(config.comparisons.values()):
        assert np.array_equal(found[:, number], by_each_rule(Pairs(coded, *ends), comparison))
    assert all(len(np.unique(column)) > 6 for column in found.T[4:8])  # names, birth, address at many a level


def test_what_tokens_tell_is_never_taken_back(
    coded: Coded, ends: tuple[np.ndarray, np.ndarray], config: LinkageConfig
) -> None:
    facts, found = Facts.of(coded, config), levels_here(coded, *ends, config)
    words = facts.words(*ends)
    for number, comparison in enumerate(config.comparisons.values()):
        it = told(comparison)
        place = facts.places(it.facts, words)
        assert np.array_equal(it.level[place] == DOUBT, it.doubt[:, place].any(axis=0))
        possible = it.doubt.copy()
        possible[it.sure, np.arange(len(it.sure))] = True
        assert possible[found[:, number], place].all()


def test_records_that_follow_each_other_are_looked_at_by_themselves(
    monkeypatch: pytest.MonkeyPatch, coded: Coded, config: LinkageConfig
) -> None:
    monkeypatch.setattr(glance, "_AT_ONCE", 16)
    chance = np.random.default_rng(8)
    apart, wide = Facts.of(replace(coded), config), Facts.of(replace(coded), config)
    wide.words(*chance.integers(0, coded.records, (2, 100)))  # so that all are laid
    for first, second in ((0, 0), (100, 500), (100, coded.records - 40), (95, 480), (200, 500)):
        left, right = chance.integers(first, first + 40, 50), chance.integers(second, second + 40, 50)
        assert np.array_equal(apart.words(left, right), wide.words(left, right))
    assert "_all" not in vars(apart)


def test_records_without_a_token_do_not_agree_by_it(config: LinkageConfig) -> None:
    frame = pl.DataFrame({"record_id": ["0", "1"], "token_sex": ["f", None]}).with_columns(
        pl.lit(None, pl.Binary if name.startswith("encoding") else pl.String).alias(name)
        for name in config.columns
        if name != "token_sex"
    )
    both_ways = levels_here(code(frame, config.columns), np.array([0, 1, 1]), np.array([1, 0, 1]), config)
    assert (both_ways == -1).all()


def test_a_comparison_of_too_many_tokens_is_refused(config: LinkageConfig) -> None:
    many = " or ".join(f"same(token_{letter})" for letter in "abcdefghijklmnopqrstuvwxyz")
    with pytest.raises(LinkageConfigurationError, match="27 times"):
        told(config.comparisons["sex"].model_copy(update={"unknown": many}))
