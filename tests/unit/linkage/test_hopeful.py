"""Pairs are let go of only if they could come to nothing, whatever the rules look at first."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from linkage.clustered.persons import scale_of
from linkage.config import LinkageConfig
from linkage.learned.model import Brought, Model
from linkage.learned.weighing import Scale
from linkage.paired.compared import Compared, compare
from linkage.paired.hopeful import worth
from linkage.paired.levels import levels, levels_here
from linkage.paired.rules import bits_set
from tests.unit.linkage.at_once import bring_together


@pytest.fixture(scope="module")
def brought(records: pl.DataFrame, config: LinkageConfig) -> Brought:
    return bring_together(records.head(1500), config)


def counting(scale: Scale, brought: Brought) -> Compared:
    """The pairs that count, each compared to the end."""
    left, right = brought.left, brought.right
    whole = Brought(scale.coded, brought.keys, left, right, levels(scale.coded, left, right, scale.config))
    every = compare(scale, whole)
    least = min(scale.config.clustering.considered, scale.config.review.from_)
    return every.at(np.flatnonzero((every.weight >= least) | (every.constraint >= 0)))


def equal(one: Compared, other: Compared) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Compared.__dataclass_fields__)


def with_comparison(config: LinkageConfig, name: str, **changed: object) -> LinkageConfig:
    own = config.comparisons[name].model_copy(update=changed)
    return config.model_copy(update={"comparisons": config.comparisons | {name: own}})


RULES: dict[str, Callable[[LinkageConfig], LinkageConfig]] = {
    "as they are": lambda config: config,
    "unknown by an encoding": lambda config: with_comparison(
        config, "sex", unknown="missing(token_sex) or bits(encoding_forename) <= 40"
    ),
    "not alike": lambda config: with_comparison(
        config, "address", unknown="missing(token_postcode) or not dice(encoding_postcode) >= 0.2"
    ),
    "everything is asked about": lambda config: config.model_copy(
        update={"review": config.review.model_copy(update={"from_": -30.0})}
    ),
    "no constraint": lambda config: config.model_copy(update={"constraints": {}}),
}


@pytest.mark.parametrize("change", RULES.values(), ids=RULES)
def test_what_counts_is_what_counts_of_all(
    brought: Brought, model: Model, config: LinkageConfig, change: Callable[[LinkageConfig], LinkageConfig]
) -> None:
    scale = scale_of(brought.coded, model, change(config))
    found, every = worth(scale, brought.left, brought.right), counting(scale, brought)
    assert equal(found.compared, every)
    assert np.array_equal(brought.left[found.at], every.left)
    assert np.array_equal(brought.right[found.at], every.right)


def test_of_strangers_fewer_encodings_are_compared(
    brought: Brought, model: Model, config: LinkageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(words: np.ndarray) -> np.ndarray:
        asked.append(len(words))
        return bits_set(words)

    monkeypatch.setattr("linkage.paired.rules.bits_set", counted)
    strangers = np.random.default_rng(7).integers(0, brought.coded.records, (2, 20_000)).astype(np.int32)
    levels_here(brought.coded, *strangers, config)
    every = sum(asked)
    asked.clear()
    worth(scale_of(brought.coded, model, config), *strangers)
    assert 0 < sum(asked) < every * 3 / 4


def test_no_pairs_are_no_pairs(brought: Brought, model: Model, config: LinkageConfig) -> None:
    none = np.zeros(0, dtype=np.int32)
    found = worth(scale_of(brought.coded, model, config), none, none)
    assert (len(found.at), len(found.compared.weight), found.light) == (0, 0, 0.0)
